"""What kinds of one value an instance have in common."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .elements import Elements, unpacked
from .field import Field
from .packed import extend
from .values import is_array_of_numbers, put, put_all, refuse_wide
from .violations import InvalidError, Violation, raise_faults

# How files have true and false: data frames write them with a capital.
TRUTHS = {"false": False, "true": True}


class Scalar(Field):
    """One value. A column has the shape (n,).

    Args:
        dtype: What NumPy has it as; str or bytes for texts.
        low, high: The least and the largest that numbers may be.
    """

    def __init__(
        self,
        name: str,
        dtype: DTypeLike,
        *,
        low: float | None = None,
        high: float | None = None,
        default: Any = None,
        about: str = "",
        alias: str = "",
    ) -> None:
        super().__init__(name, default=default, about=about, alias=alias)
        elements = self._elements = Elements(dtype, low, high, default)
        self.elements = elements.words
        self.input_bytes = elements.input_bytes
        self.output_bytes = elements.output_bytes
        self.dtype = elements.dtype
        self.text_type = elements.type
        self.low, self.high = low, high
        self.wire = elements.wire
        self._range = elements.range

    def check(self, instance: Any) -> Violation | None:
        value = self.value(instance)
        # What is missing reads as zero or empty; looking at values first is quicker.
        if not value and not instance.HasField(self.name):
            return None if self.optional else Violation(self.name, "required")
        if self._range is None or self._range.low <= value <= self._range.high:
            return None
        fault = self._range.fault(value)
        return Violation(self.name, fault) if fault else None

    def gather(self, instances: Sequence[Any]) -> NDArray[Any]:
        values = [*map(self.value, instances)]
        if self.optional:
            for row, instance in enumerate(instances):
                if not instance.HasField(self.name):
                    values[row] = self.default
        return np.array(values, self.dtype)

    def read(self, columns: Any, rows: int) -> NDArray[Any]:
        values = self.value(columns)
        if not len(values):
            return np.broadcast_to(np.array(self.default, self.dtype), rows)
        found = self._elements.read(values)
        raise_faults(self.name, self._elements.faults(found))
        return found.astype(self.dtype, copy=False)

    def from_wire(self, values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        return self._elements.from_wire(values)

    def to_wire(self, column: NDArray[Any]) -> NDArray[Any]:
        return column

    def fit(self, column: Any, rows: int) -> NDArray[Any]:
        return self._elements.fit(self.name, column, (rows,))

    def write(self, predictions: Sequence[Any], column: NDArray[Any]) -> None:
        for prediction, value in zip(predictions, column.tolist(), strict=True):
            setattr(prediction, self.name, value)

    def append(self, columns: Any, column: NDArray[Any]) -> None:
        extend(columns, self.name, column)

    def pack(self, instance: Any, value: Any) -> None:
        if not self.is_missing(value):
            put(instance, self.name, value)

    def pack_column(self, columns: Any, values: Any) -> None:
        refuse_wide(self.name, values)
        put_all(columns, self.name, self._filled(values), self.is_missing)

    def _filled(self, values: Any) -> Any:
        """Return the values of a column, with defaults where they are missing."""
        if not self.optional or is_array_of_numbers(values, nan=self.dtype.kind == "f"):
            return values
        return [self.default if self.is_missing(value) else value for value in values]

    def unpack(self, prediction: Any) -> Any:
        refuse_unset(prediction, self.name)
        return self.value(prediction)

    def unpack_column(self, columns: Any) -> Any:
        if self.text_type:
            return list(self.value(columns))
        return unpacked(self.name, self.value(columns), self.dtype, (None,))

    def sample(self) -> NDArray[Any]:
        return np.full(1, self._elements.usual, self.dtype)


def refuse_unset(prediction: Any, name: str) -> None:
    """Raise an error if a value is not set, which reads as zero or empty."""
    if not prediction.HasField(name):
        raise InvalidError([Violation(name, "it is not set")])
