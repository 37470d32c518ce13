"""Asks BentoML by its own client: a request is a list of instances."""

import json

import bench_client
import bentoml

client = bentoml.SyncHTTPClient(f"http://127.0.0.1:{bench_client.port()}", timeout=30)


def predict(row: bench_client.Row) -> bench_client.Answer:
    """Ask about one row."""
    (answer,) = client.predict(instances=[bench_client.as_json(row)])
    return answer["species"], answer["probabilities"]


def body(row: bench_client.Row) -> bytes:
    """Return a list of one row as compact JSON."""
    return json.dumps({"instances": [bench_client.as_json(row)]}, separators=(",", ":")).encode()


if __name__ == "__main__":
    bench_client.run(predict, body)
