"""Asks about many rows, over and over, by the generated client: python large.py PORT ROWS.

Prints a line when the first call has ended. When its input ends, it lets the last call end, and
prints as JSON how many seconds each answer took, the first one aside, and how many calls ended
with which error.
"""

import json
import sys
import threading
import time
from collections import Counter

import bench_client
import numpy as np
from iris_classifier import CallError, Client

FLOWER = bench_client.as_json((5.1, 3.5, 1.4, 0.2))
TIMEOUT = 120
# Rest after a call that was refused, so that refusals are not most of the load.
REST = 0.1


def main(port: int, rows: int) -> None:
    """Call until the input ends, and print what came of it."""
    done = threading.Event()

    def read_to_the_end() -> None:
        sys.stdin.read()
        done.set()

    threading.Thread(target=read_to_the_end, daemon=True).start()
    columns = {name: np.full(rows, value, np.float32) for name, value in FLOWER.items()}
    seconds: list[float] = []
    errors: Counter[str] = Counter()

    def call() -> None:
        began = time.perf_counter()
        try:
            predictions = client.batch_predict(columns, timeout=TIMEOUT)
        except CallError as error:
            errors[error.code.name] += 1
            done.wait(REST)
            return
        seconds.append(time.perf_counter() - began)
        if len(predictions.probabilities) != rows:
            sys.exit(f"{len(predictions.probabilities)} answers to {rows} rows")

    with Client(f"127.0.0.1:{port}") as client:
        call()
        print("the first call has ended", flush=True)
        seconds.clear()
        errors.clear()
        while not done.is_set():
            call()
    json.dump({"seconds": seconds, "errors": errors}, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
