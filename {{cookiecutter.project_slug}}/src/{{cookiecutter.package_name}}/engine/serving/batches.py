"""Instances as columns, made of requests, and responses made of the model's columns."""

from collections.abc import Sequence
from dataclasses import fields
from itertools import chain, pairwise
from typing import Any

import numpy as np

from ..fields.field import Column, Field
from ..fields.schema import Schema, faults_of
from ..fields.violations import InvalidError, InvalidOutputError, Violation


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
        """Return instances of one shape, or each as columns if it decodes, as one batch."""
        return self.concatenate(ones) if self.decodes else self.gather(ones)

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
        found = read_all(self._inputs, columns, rows)
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

    def _writable(self, inputs: Any) -> Any:
        """Return columns of their own; a default is copied for every row only here."""
        columns = {field.name: getattr(inputs, field.name) for field in self._inputs}
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

    def write(self, predictions: Sequence[Any], outputs: Any) -> None:
        """Set the fields of one message a row."""
        for field in self._outputs:
            field.write(predictions, getattr(outputs, field.name))

    def prediction_columns(self, outputs: Any) -> Any:
        """Return the rows as a message of columns."""
        columns = self.messages.PredictionColumns()
        for field in self._outputs:
            field.append(columns, getattr(outputs, field.name))
        return columns


def read_all(inputs: Sequence[Field], columns: Any, rows: int) -> dict[str, Column]:
    """Return every field of a message of columns; raise InvalidError with all that is wrong."""
    found: dict[str, Column] = {}

    def read(field: Field) -> None:
        found[field.name] = field.read(columns, rows)

    if faults := faults_of(read, inputs):
        raise InvalidError(chain.from_iterable(faults.values()))
    return found


def count(batch: Any) -> int:
    """Return the number of rows."""
    return len(getattr(batch, fields(batch)[0].name))


def part(batch: Any, start: int, stop: int) -> Any:
    """Return the rows from start up to stop."""
    columns = {field.name: getattr(batch, field.name)[start:stop] for field in fields(batch)}
    return type(batch)(**columns)
