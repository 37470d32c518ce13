"""Slices of one call, one after the other."""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from .call import Call

Slice = TypeVar("Slice")

# Most slices of a run, whose answers are looked after together. More save more of what each batch
# costs beside the model; fewer, and less is in vain when the model fails.
MOST_SLICES = 64


class Run(Generic[Slice]):
    """Yields a slice of a call, and further ones as long as they may be taken.

    Args:
        first: A slice that was taken already.
        call: The call.
        rows: How many rows that has.
        most_rows: Called before each further slice, with the rows of the one before; returns how
            many the next one may have, and 0 if there is to be none.

    Attributes:
        rows: How many rows the newest slice has.
    """

    def __init__(
        self, first: Slice, call: Call, rows: int, most_rows: Callable[[int], int]
    ) -> None:
        self._first = first
        self._call = call
        self.rows = rows
        self._most_rows = most_rows

    def __iter__(self) -> Iterator[Slice]:
        call = self._call
        yield self._first
        for _ in range(1, MOST_SLICES):
            if not (call.rows and (most := self._most_rows(self.rows))):
                return
            before = call.rows
            following = call.take(most)
            self.rows = before - call.rows
            yield following
