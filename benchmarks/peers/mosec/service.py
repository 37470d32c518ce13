"""mosec: a Rust front that batches for one worker process."""

from typing import Any

from bench_model import FEATURES, IrisModel
from mosec import Server, Worker


class Iris(Worker):
    """Predicts batches."""

    def __init__(self) -> None:
        """Load the model."""
        self._model = IrisModel()

    def forward(self, data: list[dict[str, float]]) -> list[dict[str, Any]]:
        """Predict a batch of instances."""
        return self._model.predict_json([[row[name] for name in FEATURES] for row in data])


if __name__ == "__main__":
    server = Server()
    server.append_worker(Iris, num=1, max_batch_size=64, max_wait_time=1, route="/predict")
    server.run()
