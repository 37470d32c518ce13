"""What batches answer."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any, Self, TypeVar

Result = TypeVar("Result")


class Call(ABC):
    """Rows that a caller asks about, of which batches take slices.

    Attributes:
        rows: How many rows no batch has taken yet.
        group: What the next rows have in common; only rows of one group share a batch.
        size: How many bytes were taken from the budget for it.
        deadline: When answers are of no use any more, on the clock of time.monotonic.
        future: Ends when the call does, if somebody awaits it.
        taken: How many slices batches have taken.
        running: How many of these are in batches that are not done.
        has_ended: Whether it was answered, or has left.
    """

    # Whether several slices may be answered at once, as a run.
    in_runs = False
    # What answers it, once it has answered some rows: a model that is exchanged meanwhile does not.
    answer: Any = None
    # How many callers it stands for. Those of a block are taken out of it where they differ.
    callers = 1

    __slots__ = ("deadline", "future", "group", "has_ended", "rows", "running", "size", "taken")

    future: "asyncio.Future[None]"
    size: int
    deadline: float

    def __init__(self, rows: int, group: Hashable) -> None:
        self.rows = rows
        self.group = group
        self.taken = 0
        self.running = 0
        self.has_ended = False

    @abstractmethod
    def take(self, most: int) -> Any:
        """Take the next rows as a slice, at least one and at most so many."""

    @abstractmethod
    def put(self, place: int, answer: Any) -> None:
        """Keep the answer to a slice; they are counted from 0. What this raises, the call does."""

    def split(self, most: int) -> Self:
        """Return a call of the first callers, so many at most; the others stay in this one."""
        return self

    def singles(self) -> Sequence["Call"]:
        """Return a call for each caller, in place of this one."""
        return [self]

    def single(self, caller: Any) -> "Call":
        """Return a call for one of the callers, who leaves this one."""
        return self

    def late(self, end: float) -> Sequence["Call"]:
        """Return calls for the callers who do not wait until then; they leave this one."""
        return [self] if self.deadline < end else []

    def is_wanted(self) -> bool:
        """Tell whether the caller still waits; any thread may ask."""
        return not (self.has_ended or self.future.done())

    def end(self, error: Exception | None) -> Callable[[], None] | None:
        """End the call, once: with all its answers, or with an error.

        Returns:
            What is left to be done on the event loop, if anything is.
        """
        return partial(settle, self.future, error)


def settle(future: "asyncio.Future[Result]", outcome: Result | Exception) -> None:
    """End a future with a result or an error, unless it has been cancelled."""
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
