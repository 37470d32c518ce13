"""Reads and writes many messages of one form at once.

Where all values of a message take a fixed number of bytes, and all are there, every such message has
the same tags and lengths at the same places: https://protobuf.dev/programming-guides/encoding/. So
NumPy checks the joined bytes of many, and takes the values out or puts them in. A message that has
anything else at these places is none of the form, and is left to the parser.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from google.protobuf.descriptor import FieldDescriptor
from numpy.typing import NDArray

from ..fields.field import Field
from ..fields.packed import varint

LENGTH_DELIMITED = 2
# How values of each kind are told in a tag, and how many bytes they take; enums below 128 take one.
KINDS = {
    FieldDescriptor.TYPE_FLOAT: (5, 4),
    FieldDescriptor.TYPE_DOUBLE: (1, 8),
    FieldDescriptor.TYPE_ENUM: (0, 1),
}


class Form:
    """What messages look like that hold one message of fields.

    Args:
        outer: The descriptor of the messages.
        name: The field with the inner message.
        fields: Those of the inner message, all of which have to be there.
        tail: What comes after it in each.

    Attributes:
        size: How many bytes a message has.
    """

    def __init__(self, outer: Any, name: str, fields: Sequence[Field], tail: bytes = b"") -> None:
        holder = outer.fields_by_name[name]
        marks, values = bytearray(), {}
        by_name = {field.name: field for field in fields}
        for each in sorted(holder.message_type.fields, key=lambda each: each.number):
            field = by_name[each.name]
            assert field.wire
            values[field.name] = (field.wire, len(marks) + len(_head(each, field.wire)))
            marks += _head(each, field.wire) + bytes(field.wire.itemsize)
        head = varint(holder.number << 3 | LENGTH_DELIMITED) + varint(len(marks))
        self._bytes = head + bytes(marks) + tail
        self.size = len(self._bytes)
        self._fields = fields
        self._dtype = np.dtype(
            {
                "names": [*values],
                "formats": [dtype for dtype, _ in values.values()],
                "offsets": [len(head) + offset for _, offset in values.values()],
                "itemsize": self.size,
            }
        )
        self._pattern = np.frombuffer(self._bytes, np.uint8)
        self._is_mark = np.full(self.size, 0xFF, np.uint8)
        for dtype, offset in values.values():
            start = len(head) + offset
            self._is_mark[start : start + dtype.itemsize] = 0

    def read(self, messages: Sequence[bytes]) -> tuple[dict[str, NDArray[Any]], NDArray[np.bool_]]:
        """Return the values of messages as columns, and for each message whether it is right.

        Args:
            messages: Each has the size of the form.
        """
        joined = b"".join(messages)
        block = np.frombuffer(joined, np.uint8).reshape(-1, self.size)
        # What differs, but for the values.
        right = ~np.any((block ^ self._pattern) & self._is_mark, axis=1)
        records = np.frombuffer(joined, self._dtype)
        columns = {}
        for field in self._fields:
            columns[field.name], fits = field.from_wire(records[field.name])
            right &= fits
        return columns, right

    def write(self, columns: Any, rows: int) -> list[bytes]:
        """Return a message for each row of columns."""
        records = np.frombuffer(bytearray(self._bytes * rows), self._dtype)
        for field in self._fields:
            records[field.name] = field.to_wire(getattr(columns, field.name))
        joined, size = records.tobytes(), self.size
        return [joined[start : start + size] for start in range(0, rows * size, size)]


def _head(each: Any, wire: np.dtype[Any]) -> bytes:
    """Return what stands before the value of a field."""
    kind, _ = KINDS[each.type]
    if not each.is_repeated:
        return varint(each.number << 3 | kind)
    return varint(each.number << 3 | LENGTH_DELIMITED) + varint(wire.itemsize)


def form_of(outer: Any, name: str, fields: Sequence[Field], tail: bytes = b"") -> Form | None:
    """Return the form of messages; None if they have none."""
    return Form(outer, name, fields, tail) if has_form(outer, name, fields) else None


def has_form(outer: Any, name: str, fields: Sequence[Field]) -> bool:
    """Tell whether messages have a form."""
    inner = outer.fields_by_name[name].message_type.fields
    wires = {field.name: field.wire for field in fields}
    return {each.name for each in inner} == wires.keys() and all(
        (wire := wires[each.name]) is not None and _takes(each, wire) for each in inner
    )


def _takes(each: Any, wire: np.dtype[Any]) -> bool:
    """Tell whether a field of a message has such values."""
    size = KINDS.get(each.type, (0, 0))[1]
    return wire.base.itemsize == size and bool(wire.shape) == each.is_repeated
