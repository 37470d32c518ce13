"""What calls ask of the model: one instance, or many as columns."""

from collections.abc import Hashable, Sequence
from typing import Any, Self

from .batches import Batches, count, part


class AnswerTooLargeError(Exception):
    """The answer to a call is larger than a message may be; the argument is the most bytes."""


class One:
    """Asks about one instance; it is its own slice.

    Attributes:
        instance: The instance as a message, or as columns of one row if it is decoded.
        rows: 1, and 0 once a batch has taken it.
        group: The shapes of the instance.
        response: The answer, once it is there.
    """

    __slots__ = ("group", "instance", "response", "rows")

    response: Any

    def __init__(self, instance: Any, group: Hashable) -> None:
        self.instance = instance
        self.rows = 1
        self.group = group

    def take(self, most: int) -> Self:
        """Return the instance."""
        self.rows = 0
        return self

    def put(self, place: int, answer: Any) -> None:
        """Keep the answer."""
        self.response = answer


class Many:
    """Asks about the rows of a request of columns.

    Args:
        batches: Knows which rows have one shape.
        pieces: The rows, in order, as columns that each have one shape.
        most_bytes: The most bytes that the response may have.

    Attributes:
        rows: How many rows no batch has taken yet.
    """

    def __init__(self, batches: Batches, pieces: Sequence[Any], most_bytes: int) -> None:
        self._batches = batches
        self._pieces = list(reversed(pieces))
        self.rows = sum(map(count, pieces))
        self._start = 0
        self._most_bytes = self._room = most_bytes
        self._answers: dict[int, Any] = {}

    @property
    def group(self) -> Hashable:
        """The shapes of the next rows."""
        return self._batches.shapes(self._pieces[-1])

    def take(self, most: int) -> Any:
        """Return the next rows, at most so many."""
        piece = self._pieces[-1]
        rows = part(piece, self._start, self._start + most)
        taken = count(rows)
        self.rows -= taken
        self._start += taken
        if self._start == count(piece):
            self._pieces.pop()
            self._start = 0
        return rows

    def put(self, place: int, answer: Any) -> None:
        """Keep the answer to a slice.

        Raises:
            AnswerTooLargeError: If all answers together are too large for a message.
        """
        self._room -= answer.ByteSize()
        if self._room < 0:
            raise AnswerTooLargeError(self._most_bytes)
        self._answers[place] = answer

    def response(self) -> Any:
        """Return the answers to all slices, in order."""
        first, *rest = (answer for _, answer in sorted(self._answers.items()))
        for answer in rest:
            first.MergeFrom(answer)  # Appends the columns.
        return first
