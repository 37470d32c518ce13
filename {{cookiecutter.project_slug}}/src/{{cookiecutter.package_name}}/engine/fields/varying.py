"""Fields of arrays whose shape differs from instance to instance."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .arrays import Array
from .elements import unpacked
from .field import Dims, fits, shape_text
from .packed import extend
from .scalars import refuse_unset
from .violations import MOST_FAULTS, InvalidError, InvalidOutputError, Violation

# What an array and the message of one take up beside their elements.
HOLDER_BYTES = 512


class VaryingTensor(Array):
    """An array with dims that differ from instance to instance: None in dims.

    With one such dim the values alone tell the shape; with more it travels beside them.
    The column of an input has the shape (n, *shape), since a batch has instances of one shape.
    That of an output is a list of arrays.
    """

    varies = True
    input_bytes = output_bytes = HOLDER_BYTES

    def __init__(
        self,
        name: str,
        dtype: DTypeLike,
        dims: Dims,
        *,
        low: float | None = None,
        high: float | None = None,
        about: str = "",
        alias: str = "",
    ) -> None:
        super().__init__(name, dtype, dims, low=low, high=high, about=about, alias=alias)
        self._flat = dims.count(None) == 1

    def check(self, instance: Any) -> Violation | None:
        tensor = self.value(instance)
        if self._flat:
            return self._check(self.name, tensor, ())
        return self._check(self.name, tensor.values, tensor.shape)

    def _check(self, path: str, values: Any, shape: Sequence[int]) -> Violation | None:
        if fault := self._shape_fault(len(values), shape):
            return Violation(path, fault)
        if wrong := self._elements.fault(values):
            return Violation(f"{path}[{wrong[0]}]", wrong[1])
        return None

    def _shape_fault(self, count: int, shape: Sequence[int]) -> str | None:
        if not shape and not count:
            return "at least one value is required"
        if not shape and self._flat:
            size = math.prod(dim for dim in self.dims if dim)
            if count % size:
                expected = f"a multiple of {size} values (shape {shape_text(self.dims)})"
                return f"expected {expected}, got {count}"
            return None
        if not fits(shape, self.dims) or min(shape) < 0:
            got = shape_text(shape) if shape else "none"
            return f"expected shape {shape_text(self.dims)}, got {got}"
        if not all(shape):
            expected = "at least one value along each dimension"
            return f"expected {expected}, got shape {shape_text(shape)}"
        if math.prod(shape) != count:
            return f"expected {math.prod(shape)} values (shape {shape_text(shape)}), got {count}"
        return None

    def column_of(self, instance: Any) -> NDArray[Any]:
        tensor = self.value(instance)
        values, shape = (tensor, ()) if self._flat else (tensor.values, tensor.shape)
        found = self._elements.read(values)
        if violation := self._check(self.name, found, shape):
            raise InvalidError([violation])
        return self._array(found, shape)[np.newaxis]

    def shape(self, instance: Any) -> tuple[int, ...]:
        tensor = self.value(instance)
        if not self._flat:
            return tuple(tensor.shape)
        inferred = len(tensor) // math.prod(dim for dim in self.dims if dim)
        return tuple(inferred if dim is None else dim for dim in self.dims)

    def more_bytes(self, instance: Any) -> int:
        tensor = self.value(instance)
        return len(tensor if self._flat else tensor.values) * self._elements.input_bytes

    def more_column_bytes(self, columns: Any) -> int:
        count = sum(len(tensor.values) for tensor in self.value(columns))
        return count * self._elements.input_bytes

    def gather(self, instances: Sequence[Any]) -> NDArray[Any]:
        tensors = [self.value(instance) for instance in instances]
        if self._flat:
            return np.stack([self._array(tensor, ()) for tensor in tensors])
        return np.stack([self._array(tensor.values, tensor.shape) for tensor in tensors])

    def _array(self, values: Any, shape: Sequence[int]) -> NDArray[Any]:
        dims = shape or [-1 if dim is None else dim for dim in self.dims]
        return np.asarray(values, self.dtype).reshape(dims)

    def read(self, columns: Any, rows: int) -> list[NDArray[Any]]:
        tensors = self.value(columns)
        violations = []
        for row, tensor in enumerate(tensors):
            violation = self._check(f"{self.name}[{row}]", tensor.values, tensor.shape)
            if violation:
                violations.append(violation)
            if len(violations) == MOST_FAULTS:
                break
        if violations:
            raise InvalidError(violations)
        return [self._array(tensor.values, tensor.shape) for tensor in tensors]

    def sample(self) -> NDArray[Any]:
        dims = [1 if dim is None else dim for dim in self.dims]
        return np.full((1, *dims), self._elements.usual, self.dtype)

    def fit(self, column: Any, rows: int) -> list[NDArray[Any]]:
        return [self._fit(tensor) for tensor in fit_list(self.name, column, rows)]

    def _fit(self, tensor: Any) -> NDArray[Any]:
        shape = np.shape(tensor)
        if not np.size(tensor):  # Whatever it says of dtype and dims, there is nothing in it.
            shape = shape if fits(shape, self.dims) else tuple(dim or 0 for dim in self.dims)
            tensor = np.empty(shape, self.dtype)
        if not fits(shape, self.dims):
            expected, got = shape_text(self.dims), shape_text(shape) or "a single value"
            raise InvalidOutputError(f"{self.name}: expected shape {expected}, got {got}")
        return self._elements.fit(self.name, tensor, shape)

    def write(self, predictions: Sequence[Any], column: Sequence[NDArray[Any]]) -> None:
        for prediction, tensor in zip(predictions, column, strict=True):
            self._put(prediction, tensor)

    def append(self, columns: Any, column: Sequence[NDArray[Any]]) -> None:
        for tensor in column:
            fill(self.value(columns).add(), tensor)

    def _put(self, message: Any, tensor: NDArray[Any]) -> None:
        """Set the field of an Instance or a Prediction message."""
        if self._flat:
            extend(message, self.name, tensor)
        else:
            fill(self.value(message), tensor)

    def pack(self, instance: Any, value: Any) -> None:
        if not self.is_missing(value):
            self._put(instance, self._elements.take(self.name, value, self.dims))

    def pack_column(self, columns: Any, values: Any) -> None:
        column = self.value(columns)
        for row, value in enumerate(values):
            fill(column.add(), self._elements.take(f"{self.name}[{row}]", value, self.dims))

    def unpack(self, prediction: Any) -> NDArray[Any]:
        if self._flat:
            return unpacked(self.name, self.value(prediction), self.dtype, self.dims)
        refuse_unset(prediction, self.name)
        return self._unpacked(self.name, self.value(prediction))

    def unpack_column(self, columns: Any) -> list[NDArray[Any]]:
        rows = enumerate(self.value(columns))
        return [self._unpacked(f"{self.name}[{row}]", tensor) for row, tensor in rows]

    def _unpacked(self, path: str, tensor: Any) -> NDArray[Any]:
        shape = tuple(tensor.shape)
        if shape and not fits(shape, self.dims):
            fault = f"expected shape {shape_text(self.dims)}, got shape {shape_text(shape)}"
            raise InvalidError([Violation(path, fault)])
        return unpacked(path, tensor.values, self.dtype, shape or self.dims)


def fill(message: Any, tensor: NDArray[Any]) -> None:
    """Set the shape and the values of a message of a tensor."""
    message.shape.extend(tensor.shape)
    extend(message, "values", tensor)


def fit_list(name: str, column: Any, rows: int) -> list[Any]:
    """Return the model's column as a list with an element a row.

    Raises:
        InvalidOutputError: If it is not one.
    """
    elements = list(column)
    if len(elements) != rows:
        got = str(len(elements))
        if hasattr(column, "shape"):
            got += f", in an array of shape {shape_text(column.shape)}"
        raise InvalidOutputError(f"{name}: expected {rows} arrays, got {got}")
    return elements
