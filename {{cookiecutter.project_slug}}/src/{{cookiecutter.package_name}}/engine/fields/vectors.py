"""Fields of a number for each label of an enum."""

import json
import reprlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .elements import Elements, unpacked
from .field import Field, Option
from .packed import extend
from .values import MOST_WRONG_ROWS, is_missing
from .varying import HOLDER_BYTES
from .violations import MOST_FAULTS, InvalidError, Violation


class LabelVector(Field):
    """A number for each label of an enum. A column has the shape (n, labels), in their order.

    Callers give and get a mapping of the labels. A message has a place for each number that a label
    ever had, from 1: a new label comes last, and one that is gone leaves its place. So a vector of
    before is shorter, and one of after is longer.

    Args:
        dtype: What NumPy has the numbers as.
        labels: The labels.
        numbers: Those of the labels in messages, from 1 in their order if they are left out.
        width: How many places there are, if the last labels are gone.
        low, high: The least and the largest that numbers may be.
        default: What the number of every label is that is missing.
    """

    def __init__(
        self,
        name: str,
        dtype: DTypeLike,
        labels: Sequence[str],
        *,
        numbers: Sequence[int] | None = None,
        width: int | None = None,
        low: float | None = None,
        high: float | None = None,
        default: Any = None,
        about: str = "",
        alias: str = "",
    ) -> None:
        super().__init__(name, default=default, about=about, alias=alias)
        elements = self._elements = Elements(dtype, low, high, default)
        self.elements = elements.words
        self.dtype = elements.dtype
        self.low, self.high = low, high
        self.labels = tuple(labels)
        self.dims = self._dims = (len(labels),)
        self.numbers = tuple(numbers or range(1, len(labels) + 1))
        self.width = width or max(self.numbers)
        self._places = np.array(self.numbers) - 1
        self.input_bytes = HOLDER_BYTES + self.width * elements.input_bytes
        self.output_bytes = HOLDER_BYTES + self.width * elements.output_bytes

    # A server's inputs

    def check(self, instance: Any) -> Violation | None:
        return next(self._violations(self.name, self.value(instance)), None)

    def _violations(self, path: str, values: Any) -> Iterator[Violation]:
        """Find what is wrong with a vector of a message."""
        count = len(values)
        if count > self.width:
            fault = f"expected {self.width} values, one for each number of a label, got {count}"
            yield Violation(path, fault)
            return
        there = self._places < count
        if not self.optional and not there.all():
            lacking = self.labels[int(np.argmin(there))]
            yield Violation(path, f"no value for {lacking!r}" if count else "required")
            return
        labels = np.flatnonzero(there)
        for place, fault in self._elements.faults(np.asarray(values)[self._places[labels]]):
            yield Violation(f"{path}[{self.labels[labels[place]]}]", fault)

    def gather(self, instances: Sequence[Any]) -> NDArray[Any]:
        return self._column(len(instances), map(self.value, instances))

    def _column(self, rows: int, vectors: Any) -> NDArray[Any]:
        """Return the vectors of messages as a column."""
        column = np.full((rows, *self._dims), self.default if self.optional else 0, self.dtype)
        for row, values in zip(column, vectors, strict=True):
            there = self._places < len(values)
            row[there] = np.array(values, self.dtype)[self._places[there]]
        return column

    def read(self, columns: Any, rows: int) -> NDArray[Any]:
        tensors = self.value(columns)
        violations: list[Violation] = []
        for row, tensor in enumerate(tensors):
            path = f"{self.name}[{row}]"
            if tensor.shape and [*tensor.shape] != [len(tensor.values)]:
                fault = f"expected no shape, or [{len(tensor.values)}], got {[*tensor.shape]}"
                violations.append(Violation(path, fault))
            violations += self._violations(path, tensor.values)
            if len(violations) >= MOST_FAULTS:
                break
        if violations:
            raise InvalidError(violations[:MOST_FAULTS])
        if not tensors:
            return np.broadcast_to(np.array(self.default, self.dtype), (rows, *self._dims))
        return self._column(rows, (tensor.values for tensor in tensors))

    def sample(self) -> NDArray[Any]:
        return np.full((1, *self._dims), self._elements.usual, self.dtype)

    # A server's outputs

    def fit(self, column: Any, rows: int) -> NDArray[Any]:
        return self._elements.fit(self.name, column, (rows, *self._dims))

    def write(self, predictions: Sequence[Any], column: NDArray[Any]) -> None:
        for prediction, vector in zip(predictions, self._wide(column), strict=True):
            extend(prediction, self.name, vector)

    def append(self, columns: Any, column: NDArray[Any]) -> None:
        tensors = self.value(columns)
        for vector in self._wide(column):
            extend(tensors.add(), "values", vector)

    def _wide(self, column: NDArray[Any]) -> NDArray[Any]:
        """Return a column with a place for each number, and 0 where there is no label."""
        wide = np.zeros((len(column), self.width), column.dtype)
        wide[:, self._places] = column
        return wide

    # A client's inputs

    def pack(self, instance: Any, value: Any) -> None:
        if not is_missing(value):
            extend(instance, self.name, self._vector(self.name, value))

    def pack_column(self, columns: Any, values: Any) -> None:
        tensors = self.value(columns)
        wrong: list[Violation] = []
        for row, value in enumerate(values):
            try:
                given = {} if self.optional and is_missing(value) else value
                extend(tensors.add(), "values", self._vector(f"{self.name}[{row}]", given))
            except InvalidError as error:
                wrong += error.violations
            if len(wrong) >= MOST_WRONG_ROWS:
                break
        if wrong:
            raise InvalidError(wrong)

    def _vector(self, path: str, value: Any) -> NDArray[Any]:
        """Return a caller's mapping as a message has it.

        Raises:
            InvalidError: If it is not one, or lacks labels.
        """
        if is_missing(value):
            raise InvalidError([Violation(path, "required")])
        if not isinstance(value, Mapping):
            got = reprlib.repr(value)
            raise InvalidError([Violation(path, f"expected a mapping of labels, got {got}")])
        for label in value:
            if label not in self.labels:
                fault = f"{reprlib.repr(label)} is not one of {', '.join(self.labels)}"
                raise InvalidError([Violation(path, fault)])
        numbers = [self._number(path, label, value.get(label)) for label in self.labels]
        wide: NDArray[Any] = self._wide(self._elements.take(path, [numbers], (1, *self._dims)))[0]
        return wide

    def _number(self, path: str, label: str, value: Any) -> Any:
        """Return the number of a label, or the default if it is missing."""
        if is_missing(value):
            if self.optional:
                return self.default
            raise InvalidError([Violation(path, f"no value for {label!r}")])
        if np.ndim(value):
            fault = f"expected one value for {label!r}, got {reprlib.repr(value)}"
            raise InvalidError([Violation(path, fault)])
        if isinstance(value, str | bytes):
            fault = f"expected {self.elements} for {label!r}, got {reprlib.repr(value)}"
            raise InvalidError([Violation(path, fault)])
        return value

    # A client's outputs

    def unpack(self, prediction: Any) -> dict[str, Any]:
        return self._mapping(self.name, self.value(prediction))

    def unpack_column(self, columns: Any) -> list[dict[str, Any]]:
        rows = enumerate(self.value(columns))
        return [self._mapping(f"{self.name}[{row}]", tensor.values) for row, tensor in rows]

    def _mapping(self, path: str, values: Any) -> dict[str, Any]:
        """Return the mapping that a message holds; it may have labels that are not known here."""
        least = max(self.numbers)
        if len(values) < least:
            fault = f"expected at least {least} values, got {len(values)}"
            raise InvalidError([Violation(path, fault)])
        vector = unpacked(path, values, self.dtype, (None,))
        return dict(zip(self.labels, vector[self._places].tolist(), strict=True))

    # The command line

    @property
    def option(self) -> Option:
        one = "true or false" if self.dtype.kind == "b" else "a number"
        labels = f"A JSON object with {one} for each of {', '.join(self.labels)}."
        form = " ".join(filter(None, (self._elements.range_words, labels)))
        return Option(str, form, metavar="JSON")

    def from_option(self, value: str) -> Any:
        return self.parse(value)

    def parse(self, text: str) -> Any:
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            example = json.dumps({self.labels[0]: self._elements.usual})
            raise ValueError(f"expected a JSON object, like {example}, got {reprlib.repr(text)}")
        return found
