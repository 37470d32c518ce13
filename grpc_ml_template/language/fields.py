"""What a schema is made of: fields and the types of their elements."""

import math
from dataclasses import dataclass
from typing import Literal

ElementKind = Literal["float", "integer", "bool", "string", "bytes", "enum", "image"]
FieldKind = Literal["scalar", "tensor", "vector", "enum", "image"]
Number = int | float
Default = int | float | bool | str | None


@dataclass(frozen=True)
class ElementType:
    """One value of a field: how it is written, how it travels and what the model sees.

    `low` and `high` are the limits of the dtype itself; None where there are none.
    """

    name: str
    proto: str
    dtype: str
    kind: ElementKind
    low: Number | None = None
    high: Number | None = None


@dataclass(frozen=True)
class Removed:
    """What a schema had once: the name of a field, or a label, and a number that nothing gets."""

    name: str
    number: int


@dataclass(frozen=True, eq=False)
class Field:
    """One field of a schema.

    `number` is that of the proto, and so are `label_numbers`, one a label.
    `dims` is empty for scalars and enums; a None in it is a size known only at run time.
    `labels_of` is the enum whose labels a vector has a value of each for; they are its own too.
    `alias` is what it is called where the model was made, if that is another name.
    `low` and `high` are as written, and hold for every element.
    `default` is None for a required field, a label for an enum.
    """

    name: str
    kind: FieldKind
    element: ElementType
    dims: tuple[int | None, ...] = ()
    number: int = 0
    labels: tuple[str, ...] = ()
    label_numbers: tuple[int, ...] = ()
    removed_labels: tuple[Removed, ...] = ()
    labels_of: str = ""
    alias: str = ""
    low: Number | None = None
    high: Number | None = None
    default: Default = None
    description: str = ""

    @property
    def original(self) -> str:
        """What it is called where the model was made."""
        return self.alias or self.name

    @property
    def required(self) -> bool:
        """Whether every request has to carry the field."""
        return self.default is None

    @property
    def size(self) -> int:
        """How many elements the fixed dims hold."""
        return math.prod(dim for dim in self.dims if dim is not None)

    @property
    def unknown_dims(self) -> int:
        """How many dims are known only at run time."""
        return self.dims.count(None)

    @property
    def width(self) -> int:
        """How many values a vector has in messages: one for each number up to the largest."""
        return max([*self.label_numbers, *(gone.number for gone in self.removed_labels)])

    @property
    def allows_nan(self) -> bool:
        """Whether NaN stands for a missing value."""
        return isinstance(self.default, float) and math.isnan(self.default)

    # Written by hand because NaN, a common default, does not equal itself.
    def __eq__(self, other: object) -> bool:
        """Compare all parts as they are written."""
        return isinstance(other, Field) and repr(self) == repr(other)

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(repr(self))


FLOAT32_MAX = 3.4028234663852886e38
FLOAT64_MAX = 1.7976931348623157e308


def _float(name: str, proto: str, dtype: str, limit: float) -> ElementType:
    return ElementType(name, proto, dtype, "float", -limit, limit)


def _signed(name: str, proto: str, bits: int) -> ElementType:
    limit = 2 ** (bits - 1)
    return ElementType(name, proto, f"int{bits}", "integer", -limit, limit - 1)


def _unsigned(name: str, proto: str, bits: int) -> ElementType:
    return ElementType(name, proto, f"uint{bits}", "integer", 0, 2**bits - 1)


ENUM = ElementType("enum", "", "int64", "enum")
IMAGE = ElementType("image", "bytes", "uint8", "image", 0, 255)

# The types a schema may name, by that name. NumPy's narrow types travel as the next wider one.
SCALARS = {
    element.name: element
    for element in (
        _float("float", "float", "float32", FLOAT32_MAX),
        _float("double", "double", "float64", FLOAT64_MAX),
        _signed("int32", "int32", 32),
        _signed("int64", "int64", 64),
        _unsigned("uint32", "uint32", 32),
        _unsigned("uint64", "uint64", 64),
        ElementType("bool", "bool", "bool", "bool"),
        ElementType("string", "string", "object", "string"),
        ElementType("bytes", "bytes", "object", "bytes"),
        _float("float16", "float", "float16", 65504.0),
        _float("float32", "float", "float32", FLOAT32_MAX),
        _float("float64", "double", "float64", FLOAT64_MAX),
        _signed("int8", "int32", 8),
        _signed("int16", "int32", 16),
        _unsigned("uint8", "uint32", 8),
        _unsigned("uint16", "uint32", 16),
    )
}
