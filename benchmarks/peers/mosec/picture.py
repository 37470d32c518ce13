"""mosec with the bytes of a picture."""

from typing import Any

import numpy as np
from bench_reductions import brightness, decode
from mosec import Server, Worker


class Picture(Worker):
    """Predicts batches of pictures."""

    def deserialize(self, data: bytes) -> bytes:
        """Leave the bytes as they are, in place of JSON."""
        return data

    def forward(self, data: list[bytes]) -> list[dict[str, Any]]:
        """Predict a batch."""
        pictures = np.stack([decode(each) for each in data])
        return [{"brightness": answer} for answer in brightness(pictures).tolist()]


if __name__ == "__main__":
    server = Server()
    server.append_worker(Picture, num=1, max_batch_size=64, max_wait_time=1, route="/picture")
    server.run()
