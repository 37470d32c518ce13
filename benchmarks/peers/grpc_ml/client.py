"""Asks the generated service by its own generated client."""

import bench_client
from iris_classifier import Client
from iris_classifier.v1 import service_pb2 as pb

client = Client(f"127.0.0.1:{bench_client.port()}")


def predict(row: bench_client.Row) -> bench_client.Answer:
    """Ask about one row."""
    prediction = client.predict(**bench_client.as_json(row), timeout=30)
    return prediction.species, prediction.probabilities.tolist()


def body(row: bench_client.Row) -> bytes:
    """Return the message that the client sends."""
    instance = pb.Instance(**bench_client.as_json(row))
    data: bytes = pb.PredictRequest(instance=instance).SerializeToString()
    return data


if __name__ == "__main__":
    bench_client.run(predict, body)
