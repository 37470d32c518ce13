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
        most: How many rows a slice has at most.
        goes_on: Called before each further slice, with the rows of the one before; tells whether
            it may be taken.

    Attributes:
        rows: How many rows the newest slice has.
    """

    def __init__(self, first: Slice, call: Call, most: int, goes_on: Callable[[int], bool]) -> None:
        self._first = first
        self._call = call
        self._most = self.rows = most
        self._goes_on = goes_on

    def __iter__(self) -> Iterator[Slice]:
        call = self._call
        yield self._first
        for _ in range(1, MOST_SLICES):
            if not (call.rows and self._goes_on(self.rows)):
                return
            before = call.rows
            following = call.take(self._most)
            self.rows = before - call.rows
            yield following
