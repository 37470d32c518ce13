"""What the elements of arrays are: numbers, flags, or texts."""

import reprlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .field import Dims, fits, in_words, shape_text
from .ranges import Range
from .values import is_missing
from .violations import InvalidError, InvalidOutputError, Violation

# What a short text takes up in memory, as an object of Python and with what refers to it.
TEXT_BYTES = 80
# The narrowest integers that messages have.
MESSAGE_INTEGER_BYTES = 4


class Elements:
    """The elements of a field.

    Args:
        dtype: What NumPy has them as; str or bytes for texts, whose columns hold objects.
        low, high: The least and the largest that numbers may be.
        default: What stands for all that are missing; nan lets nan through.

    Attributes:
        dtype: That of columns.
        input_bytes: What one takes up in a column, and in a message beside its bytes on the wire.
        output_bytes: What one takes up in a column and in a message.
        range: What numbers may be; None for others.
        wire: What floats are in a message; None for others, which take as many bytes as they need.
        words: What they are, for people.
        usual: One that may be, for instances that are made up: the default, unless that is nan.
        range_words: What numbers may be, as a sentence; empty if they may be any.
    """

    def __init__(
        self,
        dtype: DTypeLike,
        low: float | None = None,
        high: float | None = None,
        default: Any = None,
    ) -> None:
        asked = np.dtype(dtype)
        self.type: Any = {"U": str, "S": bytes}.get(asked.kind)
        self.dtype = np.dtype(np.object_) if self.type else asked
        # Messages have no float16: rounding to it is up to the server, after it has checked a value.
        self._wire = np.result_type(asked, np.float32) if asked.kind == "f" else self.dtype
        self.wire = self._wire.newbyteorder("<") if asked.kind == "f" else None
        self.words = f"{self.type.__name__} objects" if self.type else str(asked)
        self.range: Range | None = None
        if asked.kind in "fiu":
            self.range = Range(asked, low, high, allow_nan=default != default)
        if self.type:
            self.input_bytes = TEXT_BYTES
        else:
            # Floats are as large on the wire as in a message; integers and flags may be one byte.
            self.input_bytes = asked.itemsize * (1 if asked.kind == "f" else 2)
        self.output_bytes = 2 * asked.itemsize
        self.usual = usual(asked, low, high) if is_missing(default, nan=True) else default
        self.range_words = range_words(low, high)

    def read(self, values: Any) -> NDArray[Any]:
        """Return a repeated field as an array of its own, with numbers as they are on the wire."""
        return np.array(values) if self.range else np.array(values, self.dtype)

    def fault(self, values: Any) -> tuple[int, str] | None:
        """Return the place of the first wrong one in a repeated field, and what is wrong with it."""
        faults = self.faults(values)
        return faults[0] if faults else None

    def faults(self, values: Any) -> Sequence[tuple[int, str]]:
        """Return the place of each wrong one in a repeated field, and what is wrong with it."""
        return self.range.faults(np.asarray(values)) if self.range else ()

    def from_wire(self, values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return floats of messages in their dtype, and for each whether it is right."""
        assert self.range
        with np.errstate(over="ignore", invalid="ignore"):  # What is not right may be anything.
            return values.astype(self.dtype), self.range.right(values)

    def fit(self, name: str, column: Any, shape: tuple[int, ...]) -> NDArray[Any]:
        """Return what a model has answered as an array of this dtype and shape.

        Raises:
            InvalidOutputError: If it is not one.
        """
        if np.ma.is_masked(column):
            raise InvalidOutputError(f"{name}: some values are masked")
        array = np.asarray(column, np.object_ if self.type else None)
        if array.shape != shape:
            raise InvalidOutputError(f"{name}: expected shape {shape}, got {array.shape}")
        if self.type:
            for element in array.flat:
                if not isinstance(element, self.type):
                    expected, got = self.type.__name__, type(element).__name__
                    raise InvalidOutputError(f"{name}: expected {expected}, got {got}")
            return array
        if array.dtype != self.dtype:
            array = self._cast(name, array)
        if self.dtype.kind == "f" and not np.isfinite(array).all():
            raise InvalidOutputError(f"{name}: not every value is a finite {self.dtype}")
        return array

    def _cast(self, name: str, array: NDArray[Any]) -> NDArray[Any]:
        # Integers are of one kind here, whether they have a sign: what counts is that all fit.
        are_integers = self.dtype.kind in "iu" and array.dtype.kind in "iu"
        if not are_integers and not np.can_cast(array.dtype, self.dtype, "same_kind"):
            raise InvalidOutputError(f"{name}: expected dtype {self.dtype}, got {array.dtype}")
        with np.errstate(over="ignore"):
            fitted = array.astype(self.dtype)
        if are_integers and not np.array_equal(fitted, array):
            raise InvalidOutputError(f"{name}: not every value fits {self.dtype}")
        return fitted

    def take(self, path: str, value: Any, dims: Dims) -> NDArray[Any]:
        """Return a caller's value as an array for a message, with the dims that are known.

        Raises:
            InvalidError: If it is not one.
        """
        if is_missing(value):
            fault = "at least one value is required" if None in dims else "required"
            raise InvalidError([Violation(path, fault)])
        try:
            array = np.asarray(value, np.object_ if self.type else None)
        except ValueError:
            raise InvalidError([Violation(path, "its parts differ in length")]) from None
        wrong = shape_fault(array.shape, dims) or self._misfit(array)
        if wrong:
            raise InvalidError([Violation(path, wrong)])
        with np.errstate(over="ignore"):  # The server refuses infinity.
            return array.astype(self._wire)

    def _misfit(self, array: NDArray[Any]) -> str | None:
        if self.type:
            wrong = (each for each in array.flat if not isinstance(each, self.type))
            for element in wrong:
                return f"expected {self.type.__name__}, got {reprlib.repr(element)}"
            return None
        if array.dtype.kind in "iu" and self.dtype.kind in "iu":
            wrong = array[array.astype(self.dtype) != array]
            if wrong.size:
                return f"not every value fits {self.dtype}: {wrong[0]} does not"
        elif not np.can_cast(array.dtype, self.dtype, "same_kind"):
            return f"expected {self.dtype}, got {array.dtype}"
        return None


def range_words(low: float | None, high: float | None) -> str:
    """Return a range as a sentence, or nothing if there is none."""
    if low is not None and high is not None:
        return f"{in_words(low)} to {in_words(high)}."
    if low is not None:
        return f"At least {in_words(low)}."
    return "" if high is None else f"At most {in_words(high)}."


def usual(dtype: np.dtype[Any], low: float | None, high: float | None) -> Any:
    """Return the value nearest to zero that is in a range, or an empty text."""
    if low is not None and low > 0:
        return low
    if high is not None and high < 0:
        return high
    return dtype.type().item()


def shape_fault(shape: Sequence[int], dims: Dims) -> str | None:
    """Return what is wrong with the shape of a caller's value, or None."""
    right = fits(shape, dims)
    if right and all(shape):
        return None
    expected = "at least one value along each dimension" if right else f"shape {shape_text(dims)}"
    got = f"shape {shape_text(shape)}" if shape else "a single value"
    return f"expected {expected}, got {got}"


def unpacked(path: str, values: Any, dtype: np.dtype[Any], dims: Dims) -> NDArray[Any]:
    """Return the values of a repeated field as an array; one dim may be as long as they last.

    Raises:
        InvalidError: If they are too many or too few, or do not fit the dtype.
    """
    try:
        array = np.array(values, dtype).reshape([-1 if dim is None else dim for dim in dims])
    except ValueError:
        fault = f"expected shape {shape_text(dims)}, got {len(values)} values"
        raise InvalidError([Violation(path, fault)]) from None
    # Narrow integers travel as wider ones.
    is_narrow = dtype.kind in "iu" and dtype.itemsize < MESSAGE_INTEGER_BYTES
    if is_narrow and not np.array_equal(array.ravel(), values):
        raise InvalidError([Violation(path, f"not every value fits {dtype}")])
    return array
