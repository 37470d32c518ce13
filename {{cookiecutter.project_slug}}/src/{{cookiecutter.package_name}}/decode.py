{% set s = service(cookiecutter) %}
{% set kinds = s.input_kinds %}
{% set tensors = "Tensor" in kinds or "VariableTensor" in kinds %}
{% set numbers = s.inputs_have_numbers %}
{% set others = s.inputs_have_others %}
"""From request messages to NumPy columns, with the checks the schema asks for.

Each class here is one kind of input field. It checks single instances as calls come in, gathers
the instances of a batch into a column, and reads the columns of BatchPredict.
"""

{% if "Image" in kinds %}
import io
{% endif %}
{% if tensors or "Image" in kinds %}
import math
{% endif %}
{% if "Image" in kinds %}
import struct
import warnings
{% endif %}
from collections.abc import Iterable, Sequence
{% if "Image" in kinds %}
from itertools import islice
{% endif %}
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import {% if "Scalar" in kinds or tensors %}DTypeLike, {% endif %}NDArray
{% if "Image" in kinds %}
from PIL import Image as Pillow
{% endif %}

{% if s.inputs_vary %}
# Rows of one shape are one array; rows whose shapes differ are an array each.
Column = NDArray[Any] | list[NDArray[Any]]
{% else %}
Column = NDArray[Any]
{% endif %}

# A request with more wrong rows is told of the first ones.
MOST_FAULTS = 1000
{% if others %}
# What a short text takes up in memory, as an object of Python and with what refers to it.
TEXT_BYTES = 80
{% endif %}


class Violation(NamedTuple):
    """One thing that is wrong with a request: which field, and what is wrong with it."""

    field: str
    description: str


class InvalidInputError(Exception):
    """A request the model cannot be asked.

    Attributes:
        violations: All that is wrong with it, in the order of the fields.
    """

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(": ".join(violation) for violation in self.violations))


class Field(Protocol):
    """What every kind of field can do."""

    name: str
    optional: bool
    # What a row takes up in memory beside its bytes on the wire, where all rows take the same.
    row_bytes: int

    def check(self, instance: Any) -> Violation | None:
        """Return what is wrong with the field in one instance, or None."""

    def gather(self, instances: Sequence[Any]) -> NDArray[Any]:
        """Return the field of checked instances as a column{% if s.inputs_vary %}; they all have one shape{% endif %}."""

    def rows(self, columns: Any) -> int:
        """Return how many rows a message of columns has for the field."""

    def read(self, columns: Any, rows: int) -> Column:
        """Return the field's column; raise InvalidInputError if a row is wrong."""


{% if "Scalar" in kinds or tensors %}
def element_bytes(dtype: np.dtype[Any]) -> int:
    """Return what an element takes up in a column, and in a message beside its bytes on the wire."""
{% if others %}
    if dtype.kind == "O":
        return TEXT_BYTES
{% endif %}
    # On the wire floats are as large as in a message, while integers and flags may be one byte.
    return dtype.itemsize if dtype.kind == "f" else 2 * dtype.itemsize


{% endif %}
def raise_faults(name: str, faults: Iterable[tuple[int, str]]) -> None:
    """Raise InvalidInputError if there is any fault, naming the row of each."""
    violations = [Violation(f"{name}[{row}]", fault) for row, fault in faults]
    if violations:
        raise InvalidInputError(violations)


{% if tensors %}
def shape_text(dims: Sequence[int | None]) -> str:
    """Return dims as one reads them: ``3 x ?``."""
    return " x ".join("?" if dim is None else str(dim) for dim in dims)


{% endif %}
{% if numbers %}
class Range:
    """The numbers a field may hold: finite, within its dtype, from low to high.

    Attributes:
        low, high: Rounded as values are on the wire: as a float32, 0.1 is above 0.1.
    """

    def __init__(
        self, dtype: np.dtype[Any], low: float | None, high: float | None, *, allow_nan: bool
    ) -> None:
        limits = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
        self._wire = np.result_type(dtype, np.float32) if dtype.kind == "f" else dtype
        self.low = self._wire.type(limits.min if low is None else low).item()
        self.high = self._wire.type(limits.max if high is None else high).item()
        self._allow_nan = allow_nan

    def fault(self, value: float) -> str | None:
        """Return what is wrong with one number, or None."""
        if self.low <= value <= self.high or (self._allow_nan and value != value):
            return None
        if not np.isfinite(value):
            return f"{value} is not a finite number"
        if value < self.low:
            return f"{self._show(value)} is below {self._show(self.low)}"
        return f"{self._show(value)} is above {self._show(self.high)}"

    def faults(self, values: NDArray[Any]) -> list[tuple[int, str]]:
        """Return the place of each wrong number in a flat array, and what is wrong with it."""
        right = (values >= self.low) & (values <= self.high)
        if self._allow_nan:
            right |= np.isnan(values)
        wrong = np.flatnonzero(~right)[:MOST_FAULTS]
        return [(int(i), str(self.fault(values[i].item()))) for i in wrong]

    def _show(self, value: float) -> str:
        if isinstance(value, int):
            return str(value)
        return str(self._wire.type(value)).removesuffix(".0")


{% if others %}
def range_of(
    dtype: np.dtype[Any], low: float | None, high: float | None, default: Any
) -> Range | None:
    """Return the range of a field of numbers; other fields have none."""
    if dtype.kind in "bO":
        return None
    return Range(dtype, low, high, allow_nan=default != default)


{% endif %}
{% endif %}
{% macro bounds_parameters() %}
{% if numbers %}
        low: float | None = None,
        high: float | None = None,
{% endif %}
{% endmacro %}
{% macro set_range() %}
{% if numbers and others %}
        self._range = range_of(self._dtype, low, high, default)
{% elif numbers %}
        # Only nan differs from itself.
        self._range = Range(self._dtype, low, high, allow_nan=default != default)
{% endif %}
{% endmacro %}
{% if "Scalar" in kinds %}
class Scalar:
    """One value. A column has the shape (n,)."""

    def __init__(
        self,
        name: str,
        dtype: DTypeLike,
        *,
{{ bounds_parameters() }}        default: Any = None,
    ) -> None:
        self.name = name
        self.optional = default is not None
        self._dtype = np.dtype(dtype)
        self.row_bytes = element_bytes(self._dtype)
        self._default = default
{{ set_range() }}        self._value = attrgetter(name)

    def check(self, instance: Any) -> Violation | None:
        value = self._value(instance)
        # What is missing reads as zero or empty; looking at values first is quicker.
        if not value and not instance.HasField(self.name):
            return None if self.optional else Violation(self.name, "required")
{% if numbers %}
{% if others %}
        if self._range is None or self._range.low <= value <= self._range.high:
{% else %}
        if self._range.low <= value <= self._range.high:
{% endif %}
            return None
        fault = self._range.fault(value)
        return Violation(self.name, fault) if fault else None
{% else %}
        return None
{% endif %}

    def gather(self, instances: Sequence[Any]) -> NDArray[Any]:
        values = [*map(self._value, instances)]
        if self.optional:
            for row, instance in enumerate(instances):
                if not instance.HasField(self.name):
                    values[row] = self._default
        return np.array(values, self._dtype)

    def rows(self, columns: Any) -> int:
        return len(self._value(columns))

    def read(self, columns: Any, rows: int) -> NDArray[Any]:
        values = self._value(columns)
        if not len(values):
            return np.broadcast_to(np.array(self._default, self._dtype), rows)
{% if numbers and others %}
        if self._range:
            raise_faults(self.name, self._range.faults(np.asarray(values)))
{% elif numbers %}
        raise_faults(self.name, self._range.faults(np.asarray(values)))
{% endif %}
        return np.array(values, self._dtype)


{% endif %}
{% if "Label" in kinds %}
class Label:
    """One of a few labels. A column holds their places in the list of labels, as int64."""

    row_bytes = 12  # int32 in a message, int64 in a column.

    def __init__(self, name: str, labels: Sequence[str], *, default: str | None = None) -> None:
        self.name = name
        self.optional = default is not None
        self._labels = labels
        self._default = 0 if default is None else labels.index(default) + 1
        self._value = attrgetter(name)

    def check(self, instance: Any) -> Violation | None:
        fault = self._fault(self._value(instance))
        return Violation(self.name, fault) if fault else None

    def _fault(self, number: int) -> str | None:
        if 1 <= number <= len(self._labels):
            return None
        if number == 0:
            return None if self.optional else "required"
        return f"{number} is no label's number; they go from 1 to {len(self._labels)}"

    def gather(self, instances: Sequence[Any]) -> NDArray[Any]:
        return self._places(np.array([*map(self._value, instances)], np.int64))

    def rows(self, columns: Any) -> int:
        return len(self._value(columns))

    def read(self, columns: Any, rows: int) -> NDArray[Any]:
        numbers = np.array(self._value(columns), np.int64)
        if not len(numbers):
            numbers = np.zeros(rows, np.int64)
        least = 0 if self.optional else 1
        wrong = np.flatnonzero((numbers < least) | (numbers > len(self._labels)))[:MOST_FAULTS]
        raise_faults(self.name, [(int(row), str(self._fault(numbers[row]))) for row in wrong])
        return self._places(numbers)

    def _places(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        numbers[numbers == 0] = self._default
        return numbers - 1


{% endif %}
{% if "Tensor" in kinds %}
class Tensor:
    """An array of a known shape. A column has the shape (n, *dims)."""

    def __init__(
        self,
        name: str,
        dtype: DTypeLike,
        dims: tuple[int, ...],
        *,
{{ bounds_parameters() }}        default: Any = None,
    ) -> None:
        self.name = name
        self.optional = default is not None
        self._dtype = np.dtype(dtype)
        self._dims = dims
        self._size = math.prod(dims)
        self.row_bytes = self._size * element_bytes(self._dtype)
        self._default = default
{{ set_range() }}        self._values = attrgetter(name)

    def check(self, instance: Any) -> Violation | None:
        values = self._values(instance)
        if not len(values):
            return None if self.optional else Violation(self.name, "required")
        if len(values) != self._size:
            expected = f"{self._size} values (shape {shape_text(self._dims)})"
            return Violation(self.name, f"expected {expected}, got {len(values)}")
{% if numbers and others %}
        if self._range:
            for place, fault in self._range.faults(np.asarray(values)):
                return Violation(f"{self.name}[{place}]", fault)
{% elif numbers %}
        for place, fault in self._range.faults(np.asarray(values)):
            return Violation(f"{self.name}[{place}]", fault)
{% endif %}
        return None

    def gather(self, instances: Sequence[Any]) -> NDArray[Any]:
        column = np.empty((len(instances), self._size), self._dtype)
        for row, instance in zip(column, instances, strict=True):
            row[:] = self._values(instance) or self._default
        return column.reshape(-1, *self._dims)

    def rows(self, columns: Any) -> int:
        count = len(self._values(columns))
        if count % self._size:
            expected = f"a multiple of {self._size} values (shape {shape_text(self._dims)})"
            raise InvalidInputError([Violation(self.name, f"expected {expected}, got {count}")])
        return count // self._size

    def read(self, columns: Any, rows: int) -> NDArray[Any]:
        values = self._values(columns)
        if not len(values):
            return np.broadcast_to(np.array(self._default, self._dtype), (rows, *self._dims))
{% if numbers and others %}
        if self._range:
            faults = self._range.faults(np.asarray(values))
            raise_faults(self.name, [(place // self._size, fault) for place, fault in faults])
{% elif numbers %}
        faults = self._range.faults(np.asarray(values))
        raise_faults(self.name, [(place // self._size, fault) for place, fault in faults])
{% endif %}
        return np.array(values, self._dtype).reshape(-1, *self._dims)


{% endif %}
{% if "VariableTensor" in kinds %}
class VariableTensor:
    """An array with dims that differ from instance to instance: None in dims.

    With one such dim the values alone tell the shape; with more it travels beside them.
    A column of one batch has the shape (n, *shape); one of BatchPredict is a list of arrays.
    """

    optional = False
    row_bytes = 512  # Of what holds the elements, whatever their number.

    def __init__(
        self,
        name: str,
        dtype: DTypeLike,
        dims: tuple[int | None, ...],
{% if numbers %}
        *,
        low: float | None = None,
        high: float | None = None,
{% endif %}
    ) -> None:
        self.name = name
        self._dtype = np.dtype(dtype)
        self._dims = dims
        self._flat = dims.count(None) == 1
{% if numbers and others %}
        self._range = range_of(self._dtype, low, high, None)
{% elif numbers %}
        self._range = Range(self._dtype, low, high, allow_nan=False)
{% endif %}
        self._value = attrgetter(name)

    def check(self, instance: Any) -> Violation | None:
        tensor = self._value(instance)
        if self._flat:
            return self._check(self.name, tensor, ())
        return self._check(self.name, tensor.values, tensor.shape)

    def _check(self, name: str, values: Any, shape: Sequence[int]) -> Violation | None:
        fault = self._shape_fault(len(values), shape)
        if fault:
            return Violation(name, fault)
{% if numbers and others %}
        if self._range:
            for place, fault in self._range.faults(np.asarray(values)):
                return Violation(f"{name}[{place}]", fault)
{% elif numbers %}
        for place, fault in self._range.faults(np.asarray(values)):
            return Violation(f"{name}[{place}]", fault)
{% endif %}
        return None

    def _shape_fault(self, count: int, shape: Sequence[int]) -> str | None:
        if not shape and not count:
            return "at least one value is required"
        if not shape and self._flat:
            size = math.prod(dim for dim in self._dims if dim)
            if count % size:
                expected = f"a multiple of {size} values (shape {shape_text(self._dims)})"
                return f"expected {expected}, got {count}"
            return None
        if len(shape) != len(self._dims) or any(
            size < 0 or dim not in (None, size) for dim, size in zip(self._dims, shape, strict=True)
        ):
            got = shape_text(shape) if shape else "none"
            return f"expected shape {shape_text(self._dims)}, got {got}"
        if not all(shape):
            expected = "at least one value along each dimension"
            return f"expected {expected}, got shape {shape_text(shape)}"
        if math.prod(shape) != count:
            return f"expected {math.prod(shape)} values (shape {shape_text(shape)}), got {count}"
        return None

    def shape(self, instance: Any) -> tuple[int, ...]:
        """Return the shape of the tensor of one checked instance."""
        tensor = self._value(instance)
        if not self._flat:
            return tuple(tensor.shape)
        inferred = len(tensor) // math.prod(dim for dim in self._dims if dim)
        return tuple(inferred if dim is None else dim for dim in self._dims)

    def size(self, instance: Any) -> int:
        """Return what the elements of one instance take up."""
        tensor = self._value(instance)
        return len(tensor if self._flat else tensor.values) * element_bytes(self._dtype)

    def column_size(self, columns: Any) -> int:
        """Return what the elements of a column take up."""
        elements = sum(len(tensor.values) for tensor in self._value(columns))
        return elements * element_bytes(self._dtype)

    def gather(self, instances: Sequence[Any]) -> NDArray[Any]:
        tensors = [self._value(instance) for instance in instances]
        if self._flat:
            return np.stack([self._array(tensor, ()) for tensor in tensors])
        return np.stack([self._array(tensor.values, tensor.shape) for tensor in tensors])

    def _array(self, values: Any, shape: Sequence[int]) -> NDArray[Any]:
        dims = shape or [-1 if dim is None else dim for dim in self._dims]
        return np.array(values, self._dtype).reshape(dims)

    def rows(self, columns: Any) -> int:
        return len(self._value(columns))

    def read(self, columns: Any, rows: int) -> list[NDArray[Any]]:
        tensors = self._value(columns)
        violations = []
        for row, tensor in enumerate(tensors):
            violation = self._check(f"{self.name}[{row}]", tensor.values, tensor.shape)
            if violation:
                violations.append(violation)
            if len(violations) == MOST_FAULTS:
                break
        if violations:
            raise InvalidInputError(violations)
        return [self._array(tensor.values, tensor.shape) for tensor in tensors]


{% endif %}
{% if "Image" in kinds %}
FORMATS = ("PNG", "JPEG", "WEBP")
LARGEST_IMAGE = 50_000_000
# What a pixel takes up while it is decoded: four bytes in each of Pillow's pictures, as read and as
# turned upright or in other colours, and three in each array, as copied from it and for the model.
PIXEL_BYTES = 16
# What it takes up to look at the size of a picture.
HEADER_BYTES = 512
NOT_AN_IMAGE = "not a PNG, JPEG or WebP image that can be read"
UNREADABLE = (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError)

# Pillow warns of odd metadata in words that callers choose, and Python remembers each it has shown.
warnings.filterwarnings("ignore", module=r"PIL\.")


def open_image(data: bytes) -> Pillow.Image:
    """Open an image file and read its header; its pixels are decoded later."""
    return Pillow.open(io.BytesIO(data), formats=FORMATS)


{% if s.inputs_vary %}
def picture_size(data: bytes) -> int:
    """Return what it takes up to decode an image file; nothing if it is none."""
    try:
        with open_image(data) as picture:
            return picture.width * picture.height * PIXEL_BYTES
    except UNREADABLE:
        return 0


{% endif %}
# How a picture is turned upright, by its orientation in EXIF.
TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
FIRST_SIDEWAYS = 5
ORIENTATION_TAG = 0x0112


def orientation(picture: Pillow.Image) -> int:
    """Return the orientation of a picture: 1 is upright, and what holds if its header tells none.

    Pillow reads all of EXIF for it, fails on odd tags, and decodes a PNG's pixels first.
    """
    exif = picture.info.get("exif", b"").removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(f"{order}I", exif, 4)
        (tags,) = struct.unpack_from(f"{order}H", exif, start)
        for place in range(start + 2, start + 2 + 12 * tags, 12):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", exif, place)
            if tag == ORIENTATION_TAG:
                return int(value)
    except struct.error:  # It is cut short.
        pass
    return 1


def upright_size(picture: Pillow.Image) -> tuple[int, int]:
    """Return the height and the width of a picture once it is upright."""
    is_sideways = FIRST_SIDEWAYS <= orientation(picture) <= max(TURNS)
    return picture.size if is_sideways else (picture.height, picture.width)


class Image:
    """A picture as a file. A column holds its pixels, as uint8 of shape (n, height, width, channels).

    A picture whose EXIF orientation says that it lies or is mirrored is turned upright.

    Args:
        size: The height and width that every picture must have; None where any will do.
    """

    optional = False

    def __init__(self, name: str, channels: int, size: tuple[int, int] | None = None) -> None:
        self.name = name
        self._size = size
        self._channels = channels
        self._mode = {1: "L", 3: "RGB", 4: "RGBA"}[channels]
        self.row_bytes = math.prod(size) * PIXEL_BYTES if size else HEADER_BYTES
        self._value = attrgetter(name)

    def check(self, instance: Any) -> Violation | None:
        if not instance.HasField(self.name):
            return Violation(self.name, "required")
        return self._check(self.name, self._value(instance))

    def _check(self, name: str, data: bytes) -> Violation | None:
        try:
            with open_image(data) as picture:
                height, width = upright_size(picture)
        except UNREADABLE:
            return Violation(name, NOT_AN_IMAGE)
        if width * height > LARGEST_IMAGE:
            return Violation(name, f"{width} x {height} is more than {LARGEST_IMAGE} pixels")
        if self._size not in (None, (height, width)):
            expected = f"{self._size[1]} x {self._size[0]} pixels"
            return Violation(name, f"expected {expected}, got {width} x {height}")
        return None

    def shape(self, instance: Any) -> tuple[int, ...]:
        """Return the shape of the pixels of one checked instance."""
        with open_image(self._value(instance)) as picture:
            return *upright_size(picture), self._channels

    def gather(self, instances: Sequence[Any]) -> NDArray[Any]:
        pixels = [self._pixels(self.name, self._value(instance)) for instance in instances]
        return np.stack(pixels) if len(pixels) > 1 else pixels[0][np.newaxis]

    def _pixels(self, name: str, data: bytes) -> NDArray[np.uint8]:
        try:
            with open_image(data) as picture:
                turn = TURNS.get(orientation(picture))
                upright = picture if turn is None else picture.transpose(turn)
                # Even to its own mode, Pillow converts a copy.
                fits = upright.mode == self._mode
                pixels = np.asarray(upright if fits else upright.convert(self._mode))
        except UNREADABLE:
            raise InvalidInputError([Violation(name, NOT_AN_IMAGE)]) from None
        return pixels.reshape(*pixels.shape[:2], self._channels)

{% if s.inputs_vary %}
    def size(self, instance: Any) -> int:
        """Return what it takes up to decode the picture of one checked instance."""
        return 0 if self._size else picture_size(self._value(instance))

    def column_size(self, columns: Any) -> int:
        """Return what it takes up to decode the pictures of a column."""
        return 0 if self._size else sum(map(picture_size, self._value(columns)))

{% endif %}
    def rows(self, columns: Any) -> int:
        return len(self._value(columns))

    def read(self, columns: Any, rows: int) -> Column:
        images = [(f"{self.name}[{row}]", data) for row, data in enumerate(self._value(columns))]
        faults = filter(None, (self._check(*image) for image in images))
        if violations := [*islice(faults, MOST_FAULTS)]:
            raise InvalidInputError(violations)
        pixels = [self._pixels(*image) for image in images]
{% if s.inputs_vary %}
        return np.stack(pixels) if self._size else pixels
{% else %}
        return np.stack(pixels)
{% endif %}


{% endif %}
def read_columns(fields: Sequence[Field], columns: Any) -> dict[str, Column]:
    """Read every field of a message of columns; raise InvalidInputError with all that is wrong."""
    rows = count_rows(fields, columns)
    read: dict[str, Column] = {}
    violations: list[Violation] = []
    for field in fields:
        try:
            read[field.name] = field.read(columns, rows)
        except InvalidInputError as error:
            violations.extend(error.violations)
    if violations:
        raise InvalidInputError(violations)
    return read


def count_rows(fields: Sequence[Field], columns: Any) -> int:
    """Return how many rows all columns have; raise InvalidInputError if they differ or there are none."""
    counts = {field: field.rows(columns) for field in fields}
    first = next((field for field, count in counts.items() if count), None)
    if first is None:
        raise InvalidInputError([Violation("", "at least one row is required")])
    rows = counts[first]
    violations = []
    for field, count in counts.items():
        if not count and not field.optional:
            violations.append(Violation(field.name, "required"))
        elif count not in (0, rows):
            fault = f"expected {rows} rows, as many as {first.name} has, got {count}"
            violations.append(Violation(field.name, fault))
    if violations:
        raise InvalidInputError(violations)
    return rows
