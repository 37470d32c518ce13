"""What calls ask of the model: one instance, or many as columns."""

from collections.abc import Hashable, Sequence
from typing import Any, Self

from ..batching.call import Call
from .batches import Answered, Batches, count, part


class AnswerTooLargeError(Exception):
    """The answer to a call is larger than a message may be; the argument is the most bytes."""


class One(Call):
    """Asks about one instance; it is its own slice.

    Attributes:
        instance: The instance as a message or as a row, or as columns of one row if it is decoded.
        rows: 1, and 0 once a batch has taken it.
        group: The shapes of the instance.
        response: The answer, once it is there.
        as_bytes: Whether the answer may be the bytes of the message.
    """

    as_bytes = False

    __slots__ = ("instance", "response")

    response: Any

    def __init__(self, instance: Any, group: Hashable) -> None:
        super().__init__(1, group)
        self.instance = instance

    def take(self, most: int) -> Self:
        """Return the instance."""
        self.rows = 0
        return self

    def put(self, place: int, answer: Any) -> None:
        """Keep the answer."""
        self.response = answer


class Many(Call):
    """Asks about the rows of a request of columns.

    Args:
        batches: Knows which rows have one shape.
        pieces: The rows, in order, as columns that each have one shape.
        most_bytes: The most bytes that the response may have.

    Attributes:
        rows: How many rows no batch has taken yet.
    """

    in_runs = True

    def __init__(self, batches: Batches, pieces: Sequence[Any], most_bytes: int) -> None:
        super().__init__(sum(map(count, pieces)), batches.shapes(pieces[0]))
        self._batches = batches
        self._pieces = list(reversed(pieces))
        self._start = 0
        self._most_bytes = self._room = most_bytes
        self._answers: dict[int, Answered] = {}
        self._version = ""

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
            if self._pieces:
                self.group = self._batches.shapes(self._pieces[-1])
        return rows

    def put(self, place: int, answer: tuple[Answered, str]) -> None:
        """Keep the answer to a slice, or to a run, with the version of the model.

        Raises:
            AnswerTooLargeError: If all answers together are too large for a message.
        """
        self._answers[place], self._version = answer
        self._room -= self._answers[place].size
        if self._room < 0:
            raise AnswerTooLargeError(self._most_bytes)

    def response(self) -> Any:
        """Return the answers to all slices, in order, as a BatchPredictResponse.

        Raises:
            AnswerTooLargeError: If it is too large for a message.
        """
        parts = [self._answers[place] for place in sorted(self._answers)]
        response = self._batches.messages.BatchPredictResponse(model_version=self._version)
        self._batches.append(response.predictions, parts)
        if response.ByteSize() > self._most_bytes:
            raise AnswerTooLargeError(self._most_bytes)
        return response
