"""Asks the services that take a file's content over HTTP.

python http_file_client.py PORT FORM PATH CONTENT_TYPE

A form is a way to write the content that a service's users would choose.
"""

import base64
import http.client
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from bench_client import FEATURES
from bench_file_client import both, places, run
from numpy.typing import NDArray

TIMEOUT = 50


@dataclass(frozen=True)
class Form:
    """How a request and its answer are written.

    Attributes:
        encode: Writes a request.
        decode: Returns the numbers of an answer.
    """

    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], NDArray[Any]]


def as_json(value: Any) -> bytes:
    """Return compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()


def as_numpy(array: NDArray[Any]) -> bytes:
    """Return what np.save writes."""
    file = BytesIO()
    np.save(file, array)
    return file.getvalue()


def as_message_pack(array: NDArray[Any]) -> bytes:
    """Return the shape and the bytes of an array in MessagePack."""
    import msgpack

    data: bytes = msgpack.packb({"shape": array.shape, "values": array.tobytes()})
    return data


def instances(rows: NDArray[Any]) -> bytes:
    """Return rows as a list of objects."""
    return as_json({"instances": [dict(zip(FEATURES, row, strict=True)) for row in rows.tolist()]})


def columns(rows: NDArray[Any]) -> bytes:
    """Return rows as a list a column."""
    return as_json(dict(zip(FEATURES, rows.T.tolist(), strict=True)))


def numbers(key: str) -> Callable[[bytes], NDArray[Any]]:
    """Return what finds the numbers in an object with one list of them."""
    return lambda answer: np.array(json.loads(answer)[key])


def of_predictions(answer: bytes) -> NDArray[Any]:
    """Return the numbers in a list of objects."""
    found = json.loads(answer)
    species = places(each["species"] for each in found)
    return both(species, [each["probabilities"] for each in found])


def of_columns(answer: bytes) -> NDArray[Any]:
    """Return the numbers in an object of columns."""
    found = json.loads(answer)
    return both(places(found["species"]), found["probabilities"])


def of_numpy(answer: bytes) -> NDArray[Any]:
    """Return the numbers in what np.savez wrote."""
    found = np.load(BytesIO(answer))
    return both(found["species"], found["probabilities"])


def of_message_pack(answer: bytes) -> NDArray[Any]:
    """Return the numbers in MessagePack, of either model."""
    import msgpack

    found = msgpack.unpackb(answer)
    if "largest" in found:
        return np.array(found["largest"])
    return both(
        np.frombuffer(found["species"], np.uint8),
        np.frombuffer(found["probabilities"], np.float32),
    )


def in_base64(data: bytes) -> bytes:
    """Return a picture as text in JSON."""
    return as_json({"picture": base64.b64encode(data).decode()})


def unchanged(data: bytes) -> bytes:
    """Return a picture's bytes."""
    return data


FORMS = {
    "tensor-json": Form(lambda array: as_json({"values": array.tolist()}), numbers("largest")),
    "tensor-numpy": Form(as_numpy, numbers("largest")),
    "tensor-msgpack": Form(as_message_pack, of_message_pack),
    "jpeg-bytes": Form(unchanged, numbers("brightness")),
    "jpeg-base64": Form(in_base64, numbers("brightness")),
    "rows-json": Form(instances, of_predictions),
    "columns-json": Form(columns, of_columns),
    "rows-numpy": Form(as_numpy, of_numpy),
    "rows-msgpack": Form(as_message_pack, of_message_pack),
}


def main(port: str, name: str, path: str, content_type: str) -> None:
    """Ask about the file in one form."""
    form = FORMS[name]

    def ask(data: bytes) -> NDArray[Any]:
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=TIMEOUT)
        connection.request("POST", path, data, {"Content-Type": content_type})
        response = connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"status {response.status}: {answer[:200]!r}")
        return form.decode(answer)

    run(form.encode, ask)


if __name__ == "__main__":
    main(*sys.argv[1:])
