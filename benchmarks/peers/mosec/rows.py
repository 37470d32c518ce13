"""mosec with many rows in MessagePack at /rows, beside single ones in JSON at /predict."""

from typing import Any

import numpy as np
from bench_model import IrisModel
from mosec import Server, Worker
from mosec.mixin import MsgpackMixin  # type: ignore[import-not-found]
from service import Iris  # type: ignore[import-not-found]


class Rows(MsgpackMixin, Worker):
    """Predicts requests of many rows, one at a time."""

    def __init__(self) -> None:
        """Load the model."""
        self._model = IrisModel()

    def forward(self, data: dict[str, Any]) -> dict[str, bytes]:
        """Predict the rows of one request."""
        rows = np.frombuffer(data["values"], np.float32).reshape(data["shape"])
        species, probabilities = self._model.predict(rows)
        return {
            "species": species.astype(np.uint8).tobytes(),
            "probabilities": probabilities.tobytes(),
        }


if __name__ == "__main__":
    server = Server()
    server.append_worker(Iris, num=1, max_batch_size=64, max_wait_time=1, route="/predict")
    server.append_worker(Rows, num=1, route="/rows")
    server.run()
