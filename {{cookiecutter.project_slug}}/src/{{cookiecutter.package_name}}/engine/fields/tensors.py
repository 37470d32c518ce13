"""Fields of arrays whose shape is known."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .arrays import Array
from .elements import unpacked
from .field import shape_text
from .packed import extend
from .values import is_array_of_numbers
from .violations import InvalidError, Violation, raise_faults


class Tensor(Array):
    """An array of a known shape. A column has the shape (n, *dims)."""

    dims: tuple[int, ...]

    def __init__(
        self,
        name: str,
        dtype: DTypeLike,
        dims: tuple[int, ...],
        *,
        low: float | None = None,
        high: float | None = None,
        default: Any = None,
        about: str = "",
        alias: str = "",
    ) -> None:
        super().__init__(
            name, dtype, dims, low=low, high=high, default=default, about=about, alias=alias
        )
        self._count = math.prod(dims)
        if self._elements.wire:
            self.wire = np.dtype((self._elements.wire, self._count))
        self.input_bytes = self._count * self._elements.input_bytes
        self.output_bytes = self._count * self._elements.output_bytes

    def check(self, instance: Any) -> Violation | None:
        values = self.value(instance)
        if not len(values):
            return None if self.optional else Violation(self.name, "required")
        return self._fault(self._elements.read(values))

    def _fault(self, values: NDArray[Any]) -> Violation | None:
        if len(values) != self._count:
            expected = f"{self._count} values (shape {shape_text(self.dims)})"
            return Violation(self.name, f"expected {expected}, got {len(values)}")
        if fault := self._elements.fault(values):
            return Violation(f"{self.name}[{fault[0]}]", fault[1])
        return None

    def column_of(self, instance: Any) -> NDArray[Any]:
        if not len(self.value(instance)):
            return super().column_of(instance)
        values = self._elements.read(self.value(instance))
        if violation := self._fault(values):
            raise InvalidError([violation])
        return values.astype(self.dtype, copy=False).reshape(1, *self.dims)

    def gather(self, instances: Sequence[Any]) -> NDArray[Any]:
        column = np.empty((len(instances), self._count), self.dtype)
        for row, instance in zip(column, instances, strict=True):
            row[:] = self.value(instance) or self.default
        return column.reshape(-1, *self.dims)

    def rows(self, columns: Any) -> int:
        count = len(self.value(columns))
        if count % self._count:
            expected = f"a multiple of {self._count} values (shape {shape_text(self.dims)})"
            raise InvalidError([Violation(self.name, f"expected {expected}, got {count}")])
        return count // self._count

    def read(self, columns: Any, rows: int) -> NDArray[Any]:
        values = self.value(columns)
        if not len(values):
            return np.broadcast_to(np.array(self.default, self.dtype), (rows, *self.dims))
        found = self._elements.read(values)
        faults = self._elements.faults(found)
        raise_faults(self.name, [(place // self._count, fault) for place, fault in faults])
        return found.astype(self.dtype, copy=False).reshape(-1, *self.dims)

    def from_wire(self, values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        numbers, right = self._elements.from_wire(values)
        return numbers.reshape(-1, *self.dims), np.all(right, axis=1)

    def to_wire(self, column: NDArray[Any]) -> NDArray[Any]:
        return column.reshape(len(column), -1)

    def sample(self) -> NDArray[Any]:
        return np.full((1, *self.dims), self._elements.usual, self.dtype)

    def fit(self, column: Any, rows: int) -> NDArray[Any]:
        return self._elements.fit(self.name, column, (rows, *self.dims))

    def write(self, predictions: Sequence[Any], column: NDArray[Any]) -> None:
        rows = column.reshape(len(column), -1).tolist()
        for prediction, values in zip(predictions, rows, strict=True):
            self.value(prediction).extend(values)

    def append(self, columns: Any, column: NDArray[Any]) -> None:
        extend(columns, self.name, column)

    def pack(self, instance: Any, value: Any) -> None:
        if not self.is_missing(value):
            extend(instance, self.name, self._elements.take(self.name, value, self.dims))

    def pack_column(self, columns: Any, values: Any) -> None:
        for row, value in enumerate(self._filled(values)):
            array = self._elements.take(f"{self.name}[{row}]", value, self.dims)
            extend(columns, self.name, array)

    def _filled(self, values: Any) -> Any:
        """Return the values of a column, with defaults where they are missing."""
        if not self.optional or is_array_of_numbers(values):
            return values
        default = np.broadcast_to(np.array(self.default, self.dtype), self.dims)
        return [default if self.is_missing(value) else value for value in values]

    def unpack(self, prediction: Any) -> NDArray[Any]:
        return unpacked(self.name, self.value(prediction), self.dtype, self.dims)

    def unpack_column(self, columns: Any) -> NDArray[Any]:
        return unpacked(self.name, self.value(columns), self.dtype, (None, *self.dims))
