"""mosec with a tensor in MessagePack."""

from typing import Any

import numpy as np
from bench_reductions import largest
from mosec import Server, Worker
from mosec.mixin import MsgpackMixin  # type: ignore[import-not-found]


class Tensor(MsgpackMixin, Worker):
    """Predicts batches of tensors."""

    def forward(self, data: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Predict a batch."""
        tensors = [
            np.frombuffer(each["values"], np.float32).reshape(each["shape"]) for each in data
        ]
        return [{"largest": answer} for answer in largest(np.stack(tensors)).tolist()]


if __name__ == "__main__":
    server = Server()
    server.append_worker(Tensor, num=1, max_batch_size=64, max_wait_time=1, route="/tensor")
    server.run()
