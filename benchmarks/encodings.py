"""What encodings cost, in bytes and microseconds; runs in the generated project's environment.

    python encodings.py

Each goes from NumPy to bytes and back. protobuf is the generated project's own way: its messages,
and its packed fields.
"""

import json
import timeit
from collections.abc import Callable, Mapping
from typing import Any

import bson
import msgpack
import numpy as np
import orjson
from iris_classifier.engine.fields.packed import extend
from iris_classifier.v1 import service_pb2 as pb
from numpy.typing import NDArray

FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
ROWS = 1000
IMAGE = (3, 224, 224)
REPEATS = 5

Columns = Mapping[str, NDArray[np.floating]]
Encode = Callable[[Any], bytes]
Decode = Callable[[bytes], Any]

# How each of the self-describing encodings writes and reads lists and dictionaries.
GENERAL: dict[str, tuple[Encode, Decode]] = {
    "JSON (json)": (lambda value: json.dumps(value).encode(), json.loads),
    "JSON (orjson)": (
        lambda value: orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY),
        orjson.loads,
    ),
    "MessagePack": (lambda value: msgpack.packb(value, use_single_float=True), msgpack.unpackb),
    "BSON": (bson.encode, bson.decode),
}
TAKES_ARRAYS = "JSON (orjson)"


def main() -> None:
    """Measure all, and print the results as JSON."""
    random = np.random.default_rng(0)
    # Measured to a tenth, as flowers are: short in JSON.
    columns = {name: random.uniform(0.1, 8, ROWS).round(1) for name in FEATURES}
    row = {name: column[0].item() for name, column in columns.items()}
    image = {"values": random.normal(size=IMAGE).astype(np.float32)}
    results = [
        measure("one row", "protobuf", row, encode_row, decode_row),
        *(measure("one row", name, row, *functions) for name, functions in GENERAL.items()),
        measure("1,000 rows", "protobuf", columns, encode_columns, decode_columns),
        *(measure_arrays("1,000 rows", name, columns) for name in GENERAL),
        measure("image 3x224x224", "protobuf", image, encode_image, decode_image),
        *(measure_arrays("image 3x224x224", name, image) for name in GENERAL),
    ]
    print(json.dumps(results))


def encode_row(row: dict[str, float]) -> bytes:
    """Encode an instance."""
    data: bytes = pb.Instance(**row).SerializeToString()
    return data


def decode_row(data: bytes) -> dict[str, float]:
    """Decode an instance."""
    instance = pb.Instance.FromString(data)
    return {name: getattr(instance, name) for name in FEATURES}


def encode_columns(columns: Columns) -> bytes:
    """Encode the columns of many instances."""
    message = pb.InstanceColumns()
    for name, column in columns.items():
        extend(message, name, column)
    data: bytes = message.SerializeToString()
    return data


def decode_columns(data: bytes) -> Columns:
    """Decode the columns of many instances."""
    message = pb.InstanceColumns.FromString(data)
    return {name: np.array(getattr(message, name), np.float32) for name in FEATURES}


def encode_image(image: Columns) -> bytes:
    """Encode a tensor in a field that holds floats, as all tensors are sent."""
    message = pb.PredictionColumns()
    extend(message, "probabilities", image["values"])
    data: bytes = message.SerializeToString()
    return data


def decode_image(data: bytes) -> Columns:
    """Decode a tensor."""
    message = pb.PredictionColumns.FromString(data)
    return {"values": np.array(message.probabilities, np.float32).reshape(IMAGE)}


def measure_arrays(what: str, name: str, arrays: Columns) -> dict[str, Any]:
    """Measure an encoding that knows lists, or arrays, of numbers."""
    dumps, loads = GENERAL[name]

    def encode(arrays: Columns) -> bytes:
        if name == TAKES_ARRAYS:
            return dumps(arrays)
        return dumps({key: array.tolist() for key, array in arrays.items()})

    def decode(data: bytes) -> Columns:
        return {key: np.array(value, np.float32) for key, value in loads(data).items()}

    return measure(what, name, arrays, encode, decode)


def measure(what: str, name: str, value: Any, encode: Encode, decode: Decode) -> dict[str, Any]:
    """Measure one encoding of one value, once it is found to come back as it was."""
    data = encode(value)
    for key, decoded in decode(data).items():
        np.testing.assert_allclose(decoded, value[key], rtol=1e-6)
    return {
        "what": what,
        "encoding": name,
        "bytes": len(data),
        "encode_us": microseconds(lambda: encode(value)),
        "decode_us": microseconds(lambda: decode(data)),
    }


def microseconds(function: Callable[[], object]) -> float:
    """Return how long a call takes, at best."""
    timer = timeit.Timer(function)
    number, _ = timer.autorange()
    return min(timer.repeat(REPEATS, number)) / number * 1e6


if __name__ == "__main__":
    main()
