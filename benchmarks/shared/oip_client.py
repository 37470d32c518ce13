"""Asks the services that speak the Open Inference Protocol over gRPC, by Triton's client."""

import bench_client
import numpy as np
from bench_model import SPECIES
from tritonclient import grpc as triton

client = triton.InferenceServerClient(f"127.0.0.1:{bench_client.port()}")


def inputs(row: bench_client.Row) -> list[triton.InferInput]:
    """Return a row as a tensor."""
    tensor = triton.InferInput("features", [1, len(row)], "FP32")
    tensor.set_data_from_numpy(np.array([row], np.float32))
    return [tensor]


def predict(row: bench_client.Row) -> bench_client.Answer:
    """Ask for both outputs."""
    result = client.infer("iris", inputs(row), client_timeout=30)
    species = result.as_numpy("species").item()
    return SPECIES[species], result.as_numpy("probabilities").ravel().tolist()


def body(row: bench_client.Row) -> bytes:
    """Return the message that the client sends."""
    request = triton.service_pb2.ModelInferRequest(model_name="iris")
    for tensor in inputs(row):
        request.inputs.append(tensor._get_tensor())
        request.raw_input_contents.append(tensor._get_content())
    data: bytes = request.SerializeToString()
    return data


if __name__ == "__main__":
    bench_client.run(predict, body)
