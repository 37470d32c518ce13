"""What a copy in memory costs, the least that a large request can; runs in its own environment.

python memory_copy.py BYTES...

Prints as JSON how many microseconds a copy of so many bytes takes, at the median.
"""

import json
import statistics
import sys
import timeit

import numpy as np

REPEATS = 5


def main(sizes: list[int]) -> None:
    """Copy as many bytes as each size has."""
    print(json.dumps([microseconds(size) for size in sizes]))


def microseconds(size: int) -> float:
    """Return how long a copy takes."""
    source, target = np.ones(size, np.uint8), np.zeros(size, np.uint8)
    timer = timeit.Timer(lambda: np.copyto(target, source))
    number, _ = timer.autorange()
    return 1e6 * statistics.median(timer.repeat(REPEATS, number)) / number


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
