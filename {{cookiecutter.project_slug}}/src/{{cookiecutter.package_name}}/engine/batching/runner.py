"""Asks for answers, and finds the slices that make a batch fail."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Slice = TypeVar("Slice")
Answer = TypeVar("Answer")

Answering = Callable[[Sequence[Slice]], Sequence[Answer]]
Outcomes = list[Answer | Exception]


def find_outcomes(
    answer: Answering[Slice, Answer],
    slices: Sequence[Slice],
    error: Exception,
    is_wanted: Callable[[int], bool],
    search_seconds: float,
) -> Outcomes[Answer]:
    """Return the answer or the error of each slice of a batch that has failed, in order.

    A slice that makes its batch fail is found by halving the batch, so that the others are
    answered. A model that takes its time to fail, and fails for all, would be asked twice for each
    slice: so none is asked about that nobody waits for, and none once the search has lasted for so
    long; those have the error of the smallest batch that they were in.

    Args:
        answer: Answers slices.
        slices: Those of the batch.
        error: Its error.
        is_wanted: Tells whether anybody waits for the slice at a place; it is asked on this thread.
        search_seconds: Longest search.
    """
    end = time.monotonic() + search_seconds
    outcomes: Outcomes[Answer] = [error] * len(slices)
    groups = halves(range(len(slices)), is_wanted)
    while groups and time.monotonic() < end:
        group = groups.pop()
        answers = attempt(answer, [slices[place] for place in group])
        if isinstance(answers, Exception):
            groups += halves(group, is_wanted)
            answers = [answers] * len(group)
        for place, outcome in zip(group, answers, strict=True):
            outcomes[place] = outcome
    return outcomes


def halves(group: Sequence[int], is_wanted: Callable[[int], bool]) -> list[Sequence[int]]:
    """Return the two halves of a group that failed, the first one last, without what nobody wants."""
    if len(group) == 1:
        return []
    wanted = [place for place in group if is_wanted(place)]
    half = len(wanted) // 2
    return [part for part in (wanted[half:], wanted[:half]) if part]


def attempt(
    answer: Answering[Slice, Answer], slices: Sequence[Slice]
) -> Outcomes[Answer] | Exception:
    """Return the answers of slices together, or their error."""
    try:
        answers: Outcomes[Answer] = [*answer(slices)]
        if len(answers) != len(slices):
            raise RuntimeError(f"{len(slices)} slices got {len(answers)} answers")
        return answers
    except BaseException as error:
        return as_exception(error)


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
