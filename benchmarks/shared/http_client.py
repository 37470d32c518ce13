"""Asks the services that take a row as JSON at /predict."""

import http.client
import json
import threading

import bench_client

local = threading.local()


def predict(row: bench_client.Row) -> bench_client.Answer:
    """POST a row, on one connection a thread."""
    if not hasattr(local, "connection"):
        local.connection = http.client.HTTPConnection("127.0.0.1", bench_client.port(), timeout=30)
    local.connection.request("POST", "/predict", body(row), {"Content-Type": "application/json"})
    response = local.connection.getresponse()
    text = response.read()
    if response.status != 200:
        raise RuntimeError(f"status {response.status}: {text[:200]!r}")
    answer = json.loads(text)
    return answer["species"], answer["probabilities"]


def body(row: bench_client.Row) -> bytes:
    """Return a row as compact JSON."""
    return json.dumps(bench_client.as_json(row), separators=(",", ":")).encode()


if __name__ == "__main__":
    bench_client.run(predict, body)
