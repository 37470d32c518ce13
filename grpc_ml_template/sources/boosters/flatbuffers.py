"""Reads tables of FlatBuffers, a field at a time, and never past the end of the buffer.

ValueError says that something in the buffer cannot be.
"""

import struct
from dataclasses import dataclass, field

INT, OFFSET, SIZE, FLAG = map(struct.Struct, ("<i", "<I", "<H", "<?"))
# Offsets may lead to the same text or list again and again: what all of them hold is bounded.
MOST_TEXT, MOST_TABLES = 16 << 20, 200_000


@dataclass
class Buffer:
    """A buffer, and how much more may be read of it."""

    view: memoryview
    text_left: int = field(default=MOST_TEXT)
    tables_left: int = field(default=MOST_TABLES)

    def unpack(self, form: struct.Struct, place: int) -> int:
        """The number at a place."""
        if not 0 <= place <= len(self.view) - form.size:
            raise ValueError("a place past the end")
        number: int = form.unpack_from(self.view, place)[0]
        return number

    def referred(self, place: int) -> int:
        """The place that an offset leads to."""
        return place + self.unpack(OFFSET, place)

    def text(self, place: int) -> str:
        """The text at a place."""
        size = self.unpack(OFFSET, place)
        self.text_left -= size
        if self.text_left < 0 or place + 4 + size > len(self.view):
            raise ValueError("a text that is too long")
        return bytes(self.view[place + 4 : place + 4 + size]).decode()

    def tables(self, place: int) -> list["Table"]:
        """The tables of a list at a place."""
        size = self.unpack(OFFSET, place)
        self.tables_left -= size
        if self.tables_left < 0 or place + 4 + 4 * size > len(self.view):
            raise ValueError("a list that is too long")
        return [Table(self, self.referred(place + 4 + 4 * each)) for each in range(size)]


@dataclass(frozen=True)
class Table:
    """A table at a place: its fields have numbers, and any of them may be missing."""

    buffer: Buffer
    place: int

    def whole(self, number: int, missing: int) -> int:
        """A field that holds an int32."""
        place = self._place(number)
        return missing if place is None else self.buffer.unpack(INT, place)

    def flag(self, number: int) -> bool:
        """A field that holds a bool, false if it is missing."""
        place = self._place(number)
        return place is not None and bool(self.buffer.unpack(FLAG, place))

    def text(self, number: int) -> str | None:
        """A field that holds a text."""
        place = self._place(number)
        return None if place is None else self.buffer.text(self.buffer.referred(place))

    def table(self, number: int) -> "Table":
        """A field that holds a table, which may not be missing."""
        place = self._place(number)
        if place is None:
            raise ValueError("a table is missing")
        return Table(self.buffer, self.buffer.referred(place))

    def tables(self, number: int) -> list["Table"]:
        """A field that holds tables."""
        place = self._place(number)
        return [] if place is None else self.buffer.tables(self.buffer.referred(place))

    def _place(self, number: int) -> int | None:
        """Where a field is; None if it is missing."""
        fields = self.place - self.buffer.unpack(INT, self.place)
        if 4 + 2 * number >= self.buffer.unpack(SIZE, fields):
            return None
        offset = self.buffer.unpack(SIZE, fields + 4 + 2 * number)
        return self.place + offset if offset else None


def root(view: memoryview) -> Table:
    """The table that a buffer begins with."""
    buffer = Buffer(view)
    return Table(buffer, buffer.referred(0))
