"""Asks by raw tensors of the Open Inference Protocol: python oip_file_client.py PORT MODEL."""

import sys
from typing import Any

import grpc
import numpy as np
from bench_file_client import both, run
from numpy.typing import NDArray
from tritonclient.grpc import InferResult, service_pb2

METHOD = "/inference.GRPCInferenceService/ModelInfer"
TIMEOUT = 50
# The name of each model's input.
INPUTS = {"tensor": "values", "iris": "features"}


def main(port: str, model: str) -> None:
    """Ask a model about the file."""
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    infer: grpc.UnaryUnaryMultiCallable[bytes, Any] = channel.unary_unary(
        METHOD, response_deserializer=service_pb2.ModelInferResponse.FromString
    )

    def body(array: NDArray[np.float32]) -> bytes:
        # A tensor is one instance; rows have the first axis already.
        batch = array if model == "iris" else array[np.newaxis]
        request = service_pb2.ModelInferRequest(model_name=model)
        request.inputs.add(name=INPUTS[model], datatype="FP32", shape=batch.shape)
        request.raw_input_contents.append(batch.tobytes())
        data: bytes = request.SerializeToString()
        return data

    def ask(data: bytes) -> NDArray[Any]:
        result = InferResult(infer(data, timeout=TIMEOUT))
        if model == "iris":
            return both(result.as_numpy("species"), result.as_numpy("probabilities"))
        largest: NDArray[Any] = result.as_numpy("largest")
        return largest

    run(body, ask)


if __name__ == "__main__":
    main(*sys.argv[1:])
