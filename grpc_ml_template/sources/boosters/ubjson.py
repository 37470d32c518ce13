"""Universal Binary JSON, as far as XGBoost writes it: https://ubjson.org/type-reference/."""

import struct
from collections.abc import Callable
from typing import Any

DEEPEST = 50
NUMBERS = {
    type_.encode(): struct.Struct(">" + letter)
    for type_, letter in zip("iUIlLdD", "bBhiqfd", strict=True)
}
COUNTS = b"iUIlL"
CONSTANTS = {b"T": True, b"F": False, b"Z": None}


def read(data: bytes, at: int = 0) -> tuple[Any, int]:
    """The value that starts at a place, and the place where it ends.

    Raises:
        ValueError: If it is broken. Nothing larger than the data is ever made room for.
    """
    return _Reader(data, at).whole()


class _Reader:
    """Reads values one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._at = at
        self._depth = 0

    def whole(self) -> tuple[Any, int]:
        return self._value(self._take(1)), self._at

    def _take(self, size: int) -> bytes:
        if not 0 <= size <= len(self._data) - self._at:
            raise ValueError("a size is larger than what is left")
        self._at += size
        return self._data[self._at - size : self._at]

    def _takes(self, marker: bytes) -> bool:
        found = self._data.startswith(marker, self._at)
        self._at += len(marker) * found
        return found

    def _value(self, marker: bytes) -> Any:
        if marker in NUMBERS:
            return self._number(marker)
        if marker == b"S":
            return self._text()
        if marker in CONSTANTS:
            return CONSTANTS[marker]
        if marker == b"[":
            return self._inside(self._array)
        if marker == b"{":
            return self._inside(self._object)
        raise ValueError("an unknown type")

    def _number(self, marker: bytes) -> Any:
        form = NUMBERS[marker]
        return form.unpack(self._take(form.size))[0]

    def _count(self) -> int:
        marker = self._take(1)
        if marker not in COUNTS:
            raise ValueError("a size is no whole number")
        return int(self._number(marker))

    def _text(self) -> str:
        return self._take(self._count()).decode()

    def _inside(self, read: Callable[[], Any]) -> Any:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ValueError("values in values in values")
        value = read()
        self._depth -= 1
        return value

    def _array(self) -> list[Any]:
        if self._takes(b"$"):
            return self._typed_array()
        if not self._takes(b"#"):
            return self._until(b"]", lambda: self._value(self._take(1)))
        size = self._count()  # Each value takes a byte at least, so reading ends with the data.
        return [self._value(self._take(1)) for _ in range(size)]

    def _typed_array(self) -> list[Any]:
        form = NUMBERS.get(self._take(1))
        if not form or not self._takes(b"#"):
            raise ValueError("an array of one type that has no numbers")
        return [number for (number,) in form.iter_unpack(self._take(self._count() * form.size))]

    def _object(self) -> dict[str, Any]:
        return dict(self._until(b"}", lambda: (self._text(), self._value(self._take(1)))))

    def _until(self, end: bytes, read: Callable[[], Any]) -> list[Any]:
        values = []
        while not self._takes(end):
            values.append(read())
        return values
