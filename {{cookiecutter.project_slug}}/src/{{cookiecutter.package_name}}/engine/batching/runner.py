"""Runs a batch, and finds the slices that make it fail."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Slice = TypeVar("Slice")
Answer = TypeVar("Answer")

Answering = Callable[[Sequence[Slice]], Sequence[Answer]]
Outcomes = list[Answer | Exception]


def timed_outcomes(
    answer: Answering[Slice, Answer], slices: Sequence[Slice]
) -> tuple[Outcomes[Answer], float]:
    """Return the answer or the error of each slice, in order, and the seconds that they took."""
    started = time.monotonic()
    outcomes = find_outcomes(answer, slices)
    return outcomes, time.monotonic() - started


def find_outcomes(answer: Answering[Slice, Answer], slices: Sequence[Slice]) -> Outcomes[Answer]:
    """Return the answer or the error of each slice, in order.

    A slice that makes its batch fail is found by halving the batch, so that the others are
    answered.
    """
    try:
        answers: Outcomes[Answer] = [*answer(slices)]
        if len(answers) != len(slices):
            raise RuntimeError(f"{len(slices)} slices got {len(answers)} answers")
        return answers
    except BaseException as error:
        if len(slices) == 1:
            return [as_exception(error)]
    half = len(slices) // 2
    return [*find_outcomes(answer, slices[:half]), *find_outcomes(answer, slices[half:])]


def as_exception(error: BaseException) -> Exception:
    """Return an error as one that a future takes.

    It takes no StopIteration, and what is no Exception, such as sys.exit and the panics of
    libraries in Rust, would end more than its call.
    """
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    wrapped = RuntimeError(f"the model raised {type(error).__name__}")
    wrapped.__cause__ = error
    return wrapped
