"""Asks Ray Serve by the client that protoc wrote."""

import bench_client
import grpc
import iris_pb2
import iris_pb2_grpc

stub = iris_pb2_grpc.IrisStub(grpc.insecure_channel(f"127.0.0.1:{bench_client.port()}"))


def predict(row: bench_client.Row) -> bench_client.Answer:
    """Ask about one row."""
    prediction = stub.Predict(iris_pb2.Instance(**bench_client.as_json(row)), timeout=30)
    return prediction.species, list(prediction.probabilities)


def body(row: bench_client.Row) -> bytes:
    """Return the message that the client sends."""
    data: bytes = iris_pb2.Instance(**bench_client.as_json(row)).SerializeToString()
    return data


if __name__ == "__main__":
    bench_client.run(predict, body)
