"""Asks about a file by the generated client: python file_client.py PORT PACKAGE.

The request is built as the client builds it.
"""

import importlib
import sys
from typing import Any

import bench_client
import numpy as np
from bench_file_client import both, places, run
from numpy.typing import NDArray

TIMEOUT = 50
# Above any message that is measured.
MOST_BYTES = 2**30


def main(port: str, package: str) -> None:
    """Ask the project of a package about the file."""
    client = importlib.import_module(package).Client(
        f"127.0.0.1:{port}", max_message_bytes=MOST_BYTES
    )
    pb = importlib.import_module(f"{package}.v1.service_pb2")
    extend = importlib.import_module(f"{package}.engine.fields.packed").extend
    has_rows = package == "iris_classifier"
    given: dict[str, Any] = {}

    def body(content: Any) -> bytes:
        given.update(fields(package, content))
        message = pb.InstanceColumns() if has_rows else pb.Instance()
        for name, value in given.items():
            if isinstance(value, bytes):
                setattr(message, name, value)
            else:
                extend(message, name, np.ascontiguousarray(value))
        request = (
            pb.BatchPredictRequest(instances=message)
            if has_rows
            else pb.PredictRequest(instance=message)
        )
        data: bytes = request.SerializeToString()
        return data

    def ask(_: bytes) -> NDArray[Any]:
        if has_rows:
            predictions = client.batch_predict(given, timeout=TIMEOUT)
            return both(places(predictions.species), predictions.probabilities)
        prediction = client.predict(**given, timeout=TIMEOUT)
        return np.asarray(prediction.brightness if package == "picture" else prediction.largest)

    run(body, ask)


def fields(package: str, content: Any) -> dict[str, Any]:
    """Return what a project's client takes: columns, a picture, or a tensor of its shape."""
    if package == "iris_classifier":
        return dict(zip(bench_client.FEATURES, content.T, strict=True))
    if package == "picture":
        return {"picture": content}
    return {"values": content if package == "tensor" else content.ravel()}


if __name__ == "__main__":
    main(*sys.argv[1:])
