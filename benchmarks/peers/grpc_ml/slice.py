"""Prints as JSON how many rows a slice of a large call has, and how many ms the model takes for it.

Slices grow as those of the service do, while the model is quick. BENCH_MODEL and BENCH_MODELS name
the model, as for the service.
"""

import json
import statistics
import sys
import timeit

import bench_client
import numpy as np
from iris_classifier.engine.batching.batcher import TURN_SECONDS
from iris_classifier.engine.settings import Settings
from iris_classifier.model import Model
from iris_classifier.schema import Inputs

FLOWER = (5.1, 3.5, 1.4, 0.2)
REPEATS = 9


def seconds_for(rows: int) -> float:
    """Return how long the model takes for so many rows."""
    columns = [np.full(rows, value, np.float32) for value in FLOWER]
    inputs = Inputs(**dict(zip(bench_client.FEATURES, columns, strict=True)))
    timer = timeit.Timer(lambda: model.predict(inputs))
    number = max(1, timer.autorange()[0] // REPEATS)
    return statistics.median(timer.repeat(REPEATS, number)) / number


model = Model()
settings = Settings()
most = settings.slice_rows
rows = settings.max_batch_size
seconds = seconds_for(rows)
while rows < most and seconds < TURN_SECONDS / 2:
    rows = min(2 * rows, most)
    seconds = seconds_for(rows)
json.dump({"rows": rows, "ms": 1000 * seconds}, sys.stdout)
