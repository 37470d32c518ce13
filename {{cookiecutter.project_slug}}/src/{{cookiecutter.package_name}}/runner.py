"""Runs batches, and finds the calls that make them fail."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from .pace import Pace
from .threads import Threads

Call = TypeVar("Call")
Answer = TypeVar("Answer")

Run = Callable[[Sequence[Call]], Sequence[Answer]]
Outcomes = list[Answer | Exception]


class Runner:
    """Runs batches on threads.

    Args:
        count: How many batches run at once.

    Attributes:
        pace: How fast they are.
    """

    def __init__(self, count: int) -> None:
        self.pace = Pace()
        self._threads = Threads(count)

    def start(
        self,
        run: Run[Call, Answer],
        calls: Sequence[Call],
        finish: Callable[[tuple[Outcomes[Answer], float]], None],
    ) -> None:
        """Run a batch.

        Args:
            run: Answers the calls of a batch, in order.
            calls: Those of this batch.
            finish: Called on the event loop, with the answer or the error of each call and the
                seconds that they took.
        """
        self._threads.start(partial(timed_outcomes, run, calls), finish)

    def close(self) -> None:
        """End the threads, once the batches that run are done."""
        self._threads.close()


def timed_outcomes(run: Run[Call, Answer], calls: Sequence[Call]) -> tuple[Outcomes[Answer], float]:
    """Return the answer or the error of each call, in order, and the seconds that they took."""
    started = time.monotonic()
    outcomes = find_outcomes(run, calls)
    return outcomes, time.monotonic() - started


def find_outcomes(run: Run[Call, Answer], calls: Sequence[Call]) -> Outcomes[Answer]:
    """Return the answer or the error of each call, in order.

    A call that makes its batch fail is found by halving the batch, so that the others are
    answered.
    """
    try:
        answers: Outcomes[Answer] = [*run(calls)]
        if len(answers) != len(calls):
            raise RuntimeError(f"{len(calls)} calls got {len(answers)} answers")
        return answers
    except BaseException as error:
        if len(calls) == 1:
            return [as_exception(error)]
    half = len(calls) // 2
    return [*find_outcomes(run, calls[:half]), *find_outcomes(run, calls[half:])]


def as_exception(error: BaseException) -> Exception:
    """Return an error as one that a future takes.

    It takes no StopIteration, and what is no Exception, such as sys.exit and the panics of
    libraries in Rust, would end more than its call.
    """
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    wrapped = RuntimeError(f"the model raised {error!r}")
    wrapped.__cause__ = error
    return wrapped
