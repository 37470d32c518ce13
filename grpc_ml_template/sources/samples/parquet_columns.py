"""The columns of a Parquet file, and the types of the fields that they make."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...language.errors import quoted
from ...language.fields import SCALARS
from ..common.opening import SourceError
from .thrift import Struct

MOST_DEPTH = 32
REPEATED = 2
DATES = "Text, since the schema language has no dates and times"
DECIMALS = "Doubles, since the schema language has no decimals"
PHYSICAL = {0: "bool", 1: "int32", 2: "int64", 4: "float", 5: "double", 6: "bytes", 7: "bytes"}
INT96 = 3
# By the numbers that Parquet gives them: types as they are now, and as they were before.
LOGICAL = {1: "string", 4: "string", 12: "string", 13: "bytes", 14: "string", 15: "float16"}
# Of a column in which every value is missing.
LOGICAL[11] = "unknown"
LOGICAL_LIST, LOGICAL_DECIMAL, LOGICAL_INTEGER, LOGICAL_DATES = 3, 5, 10, (6, 7, 8)
CONVERTED = {0: "string", 4: "string", 11: "uint8", 12: "uint16", 13: "uint32", 14: "uint64"}
CONVERTED |= {15: "int8", 16: "int16", 17: "int32", 18: "int64", 19: "string", 20: "bytes"}
CONVERTED_LIST, CONVERTED_DECIMAL, CONVERTED_DATES = 3, 5, (6, 7, 8, 9, 10, 21)


@dataclass
class Column:
    """A column, or a part of one: a list, a struct or a value.

    Attributes:
        name: Its name.
        about: What the file says of it, as Parquet numbers that.
        parts: Those of a list or a struct.
    """

    name: str
    about: Struct
    parts: list["Column"] = field(default_factory=list)

    @property
    def is_repeated(self) -> bool:
        """Whether it is there any number of times."""
        return self.about.get(3) == REPEATED

    @property
    def is_value(self) -> bool:
        """Whether it is one value."""
        return not self.parts and not self.is_repeated

    @property
    def logical(self) -> tuple[int, Struct]:
        """The number of its logical type, and what that says; 0 if there is none."""
        held = self.about.get(10)
        for number, details in held.items() if isinstance(held, dict) else ():
            return number, details if isinstance(details, dict) else {}
        return 0, {}

    def element(self, fix: str) -> "Column":
        """What a list is of.

        Raises:
            SourceError: If it is no list.
        """
        if self.is_repeated and not self.parts:
            return Column(self.name, {**self.about, 3: 0})
        is_list = self.logical[0] == LOGICAL_LIST or self.about.get(6) == CONVERTED_LIST
        if not is_list or len(self.parts) != 1 or not self.parts[0].is_repeated:
            raise SourceError(f"{quoted(self.name)} is a struct or a map", fix)
        [held] = self.parts
        # The repeated part is a wrapper, unless it is the value itself, as older files have it.
        found = held.parts[0] if len(held.parts) == 1 else held
        about = {**found.about, 3: 0} if found is held else found.about
        return Column(self.name, about, found.parts)

    def type(self) -> tuple[str, str]:
        """The type of a value, and what to tell of it.

        Raises:
            SourceError: If there is no such type.
        """
        (logical, details), converted = self.logical, self.about.get(6)
        physical = self.about.get(1)
        is_date = logical in LOGICAL_DATES or (not logical and converted in CONVERTED_DATES)
        if is_date or physical == INT96:
            return "string", DATES
        if logical == LOGICAL_DECIMAL or (not logical and converted == CONVERTED_DECIMAL):
            return "double", DECIMALS
        if logical == LOGICAL_INTEGER:
            # A signed integer is the field 2 of the type, and its bits the field 1.
            kind = f"{'int' if details.get(2) else 'uint'}{details.get(1)}"
        else:
            kind = LOGICAL.get(logical) or CONVERTED.get(_number(converted), "")
            kind = kind or PHYSICAL.get(_number(physical), "")
        if kind not in SCALARS or not isinstance(physical, int):
            raise SourceError(f"{quoted(self.name)} has a type that no field has", "leave it out")
        return kind, ""


def number_type(kind: str) -> str:
    """``integer`` or ``float`` for a type of numbers; empty for another."""
    held = SCALARS[kind].kind
    return held if held in ("integer", "float") else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) else -1


def read_columns(elements: Any) -> list[Column]:
    """The columns, of which the file lists all parts one after the other.

    Raises:
        SourceError: If the list is broken.
    """
    held = elements if isinstance(elements, list) else []
    iterator = iter(held)
    try:
        columns = _column(iterator, 0).parts
    except (StopIteration, UnicodeDecodeError):
        columns = []
    if not columns:
        raise SourceError("it lists no columns", "save a sample with the inputs as columns")
    return columns


def _column(elements: Iterator[Any], depth: int) -> Column:
    about = next(elements)
    name = about.get(4) if isinstance(about, dict) else None
    if not isinstance(name, bytes) or depth > MOST_DEPTH:
        raise SourceError("its list of columns is broken", "save it again")
    column = Column(name.decode(), about)
    for _ in range(_number(about.get(5))):
        column.parts.append(_column(elements, depth + 1))
    return column
