"""What requests take up in memory, told from their bytes before they are parsed."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from google.protobuf.descriptor import FieldDescriptor

from ..fields.packed import varint

# A request is there twice: as bytes, and as a message.
COPIES = 2
# What has texts or bytes is there once more for the model. A text with a single sign beyond the
# Basic Multilingual Plane takes four bytes a character: https://peps.python.org/pep-0393/
TEXT_COPIES, BYTES_COPIES = 4, 1
# Elements of requests up to this size do not matter: such requests are parsed one at a time.
FEW_BYTES = 64 * 1024
# What protobuf allocates for one element, in arrays that double as they grow. On the wire, a small
# number takes one byte, and an empty text or message two.
NUMBER_BYTES, WIDE_NUMBER_BYTES = 8, 16
TEXT_BYTES = 32
MESSAGE_BYTES, MESSAGE_FIELD_BYTES = 32, 16
# The last byte of a number on the wire is below this.
# https://protobuf.dev/programming-guides/encoding/#varints
CONTINUED = 0x80
# Of texts and messages, in the tag before each.
LENGTH_DELIMITED = 2


class Footprint:
    """Bounds what requests of one type take up.

    Args:
        message: The descriptor of the type; None for one that has no elements.

    Attributes:
        copies: How often a request is there, beside the elements of its repeated fields.
    """

    def __init__(self, message: Any) -> None:
        every = [*all_fields(message, set())] if message else []
        kinds = {field.type for field in every}
        self.copies = COPIES
        if FieldDescriptor.TYPE_STRING in kinds:
            self.copies += TEXT_COPIES
        elif FieldDescriptor.TYPE_BYTES in kinds:
            self.copies += BYTES_COPIES
        fields = [field for field in every if field.is_repeated]
        self._number = max(map(number_bytes, fields), default=0)
        tags = ((field.number << 3 | LENGTH_DELIMITED, long_bytes(field)) for field in fields)
        self._tags = {varint(tag): size for tag, size in tags if size}

    def of_elements(self, data: bytes) -> int:
        """Return what the elements of a request take up at most."""
        if len(data) <= FEW_BYTES:
            return 0
        # Whatever else looks like a tag, there are no more elements than tags.
        size = sum(each * data.count(tag) for tag, each in self._tags.items())
        if self._number:
            ends = np.frombuffer(data, np.uint8) < CONTINUED
            size += self._number * int(np.count_nonzero(ends))
        return size


def footprint_of(parse: Any) -> Footprint:
    """Return the footprint of what the FromString of a message makes."""
    return Footprint(getattr(getattr(parse, "__self__", None), "DESCRIPTOR", None))


def all_fields(message: Any, seen: set[str]) -> Iterator[Any]:
    """Yield the fields of a type of message, and of the types within it."""
    if message.full_name not in seen:
        seen.add(message.full_name)
        for field in message.fields:
            yield field
            if field.message_type:
                yield from all_fields(field.message_type, seen)


def number_bytes(field: Any) -> int:
    """Return what an element takes up that is shorter on the wire, if it is a number."""
    if field.cpp_type in (field.CPPTYPE_INT64, field.CPPTYPE_UINT64):
        return WIDE_NUMBER_BYTES
    narrow = (field.CPPTYPE_INT32, field.CPPTYPE_UINT32, field.CPPTYPE_ENUM)
    return NUMBER_BYTES if field.cpp_type in narrow else 0


def long_bytes(field: Any) -> int:
    """Return what an element takes up beside its content, if it is a text or a message."""
    if field.message_type:
        return MESSAGE_BYTES + MESSAGE_FIELD_BYTES * len(field.message_type.fields)
    return TEXT_BYTES if field.cpp_type == field.CPPTYPE_STRING else 0
