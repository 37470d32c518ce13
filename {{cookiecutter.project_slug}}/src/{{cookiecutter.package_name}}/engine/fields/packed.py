"""Arrays into repeated fields of messages, fast."""

from typing import Any

import numpy as np
from google.protobuf.descriptor import FieldDescriptor
from numpy.typing import NDArray

# Below this many values a list is as fast.
FEW = 64
# Numbers below take one byte where small ones take fewer bytes.
MOST_IN_A_BYTE = 0x80
VARINTS = (
    FieldDescriptor.TYPE_INT32,
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_UINT32,
    FieldDescriptor.TYPE_UINT64,
    FieldDescriptor.TYPE_ENUM,
)


def extend(message: Any, name: str, array: NDArray[Any]) -> None:
    """Append an array to a repeated field of a message, in row-major order.

    Numbers that all take as many bytes on the wire are appended as a block of bytes: protobuf
    would go through them one by one.
    https://protobuf.dev/programming-guides/encoding/#packed
    """
    field = message.DESCRIPTOR.fields_by_name[name]
    wire = wire_type(field, array) if array.size >= FEW else None
    if wire is None:
        getattr(message, name).extend(array.ravel().tolist())
        return
    with np.errstate(over="ignore"):  # Too large for a float32 is infinity, as protobuf has it.
        block = array.astype(wire, copy=False).tobytes()
    message.MergeFromString(varint(field.number << 3 | 2) + varint(len(block)) + block)


def wire_type(field: FieldDescriptor, array: NDArray[Any]) -> str | None:
    """Return what numbers are on the wire of a field; None if they differ in how many bytes."""
    if array.dtype.kind == "f":
        return "<f8" if field.type == FieldDescriptor.TYPE_DOUBLE else "<f4"
    if array.dtype.kind == "b":
        return "u1"
    is_small = array.dtype.kind in "iu" and array.min() >= 0 and array.max() < MOST_IN_A_BYTE
    return "u1" if is_small and field.type in VARINTS else None


def varint(number: int) -> bytes:
    """Encode a non-negative integer as protobuf does: seven bits a byte, the lowest first."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
