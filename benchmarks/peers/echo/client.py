"""Asks for an echo of the generated service's request."""

import struct

import bench_client
import grpc

channel = grpc.insecure_channel(f"127.0.0.1:{bench_client.port()}")
echo: "grpc.UnaryUnaryMultiCallable[bytes, bytes]" = channel.unary_unary("/bench.Echo/Echo")


def predict(row: bench_client.Row) -> bench_client.Answer:
    """Check the echo, and answer as the model that does nothing."""
    if echo(body(row), timeout=30) != body(row):
        raise RuntimeError("the echo is not what was sent")
    return "setosa", [1.0, 0.0, 0.0]


def body(row: bench_client.Row) -> bytes:
    """Return a message with a message (field 1) with a float a feature (fields 1, 2, ...)."""
    instance = b"".join(
        struct.pack("<Bf", number << 3 | 5, value) for number, value in enumerate(row, 1)
    )
    return struct.pack("BB", 1 << 3 | 2, len(instance)) + instance


if __name__ == "__main__":
    bench_client.run(predict, body)
