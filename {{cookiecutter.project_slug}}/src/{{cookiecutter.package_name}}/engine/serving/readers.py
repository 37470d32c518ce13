"""Reads large requests on threads, beside the event loop."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from ..batching.threads import Threads

# How many requests are read at once.
READERS = 2

Result = TypeVar("Result")


class Readers:
    """Threads that read requests. The end of the process does not wait for them."""

    def __init__(self) -> None:
        self._threads: Threads | None = None  # They start with the first request.
        self._started: dict[object, float] = {}

    @property
    def busy_seconds(self) -> float:
        """For how long the oldest request that is read has been; 0 if none is."""
        return max((time.monotonic() - began for began in [*self._started.values()]), default=0.0)

    def submit(self, read: Callable[[], Result]) -> Future[Result]:
        """Read on a thread; a read that is cancelled before it has begun is left out."""
        outcome: Future[Result] = Future()

        def run() -> None:
            if not outcome.set_running_or_notify_cancel():
                return
            self._started[outcome] = time.monotonic()
            try:
                outcome.set_result(read())
            except BaseException as error:
                outcome.set_exception(error)
            finally:
                del self._started[outcome]

        if not self._threads:
            self._threads = Threads(READERS, "reader")
        self._threads.put(run)
        return outcome

    def close(self) -> None:
        """End the threads, once what they read is read."""
        if self._threads:
            self._threads.close()
