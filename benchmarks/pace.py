"""Tells whether others slow the machine down: a virtual one may lose half its pace for minutes."""

import time

# Well above what timings of the same work differ by on a machine left alone.
STEADY = 1.2
WAIT_SECONDS = 4


class Pace:
    """The pace of this machine, in times of its best."""

    def __init__(self) -> None:
        self._best = min(work() for _ in range(20))

    def slowness(self) -> float:
        """Return how many times longer the same work takes now than it did at best."""
        seconds = work()
        self._best = min(self._best, seconds)
        return seconds / self._best

    def wait(self) -> None:
        """Wait until the machine is at its best, though not for ever."""
        deadline = time.monotonic() + WAIT_SECONDS
        while self.slowness() > STEADY and time.monotonic() < deadline:
            time.sleep(0.2)


def work() -> float:
    """Return how many seconds some work takes."""
    started = time.perf_counter()
    sum(i * i for i in range(500_000))
    return time.perf_counter() - started
