"""Instances as columns, made of requests, and responses made of the model's columns."""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import chain, groupby, pairwise
from typing import Any, NamedTuple

import numpy as np

from ..fields.field import Column, Field
from ..fields.schema import Schema, faults_of
from ..fields.violations import InvalidError, InvalidOutputError, Violation
from .forms import Form, form_of


class Row(NamedTuple):
    """An instance that is a row of columns."""

    block: Any
    place: int


class Answered(NamedTuple):
    """Rows of the model's answer, by the names of the fields, and the least bytes they take."""

    columns: dict[str, Any]
    size: int


class Batches:
    """Makes batches of requests, and responses of what the model answers.

    Args:
        schema: What batches and messages look like.

    Attributes:
        messages: The module of the messages.
        decodes: Whether instances become columns before they wait for a batch, since decoding
            them may take long. Otherwise all of a batch become columns at once, which is quicker.
        vary: Whether rows may take up more than row_bytes.
        row_bytes: What a row takes up in memory beside its bytes on the wire, as the model sees it
            and with its answer.
    """

    def __init__(self, schema: Schema) -> None:
        self.messages = schema.messages
        self.row_bytes = sum(field.input_bytes for field in schema.inputs) + sum(
            field.output_bytes for field in schema.outputs
        )
        self.decodes = any(field.decodes for field in schema.inputs)
        self._inputs = schema.inputs
        self._outputs = schema.outputs
        self.vary = any(field.varies for field in schema.inputs)
        self._varying = [field for field in schema.inputs if field.varies]
        self._Inputs = schema.Inputs
        self._Outputs = schema.Outputs

    @cached_property
    def requests(self) -> Form | None:
        """The form of requests for one instance; None if they have none."""
        request = self.messages.PredictRequest.DESCRIPTOR
        return form_of(request, "instance", self._inputs)

    def form_of_responses(self, version: str) -> Form | None:
        """Return the form of responses with a version of the model; None if they have none."""
        tail = self.messages.PredictResponse(model_version=version).SerializeToString()
        response = self.messages.PredictResponse.DESCRIPTOR
        return form_of(response, "prediction", self._outputs, tail)

    def read_requests(self, requests: Sequence[bytes]) -> tuple[Any, list[bool]]:
        """Return the instances of requests of the form as columns, and which of them are right."""
        assert self.requests
        columns, right = self.requests.read(requests)
        return self._Inputs(**columns), right.tolist()

    def check(self, instance: Any) -> list[Violation]:
        """Return all that is wrong with an instance."""
        return [violation for field in self._inputs if (violation := field.check(instance))]

    def bytes_of(self, instance: Any) -> int:
        """Return what a checked instance takes up in memory beside its bytes on the wire."""
        if not self._varying:
            return self.row_bytes
        return self.row_bytes + sum(field.more_bytes(instance) for field in self._varying)

    def more_bytes(self, columns: Any) -> int:
        """Return what the rows of a request take up in memory beside row_bytes each."""
        return sum(field.more_column_bytes(columns) for field in self._varying)

    def gather(self, instances: Sequence[Any]) -> Any:
        """Return checked instances of one shape as columns."""
        return self._Inputs(**{field.name: field.gather(instances) for field in self._inputs})

    def columns_of(self, instance: Any) -> Any:
        """Return an instance as columns of one row.

        Raises:
            InvalidError: Naming each field that is wrong.
        """
        return self._Inputs(**found_by(lambda field: field.column_of(instance), self._inputs))

    def sample(self) -> Any:
        """Return a made-up instance, as a batch of one."""
        return self._Inputs(**{field.name: field.sample() for field in self._inputs})

    def shapes(self, rows: Any) -> tuple[tuple[int, ...], ...]:
        """Return what an instance, or columns, must have in common with others in a batch."""
        if not self._varying:
            return ()
        if isinstance(rows, self._Inputs):
            return tuple(getattr(rows, field.name).shape[1:] for field in self._varying)
        return tuple(field.shape(rows) for field in self._varying)

    def join(self, ones: Sequence[Any]) -> Any:
        """Return instances of one shape, each a message, a row or columns, as one batch."""
        parts = [self._part([*run]) for _, run in groupby(ones, key=self._kind)]
        return self.concatenate(parts)

    def _kind(self, one: Any) -> object:
        """Return what neighbours have in common that become a part of a batch together."""
        return id(one.block) if isinstance(one, Row) else isinstance(one, self._Inputs)

    def _part(self, ones: Sequence[Any]) -> Any:
        """Return neighbours of one kind as a batch of their own."""
        if isinstance(ones[0], self._Inputs):
            return self.concatenate(ones)
        if not isinstance(ones[0], Row):
            return self.gather(ones)
        places = np.array([one.place for one in ones])
        block = ones[0].block
        return self._Inputs(
            **{field.name: getattr(block, field.name)[places] for field in self._inputs}
        )

    def count_rows(self, columns: Any) -> int:
        """Return how many rows all columns of a request have.

        Raises:
            InvalidError: If they differ in it, or there are none.
        """
        counts = {field: field.rows(columns) for field in self._inputs}
        first = next((field for field, count in counts.items() if count), None)
        if first is None:
            raise InvalidError([Violation("", "at least one row is required")])
        rows = counts[first]
        violations = []
        for field, count in counts.items():
            if not count and not field.optional:
                violations.append(Violation(field.name, "required"))
            elif count not in (0, rows):
                fault = f"expected {rows} rows, as many as {first.name} has, got {count}"
                violations.append(Violation(field.name, fault))
        if violations:
            raise InvalidError(violations)
        return rows

    def read(self, columns: Any) -> list[Any]:
        """Return the rows of a request, in order, as batches of neighbours of one shape.

        Raises:
            InvalidError: Naming each column and row that is wrong.
        """
        rows = self.count_rows(columns)
        found = found_by(lambda field: field.read(columns, rows), self._inputs)
        varying = [column for column in found.values() if isinstance(column, list)]
        forms = [[array.shape for array in row] for row in zip(*varying, strict=True)]
        changes = [row for row in range(1, len(forms)) if forms[row] != forms[row - 1]]
        return [
            self._Inputs(**{name: np.asarray(column[start:stop]) for name, column in found.items()})
            for start, stop in pairwise([0, *changes, rows])
        ]

    def concatenate(self, batches: Sequence[Any]) -> Any:
        """Return the rows of all batches, in order, as one that the model may change."""
        if len(batches) == 1:
            return self._writable(batches[0])
        names = [field.name for field in self._inputs]
        return self._Inputs(
            **{name: np.concatenate([getattr(each, name) for each in batches]) for name in names}
        )

    def copied(self, inputs: Any) -> Any:
        """Return a batch that the model may change while another one keeps its values."""
        return self._Inputs(
            **{field.name: getattr(inputs, field.name).copy() for field in self._inputs}
        )

    def _writable(self, inputs: Any) -> Any:
        """Return columns of their own; a default is copied for every row only here."""
        columns = {field.name: getattr(inputs, field.name) for field in self._inputs}
        if all(each.flags.carray for each in columns.values()):
            return inputs
        return self._Inputs(
            **{name: np.require(each, requirements=["C", "W"]) for name, each in columns.items()}
        )

    def fit(self, outputs: Any, rows: int) -> Any:
        """Return the model's answer with the schema's dtypes.

        Raises:
            InvalidOutputError: If a column has not the right rows, shape, dtype or values.
        """
        if not isinstance(outputs, self._Outputs):
            raise InvalidOutputError(f"expected Outputs, got {type(outputs).__name__}")
        columns = {each.name: each.fit(getattr(outputs, each.name), rows) for each in self._outputs}
        return self._Outputs(**columns)

    def own(self, outputs: Any, rows: int) -> Any:
        """Return the model's answer as columns of their own, which may still not fit.

        The model may use its columns again.

        Raises:
            InvalidOutputError: If a column has not the right rows.
        """
        if not isinstance(outputs, self._Outputs):
            raise InvalidOutputError(f"expected Outputs, got {type(outputs).__name__}")
        return self._Outputs(
            **{each.name: own(each, getattr(outputs, each.name), rows) for each in self._outputs}
        )

    def joined(self, parts: Sequence[Any]) -> Any:
        """Return parts of the model's answer, which are columns of their own, as one."""
        names = [field.name for field in self._outputs]
        return self._Outputs(
            **{name: joined([getattr(each, name) for each in parts]) for name in names}
        )

    def write(self, predictions: Sequence[Any], outputs: Any) -> None:
        """Set the fields of one message a row."""
        for field in self._outputs:
            field.write(predictions, getattr(outputs, field.name))

    def answered(self, outputs: Any) -> Answered:
        """Return the rows of an answer that fits, in columns of its own, for a response with all."""
        columns = {each.name: each.kept(getattr(outputs, each.name)) for each in self._outputs}
        return Answered(columns, sum(map(least_bytes, columns.values())))

    def append(self, columns: Any, parts: Sequence[Answered]) -> None:
        """Append the rows of all parts of an answer, in order, to a message of columns."""
        for field in self._outputs:
            field.append(columns, joined([each.columns[field.name] for each in parts]))


def found_by(read: Callable[[Field], Column], inputs: Sequence[Field]) -> dict[str, Column]:
    """Return what is found in each field, by name; raise InvalidError with all that is wrong."""
    found: dict[str, Column] = {}

    def find(field: Field) -> None:
        found[field.name] = read(field)

    if faults := faults_of(find, inputs):
        raise InvalidError(chain.from_iterable(faults.values()))
    return found


def own(field: Field, column: Any, rows: int) -> Column:
    """Return a copy of the model's column, which has the right rows, and the dtype of the field.

    What has another dtype is fitted now: columns that are joined might get one that fits all.
    """
    is_alike = type(column) is np.ndarray and column.ndim and column.dtype == field.dtype
    fitted: Column = column if is_alike and len(column) == rows else field.fit(column, rows)
    return [each.copy() for each in fitted] if isinstance(fitted, list) else fitted.copy()


def joined(columns: Sequence[Column]) -> Column:
    """Return the rows of columns, in order."""
    if len(columns) == 1:
        return columns[0]
    if isinstance(columns[0], list):
        return [*chain.from_iterable(columns)]
    return np.concatenate(columns)


def least_bytes(column: Any) -> int:
    """Return how many bytes the values of a column take up at least in a message."""
    if isinstance(column, bytes):
        return len(column)
    if isinstance(column, list):
        return sum(map(least_bytes, column))
    if column.dtype.kind == "O":
        return sum(map(len, column.flat))
    return int(column.nbytes if column.dtype.kind == "f" else column.size)


def count(batch: Any) -> int:
    """Return the number of rows."""
    return len(getattr(batch, batch.__match_args__[0]))  # The first of its columns.


def part(batch: Any, start: int, stop: int) -> Any:
    """Return the rows from start up to stop."""
    kind = type(batch)
    return kind(*[getattr(batch, name)[start:stop] for name in kind.__match_args__])
