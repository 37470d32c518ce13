"""Arrays into repeated fields of messages, fast."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Below this many values a list is as fast.
FEW = 64


def extend(message: Any, name: str, array: NDArray[Any]) -> None:
    """Append an array to a repeated field of a message, in row-major order.

    Numbers that take a fixed width on the wire are appended as a block of bytes: protobuf
    would go through them one by one.
    https://protobuf.dev/programming-guides/encoding/#packed
    """
    if array.dtype.kind != "f" or array.size < FEW:
        getattr(message, name).extend(array.ravel().tolist())
        return
    field = message.DESCRIPTOR.fields_by_name[name]
    wire = "<f8" if field.type == field.TYPE_DOUBLE else "<f4"
    with np.errstate(over="ignore"):  # Too large for a float32 is infinity, as protobuf has it.
        block = array.astype(wire, copy=False).tobytes()
    message.MergeFromString(varint(field.number << 3 | 2) + varint(len(block)) + block)


def varint(number: int) -> bytes:
    """Encode a non-negative integer as protobuf does: seven bits a byte, the lowest first."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
