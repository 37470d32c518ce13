"""NumPy arrays as files hold them: small ones are decoded, of all others only the shape is kept."""

import math
import re
import struct
from dataclasses import dataclass
from typing import Any

# Labels, categories and names of columns have no more; numbers of a model's own may.
MOST_ELEMENTS = 200_000
MOST_BYTES = 1 << 20
# The most that a dim of an array can be.
MOST_DIM = 1 << 48

KIND = re.compile(r"([<>|=]?)([a-zA-Z?])([0-9]*)")
FORMATS = {
    ("?", 1): "?", ("b", 1): "?", ("i", 1): "b", ("i", 2): "h", ("i", 4): "i", ("i", 8): "q",
    ("u", 1): "B", ("u", 2): "H", ("u", 4): "I", ("u", 8): "Q",
    ("f", 2): "e", ("f", 4): "f", ("f", 8): "d",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dtype:
    """What the elements of an array are: the letter of their kind, their size, their byte order."""

    kind: str
    size: int
    order: str = "<"

    @property
    def is_simple(self) -> bool:
        """Whether elements can be decoded here: numbers, bools and texts."""
        return self.kind == "U" or (self.kind, self.size) in FORMATS


OBJECTS = Dtype("O", 8)
OPAQUE = Dtype("V", 0)


def dtype_of(text: str, order: str = "") -> Dtype:
    """The dtype that NumPy writes as `text`, such as `<f8` or `U12`.

    Raises:
        ValueError: If it is none.
    """
    found = KIND.fullmatch(text)
    if found is None:
        raise ValueError("not a dtype")
    mark, kind, digits = found.groups()
    size = int(digits[:9] or 1)
    is_big = (order or mark) == ">"
    return Dtype(kind, size * 4 if kind == "U" else size, ">" if is_big else "<")


class Array:
    """An array: its shape, and its content where that is small and simple enough."""

    __slots__ = ("content", "dtype", "shape")

    def __init__(self) -> None:
        """An array of which nothing is known yet."""
        self.dtype = OPAQUE
        self.shape: tuple[int, ...] = ()
        self.content: bytes | list[Any] | None = None

    def fill(self, dtype: Dtype, shape: object, content: bytes | list[Any] | None) -> None:
        """Take over what was read.

        Raises:
            ValueError: If the shape is none.
        """
        self.dtype, self.shape = dtype, checked_shape(shape)
        if isinstance(content, list) or is_kept(dtype, self.shape):
            self.content = content

    @property
    def size(self) -> int:
        """How many bytes its elements take."""
        return math.prod(self.shape) * self.dtype.size

    @property
    def is_missing(self) -> bool:
        """Whether its content is one to keep, and is not here."""
        return self.content is None and is_kept(self.dtype, self.shape)

    @property
    def values(self) -> list[Any] | None:
        """The elements of an array with one dim, as Python has them; None if they were not kept."""
        if isinstance(self.content, list):
            return self.content if len(self.shape) == 1 else None
        if self.content is None or len(self.shape) > 1:
            return None
        count = math.prod(self.shape)
        if len(self.content) != self.size:
            raise ValueError("an array has another length than its shape")
        return decoded(self.dtype, self.content, count)


def checked_shape(shape: object) -> tuple[int, ...]:
    """A shape, or ValueError."""
    if not isinstance(shape, tuple) or len(shape) > 64:
        raise ValueError("not a shape")
    if any(type(dim) is not int or not 0 <= dim < MOST_DIM for dim in shape):
        raise ValueError("not a shape")
    return shape


def is_kept(dtype: Dtype, shape: tuple[int, ...]) -> bool:
    """Whether an array is small and simple enough for its content to be kept."""
    count = math.prod(shape)
    is_small = count <= MOST_ELEMENTS and count * dtype.size <= MOST_BYTES
    return len(shape) <= 1 and dtype.is_simple and is_small


def decoded(dtype: Dtype, content: bytes, count: int) -> list[Any]:
    """The elements of an array, as Python has them."""
    if dtype.kind == "U":
        codec = "utf-32-le" if dtype.order == "<" else "utf-32-be"
        steps = range(0, count * dtype.size, max(dtype.size, 1)) if dtype.size else []
        texts = [content[at : at + dtype.size].decode(codec).rstrip("\0") for at in steps]
        return texts if dtype.size else [""] * count
    letter = FORMATS[dtype.kind, dtype.size]
    return list(struct.unpack(f"{dtype.order}{count}{letter}", content))
