"""Runs batches on threads, beside the event loop."""

import asyncio
import time
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

Call = TypeVar("Call")
Answer = TypeVar("Answer")

Outcomes = list[Answer | Exception]


class Threads:
    """Threads that wait for work.

    Args:
        count: How many batches run at once.
    """

    def __init__(self, count: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._count = count
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        for _ in range(count):
            Thread(target=self._serve, name="model", daemon=True).start()

    def start(
        self,
        run: Callable[[Sequence[Call]], Sequence[Answer]],
        calls: Sequence[Call],
        finish: Callable[[Outcomes[Answer], float], None],
    ) -> None:
        """Run a batch.

        Args:
            run: Answers the calls of a batch, in order.
            calls: Those of this batch.
            finish: Called on the event loop, with the answer or the error of each call and the
                seconds that they took.
        """

        def work() -> None:
            started = time.monotonic()
            found = outcomes(run, calls)
            self._loop.call_soon_threadsafe(finish, found, time.monotonic() - started)

        self._work.put(work)

    def close(self) -> None:
        """End the threads, once the batches that run are done."""
        for _ in range(self._count):
            self._work.put(None)

    def _serve(self) -> None:
        while work := self._work.get():
            work()


def outcomes(
    run: Callable[[Sequence[Call]], Sequence[Answer]], calls: Sequence[Call]
) -> Outcomes[Answer]:
    """Return the answer or the error of each call.

    A call that makes its batch fail is found by halving the batch, so that the others are
    answered.
    """
    try:
        answers: Outcomes[Answer] = [*run(calls)]
        if len(answers) != len(calls):
            raise RuntimeError(f"{len(calls)} calls got {len(answers)} answers")
        return answers
    except Exception as error:
        if len(calls) == 1:
            return [error]
    half = len(calls) // 2
    return [*outcomes(run, calls[:half]), *outcomes(run, calls[half:])]
