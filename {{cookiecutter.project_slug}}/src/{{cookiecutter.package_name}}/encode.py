{% set s = service(cookiecutter) %}
{% set kinds = s.output_kinds %}
"""From the model's NumPy columns to response messages, once they are found to fit the schema.

Each class here is one kind of output field.
"""

{% if "Image" in kinds %}
import io
{% endif %}
{% if "Tensor" in kinds or "Image" in kinds %}
import math
{% endif %}
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import {% if "Scalar" in kinds or "Tensor" in kinds or "VariableTensor" in kinds %}DTypeLike, {% endif %}NDArray
{% if "Image" in kinds %}
from PIL import Image as Pillow
{% endif %}
{% if "Tensor" in kinds or "VariableTensor" in kinds %}

from .packed import extend
{% endif %}

{% if "VariableTensor" in kinds or "Image" in kinds %}
# Rows of one shape are one array; rows whose shapes may differ are an array each.
Column = NDArray[Any] | list[NDArray[Any]]
{% else %}
Column = NDArray[Any]
{% endif %}


class InvalidOutputError(Exception):
    """The model's answer does not fit its schema; the message says where."""


class Field(Protocol):
    """What every kind of field can do."""

    name: str
    # What a row takes up in memory, in a column and in a message, where all rows take the same.
    row_bytes: int

    def check(self, column: Any, rows: int) -> Column:
        """Return the model's column with the right dtype; raise InvalidOutputError if it does not fit."""

    def write(self, predictions: Sequence[Any], column: Any) -> None:
        """Set the field of one Prediction message a row."""

    def append(self, columns: Any, column: Any) -> None:
        """Append a column to a PredictionColumns message."""
{% if s.outputs_have_numbers or s.outputs_have_text or "Label" in kinds %}


def fit(name: str, column: Any, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the column as an array of this dtype and shape; raise InvalidOutputError if it is not one."""
{% if s.outputs_have_text %}
    if dtype.kind in "US":
        return fit_text(name, column, str if dtype.kind == "U" else bytes, shape)
{% endif %}
    array = np.asarray(column)
    if array.shape != shape:
        raise InvalidOutputError(f"{name}: expected shape {shape}, got {array.shape}")
    if array.dtype != dtype:
        array = cast(name, array, dtype)
{% if s.outputs_have_floats %}
    if dtype.kind == "f" and not np.isfinite(array).all():
        raise InvalidOutputError(f"{name}: not every value is a finite {dtype}")
{% endif %}
    return array


def cast(name: str, array: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return the array as a dtype of its own kind; raise InvalidOutputError if its kind is another."""
    if not np.can_cast(array.dtype, dtype, "same_kind"):
        raise InvalidOutputError(f"{name}: expected dtype {dtype}, got {array.dtype}")
{% if s.outputs_have_floats %}
    with np.errstate(over="ignore"):
        fitted = array.astype(dtype)
{% else %}
    fitted = array.astype(dtype)
{% endif %}
{% if s.outputs_have_integers %}
    if dtype.kind in "iu" and not np.array_equal(fitted, array):
        raise InvalidOutputError(f"{name}: not every value fits {dtype}")
{% endif %}
    return fitted
{% endif %}
{% if s.outputs_have_text %}


def fit_text(name: str, column: Any, kind: type, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the column as an object array of str or bytes; raise InvalidOutputError if it is not one."""
    array = np.asarray(column, np.object_)
    if array.shape != shape:
        raise InvalidOutputError(f"{name}: expected shape {shape}, got {array.shape}")
    for element in array.flat:
        if not isinstance(element, kind):
            got = type(element).__name__
            raise InvalidOutputError(f"{name}: expected {kind.__name__}, got {got}")
    return array
{% endif %}
{% if "VariableTensor" in kinds or "Image" in kinds %}


def fit_list(name: str, column: Any, rows: int) -> list[Any]:
    """Return the column as a list with an element a row; raise InvalidOutputError if it is not one."""
    elements = list(column)
    if len(elements) != rows:
        raise InvalidOutputError(f"{name}: expected {rows} arrays, got {len(elements)}")
    return elements


def fits(shape: tuple[int, ...], dims: tuple[int | None, ...]) -> bool:
    """Tell whether a shape has the dims that are known."""
    return len(shape) == len(dims) and all(
        dim in (None, size) for dim, size in zip(dims, shape, strict=True)
    )
{% endif %}
{% if "Scalar" in kinds %}


class Scalar:
    """One value. A column has the shape (n,)."""

    def __init__(self, name: str, dtype: DTypeLike) -> None:
        self.name = name
        self._dtype = np.dtype(dtype)
        self.row_bytes = 2 * self._dtype.itemsize

    def check(self, column: Any, rows: int) -> NDArray[Any]:
        return fit(self.name, column, self._dtype, (rows,))

    def write(self, predictions: Sequence[Any], column: NDArray[Any]) -> None:
        for prediction, value in zip(predictions, column.tolist(), strict=True):
            setattr(prediction, self.name, value)

    def append(self, columns: Any, column: NDArray[Any]) -> None:
        getattr(columns, self.name).extend(column.tolist())
{% endif %}
{% if "Label" in kinds %}


class Label:
    """One of a few labels. A column holds their places in the list of labels, as int64."""

    row_bytes = 12  # int64 in a column, int32 in a message.

    def __init__(self, name: str, labels: Sequence[str]) -> None:
        self.name = name
        self._count = len(labels)

    def check(self, column: Any, rows: int) -> NDArray[np.int64]:
        places = fit(self.name, column, np.dtype(np.int64), (rows,))
        for place in (places.min(), places.max()):
            if not 0 <= place < self._count:
                right = f"0 to {self._count - 1}"
                raise InvalidOutputError(f"{self.name}: {place} is no label's place, {right}")
        return places

    def write(self, predictions: Sequence[Any], column: NDArray[np.int64]) -> None:
        for prediction, number in zip(predictions, (column + 1).tolist(), strict=True):
            setattr(prediction, self.name, number)

    def append(self, columns: Any, column: NDArray[np.int64]) -> None:
        getattr(columns, self.name).extend((column + 1).tolist())
{% endif %}
{% if "Tensor" in kinds %}


class Tensor:
    """An array of a known shape. A column has the shape (n, *dims)."""

    def __init__(self, name: str, dtype: DTypeLike, dims: tuple[int, ...]) -> None:
        self.name = name
        self._dtype = np.dtype(dtype)
        self.row_bytes = 2 * math.prod(dims) * self._dtype.itemsize
        self._dims = dims

    def check(self, column: Any, rows: int) -> NDArray[Any]:
        return fit(self.name, column, self._dtype, (rows, *self._dims))

    def write(self, predictions: Sequence[Any], column: NDArray[Any]) -> None:
{% if s.outputs_are_small %}
        rows = column.reshape(len(column), -1).tolist()
        for prediction, values in zip(predictions, rows, strict=True):
            getattr(prediction, self.name).extend(values)
{% else %}
        for prediction, tensor in zip(predictions, column, strict=True):
            extend(prediction, self.name, tensor)
{% endif %}

    def append(self, columns: Any, column: NDArray[Any]) -> None:
        extend(columns, self.name, column)
{% endif %}
{% if "VariableTensor" in kinds %}


class VariableTensor:
    """An array with dims that differ from row to row: None in dims. A column is a list of arrays.

    With one such dim the values alone tell the shape; with more it travels beside them.
    """

    row_bytes = 512  # Of what holds the elements, whatever their number.

    def __init__(self, name: str, dtype: DTypeLike, dims: tuple[int | None, ...]) -> None:
        self.name = name
        self._dtype = np.dtype(dtype)
        self._dims = dims
        self._flat = dims.count(None) == 1

    def check(self, column: Any, rows: int) -> list[NDArray[Any]]:
        return [self._fit(tensor) for tensor in fit_list(self.name, column, rows)]

    def _fit(self, tensor: Any) -> NDArray[Any]:
        shape = np.shape(tensor)
        if not fits(shape, self._dims):
            raise InvalidOutputError(f"{self.name}: expected shape {self._dims}, got {shape}")
        return fit(self.name, tensor, self._dtype, shape)

    def write(self, predictions: Sequence[Any], column: Sequence[NDArray[Any]]) -> None:
        for prediction, tensor in zip(predictions, column, strict=True):
            if self._flat:
                extend(prediction, self.name, tensor)
            else:
                self._fill(getattr(prediction, self.name), tensor)

    def append(self, columns: Any, column: Sequence[NDArray[Any]]) -> None:
        for tensor in column:
            self._fill(getattr(columns, self.name).add(), tensor)

    def _fill(self, message: Any, tensor: NDArray[Any]) -> None:
        message.shape.extend(tensor.shape)
        extend(message, "values", tensor)
{% endif %}
{% if "Image" in kinds %}


class Image:
    """A picture, sent as a PNG file.

{% if s.outputs_vary %}
    A column is a list of uint8 arrays of shape (height, width, channels).
{% else %}
    A column holds its pixels, as uint8 of shape (n, height, width, channels).
{% endif %}
    """

    def __init__(self, name: str, channels: int, size: tuple[int, int] | None = None) -> None:
        self.name = name
        self.row_bytes = math.prod(size) * channels if size else 0
        self._dims = (*(size or (None, None)), channels)

    def check(self, column: Any, rows: int) -> list[NDArray[np.uint8]]:
        return [self._fit(np.asarray(pixels)) for pixels in fit_list(self.name, column, rows)]

    def _fit(self, pixels: NDArray[Any]) -> NDArray[np.uint8]:
        if pixels.dtype != np.uint8:
            raise InvalidOutputError(f"{self.name}: expected dtype uint8, got {pixels.dtype}")
        if not fits(pixels.shape, self._dims):
            expected = f"expected shape {self._dims}"
            raise InvalidOutputError(f"{self.name}: {expected}, got {pixels.shape}")
        return pixels

    def write(self, predictions: Sequence[Any], column: Sequence[NDArray[np.uint8]]) -> None:
        for prediction, pixels in zip(predictions, column, strict=True):
            setattr(prediction, self.name, png(pixels))

    def append(self, columns: Any, column: Sequence[NDArray[np.uint8]]) -> None:
        getattr(columns, self.name).extend(map(png, column))


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return the pixels, of shape (height, width, channels), as a PNG file."""
    file = io.BytesIO()
    Pillow.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels).save(file, "PNG")
    return file.getvalue()
{% endif %}
