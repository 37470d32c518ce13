"""Headers of NumPy's files: the type and the shape of an array, read without NumPy."""

import ast
import math
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...language.errors import quoted
from ...language.rules import MOST_DIMS, MOST_ELEMENTS
from ..common.opening import SourceError

MAGIC = b"\x93NUMPY"
# As long as a header of the first version can be.
LONGEST_HEADER = 1 << 16
MOST_INSTANCES = 1 << 48
DTYPE = re.compile(r"([<>|=])([a-zA-Z])([0-9]{0,9})(\[.*\])?")
PADDING = re.compile(r"\|V([0-9]{1,9})")
TYPES = {
    "f2": "float16",
    "f4": "float",
    "f8": "double",
    "b1": "bool",
    **{f"i{size}": f"int{8 * size}" for size in (1, 2, 4, 8)},
    **{f"u{size}": f"uint{8 * size}" for size in (1, 2, 4, 8)},
}
TEXTS = {"U": "string", "S": "bytes"}
LAYOUTS = {"f2": "e", "f4": "f", "f8": "d", "b1": "?"}
LAYOUTS |= {"i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q"}


@dataclass(frozen=True)
class Values:
    """What an array, or a column of a record array, has for an instance.

    Attributes:
        name: Of the array or the column.
        type: The type of the field; empty for bytes that only align the next column.
        dims: The shape of one instance.
        layout: How an element is written: as `struct` has it, or the encoding of a text.
        bytes: How many one instance takes.
    """

    name: str
    type: str
    dims: tuple[int, ...]
    layout: str
    bytes: int


@dataclass(frozen=True)
class Header:
    """What the header of an array says.

    Attributes:
        values: The array, or the columns of a record array.
        instances: How many it has.
        start: Where its values start.
        is_by_rows: Whether each instance is written in one piece.
    """

    values: tuple[Values, ...]
    instances: int
    start: int
    is_by_rows: bool

    @property
    def row_bytes(self) -> int:
        """How many bytes an instance takes."""
        return sum(each.bytes for each in self.values)


def read_header(name: str, content: bytes, size: int) -> Header:
    """The header at the start of an array's content, all of which has `size` bytes.

    Raises:
        SourceError: If it is broken, or the array has values that no field can carry.
    """
    start, text = _header_text(content)
    held = _literal(text)
    shape = held.get("shape") if isinstance(held, dict) else None
    if not isinstance(shape, tuple) or not all(type(dim) is int and dim >= 0 for dim in shape):
        raise _broken()
    if not shape:
        raise SourceError(f"{quoted(name)} is one value", "save arrays of instances")
    values = tuple(_values(name, held.get("descr"), shape[1:]))
    is_by_rows = held.get("fortran_order") is False or len(shape) == 1
    header = Header(values, shape[0], start, is_by_rows)
    if header.instances > MOST_INSTANCES or header.instances * header.row_bytes > size - start:
        raise _broken()
    return header


def _literal(text: str) -> Any:
    """The value of a literal of Python; None if it is none."""
    with warnings.catch_warnings():
        # Of odd escape sequences in broken headers.
        warnings.simplefilter("ignore")
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            return None


def _header_text(content: bytes) -> tuple[int, str]:
    """Where the header ends, and what it is."""
    version, first = content[6:7], 10 if content[6:7] == b"\1" else 12
    if content[:6] != MAGIC or version not in (b"\1", b"\2", b"\3"):
        raise SourceError("it is no array of NumPy", "save it with numpy.save")
    length = int.from_bytes(content[8:first], "little")
    text = content[first : first + length]
    if length > LONGEST_HEADER or len(text) < length:
        raise _broken()
    return first + length, text.decode("utf-8" if version == b"\3" else "latin-1", "replace")


def _broken() -> SourceError:
    return SourceError("its header is broken, or the array is cut off", "save it again")


def _values(name: str, about: Any, dims: tuple[int, ...]) -> Iterator[Values]:
    """The array, or each column if it is a record array."""
    if not isinstance(about, list):
        yield _one(name, about, dims)
        return
    if dims:
        raise SourceError(f"{quoted(name)} is a table of records", "save a list of records")
    for field in about:
        if not isinstance(field, tuple) or len(field) not in (2, 3):
            raise _broken()
        if field[0] == "" and (padding := PADDING.fullmatch(str(field[1]))):
            yield Values("", "", (), "", int(padding[1]))
            continue
        if not isinstance(field[0], str):
            raise SourceError(f"{quoted(name)} has columns with titles", "give them names only")
        inner = field[2] if len(field) == 3 else ()
        if not isinstance(inner, tuple) or not all(type(dim) is int for dim in inner):
            raise _broken()
        yield _one(field[0], field[1], inner)


def _one(name: str, about: Any, dims: tuple[int, ...]) -> Values:
    if len(dims) > MOST_DIMS or 0 in dims or min(dims, default=1) < 0:
        raise SourceError(f"{quoted(name)} has sizes that no field has", "save arrays of instances")
    count = math.prod(dims)
    if count > MOST_ELEMENTS:
        raise SourceError(f"{quoted(name)} has too large instances", "save smaller ones")
    found = DTYPE.fullmatch(about) if isinstance(about, str) else None
    if not found:
        raise SourceError(f"{quoted(name)} has records within records", "save plain columns")
    order, letter, size, _ = found.groups()
    if letter in TEXTS:
        bytes_each = int(size or 0) * (4 if letter == "U" else 1)
        encoding = f"utf-32-{'be' if order == '>' else 'le'}" if letter == "U" else ""
        return Values(name, TEXTS[letter], dims, encoding, count * bytes_each)
    kind = TYPES.get(letter + size)
    if not kind:
        raise SourceError(
            f"{quoted(name)} has values of the type {quoted(about)}, which no field has",
            "save numbers or text: array.astype(float), array.astype(str)",
        )
    layout = (">" if order == ">" else "<") + LAYOUTS[letter + size]
    return Values(name, kind, dims, layout, count * int(size))
