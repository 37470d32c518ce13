{% set s = service(cookiecutter) %}
{% set pictures = "Image" in s.input_kinds %}
{% set what, kind = ("inputs", "Inputs") if pictures else ("instance", "pb.Instance") %}
"""What calls ask of the model: one instance, or many as columns."""

{% if s.inputs_vary %}
from collections.abc import Hashable, Sequence
{% endif %}
from typing import Self

from . import schema
from .schema import Inputs
from .v1 import service_pb2 as pb


class AnswerTooLargeError(Exception):
    """The answer to a call is larger than a message may be; the argument is the most bytes."""


Response = pb.PredictResponse | pb.BatchPredictResponse


class One:
    """Asks about one instance; it is its own slice.

    Attributes:
{% if pictures %}
        inputs: The instance as columns of one row, with its pictures decoded.
{% else %}
        instance: What it asks about.
{% endif %}
        rows: 1, and 0 once a batch has taken it.
{% if s.inputs_vary %}
        group: The shapes of the instance.
{% else %}
        group: None, since it may share a batch with any rows.
{% endif %}
        response: The answer, once it is there.
    """

    __slots__ = ("group", "{{ what }}", "response", "rows")

    response: pb.PredictResponse

    def __init__(self, {{ what }}: {{ kind }}{% if s.inputs_vary %}, group: Hashable{% endif %}) -> None:
        self.{{ what }} = {{ what }}
        self.rows = 1
        self.group = {{ "group" if s.inputs_vary else "None" }}

    def take(self, most: int) -> Self:
        """Return the instance."""
        self.rows = 0
        return self

    def put(self, place: int, answer: Response) -> None:
        """Keep the answer."""
        assert isinstance(answer, pb.PredictResponse)
        self.response = answer


class Many:
    """Asks about the rows of a request of columns.

    Args:
{% if s.inputs_vary %}
        pieces: The rows, in order, as columns that each have one shape.
{% else %}
        inputs: The rows.
{% endif %}
        most_bytes: The most bytes that the response may have.

    Attributes:
        rows: How many rows no batch has taken yet.
    """

{% if s.inputs_vary %}
    def __init__(self, pieces: Sequence[Inputs], most_bytes: int) -> None:
        self._pieces = list(reversed(pieces))
        self.rows = sum(map(schema.count, pieces))
{% else %}
    def __init__(self, inputs: Inputs, most_bytes: int) -> None:
        self._inputs = inputs
        self.rows = schema.count(inputs)
{% endif %}
        self._start = 0
        self._most_bytes = self._room = most_bytes
        self._answers: dict[int, pb.BatchPredictResponse] = {}

    @property
    def group(self) -> {{ "Hashable" if s.inputs_vary else "None" }}:
        """{{ "The shapes of the next rows" if s.inputs_vary else "None: rows may share a batch with any others" }}."""
        return {{ "schema.shapes(self._pieces[-1])" if s.inputs_vary else "None" }}

    def take(self, most: int) -> Inputs:
        """Return the next rows, at most so many."""
{% if s.inputs_vary %}
        piece = self._pieces[-1]
        rows = schema.part(piece, self._start, self._start + most)
        taken = schema.count(rows)
        self.rows -= taken
        self._start += taken
        if self._start == schema.count(piece):
            self._pieces.pop()
            self._start = 0
        return rows
{% else %}
        rows = schema.part(self._inputs, self._start, self._start + most)
        self.rows -= schema.count(rows)
        self._start += schema.count(rows)
        return rows
{% endif %}

    def put(self, place: int, answer: Response) -> None:
        """Keep the answer to a slice.

        Raises:
            AnswerTooLargeError: If all answers together are too large for a message.
        """
        assert isinstance(answer, pb.BatchPredictResponse)
        self._room -= answer.ByteSize()
        if self._room < 0:
            raise AnswerTooLargeError(self._most_bytes)
        self._answers[place] = answer

    def response(self) -> pb.BatchPredictResponse:
        """Return the answers to all slices, in order."""
        first, *rest = (answer for _, answer in sorted(self._answers.items()))
        for answer in rest:
            first.MergeFrom(answer)  # Appends the columns.
        return first


# What a batch is made of.
Slice = One | Inputs
