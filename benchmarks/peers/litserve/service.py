"""LitServe: batches for one worker process, over its fast (ZeroMQ) queue: service.py PORT."""

import sys
from typing import Any

import litserve
from bench_model import FEATURES, IrisModel


class Iris(litserve.LitAPI):
    """Predicts batches."""

    def setup(self, device: str) -> None:
        """Load the model."""
        self._model = IrisModel()

    def decode_request(self, request: dict[str, float]) -> list[float]:
        """Return a request as a row."""
        return [request[name] for name in FEATURES]

    def batch(self, inputs: list[list[float]]) -> list[list[float]]:
        """Leave the rows as they are: the model takes a list of them."""
        return inputs

    def predict(self, x: list[list[float]]) -> list[dict[str, Any]]:
        """Predict a batch of rows."""
        return self._model.predict_json(x)

    def unbatch(self, output: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Leave the answers as they are: a list of them."""
        return output


if __name__ == "__main__":
    api = Iris(max_batch_size=64, batch_timeout=0.001, api_path="/predict")
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1, fast_queue=True)
    server.run(
        host="127.0.0.1",
        port=int(sys.argv[1]),
        num_api_servers=1,
        generate_client_file=False,
        log_level="warning",
        access_log=False,
    )
