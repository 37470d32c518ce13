"""Reads Thrift's compact protocol, in which Parquet writes what its files hold."""

import struct
from collections.abc import Callable, Iterator
from typing import Any

from ..common.opening import SourceError

MOST_DEPTH = 32
MOST_VALUES = 1_000_000
STOP, TRUE, FALSE = 0, 1, 2
Struct = dict[int, Any]


class BrokenError(Exception):
    """Bytes that are not what they should be."""


def read_struct(content: bytes) -> Struct:
    """The fields of a struct by their numbers; structs and lists in it are dicts and lists.

    Raises:
        SourceError: If it is broken or has too many values.
    """
    try:
        return _Reader(content).struct(0)
    except (BrokenError, IndexError, struct.error):
        raise SourceError(
            "its description of the columns is broken", "save the file again"
        ) from None


def structs(held: Any) -> Iterator[Struct]:
    """The structs in a list; none if it is no list."""
    yield from (each for each in held if isinstance(each, dict)) if isinstance(held, list) else ()


class _Reader:
    """A place in the bytes of a struct."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0
        self._values = 0
        self._readers: dict[int, Callable[[int], Any]] = {
            3: lambda _: self._byte(),
            4: self._integer,
            5: self._integer,
            6: self._integer,
            7: lambda _: struct.unpack("<d", self._bytes(8))[0],
            8: lambda _: self._bytes(self._varint()),
            9: self._list,
            10: self._list,
            11: self._map,
            12: self.struct,
        }

    def struct(self, depth: int) -> Struct:
        """The struct that starts here."""
        fields: Struct = {}
        number = 0
        while (head := self._byte()) != STOP:
            number = number + (head >> 4) if head >> 4 else self._integer(0)
            kind = head & 15
            fields[number] = kind == TRUE if kind in (TRUE, FALSE) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        self._values += 1
        if self._values > MOST_VALUES or depth > MOST_DEPTH or kind not in self._readers:
            raise BrokenError
        return self._readers[kind](depth + 1)

    def _byte(self) -> int:
        self._at += 1
        return self._content[self._at - 1]

    def _bytes(self, size: int) -> bytes:
        found = self._content[self._at : self._at + size]
        if len(found) < size:
            raise BrokenError
        self._at += size
        return found

    def _varint(self) -> int:
        number = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            number |= (byte & 127) << shift
            if byte < 128:
                return number
        raise BrokenError

    def _integer(self, _: int) -> int:
        number = self._varint()
        return (number >> 1) ^ -(number & 1)

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        size = head >> 4 if head >> 4 < 15 else self._varint()
        kind = head & 15
        if kind in (TRUE, FALSE):
            return [byte == TRUE for byte in self._bytes(size)]
        return [self._value(kind, depth) for _ in range(size)]

    def _map(self, depth: int) -> None:
        """Step over a map, of which Parquet has none."""
        size = self._varint()
        kinds = self._byte() if size else 0
        for _ in range(size):
            self._value(kinds >> 4, depth)
            self._value(kinds & 15, depth)
