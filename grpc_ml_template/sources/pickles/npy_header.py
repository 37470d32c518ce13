"""The header of a .npy file, as far as small arrays of models need it."""

import ast
from typing import Any

from .arrays import OPAQUE, Array, dtype_of, is_kept

MAGIC = b"\x93NUMPY"
# Enough for the header of any array of one dim and one kind of element.
HEADER = 1 << 10


def array_of(content: bytes) -> Array:
    """The array of a .npy file, of which at least the first `HEADER` bytes are given.

    Raises:
        ValueError: If it is broken.
    """
    if len(content) < 12 or not content.startswith(MAGIC):
        raise ValueError("not a .npy file")
    start = 12 if content[6] > 1 else 10
    end = start + int.from_bytes(content[8:start], "little")
    array = Array()
    if end > min(len(content), HEADER):
        return array  # The many fields of the nodes of trees.
    header: Any = ast.literal_eval(content[start:end].decode("latin1").strip())
    if not isinstance(header, dict):
        raise ValueError("its header is no dict")
    descr = header.get("descr")
    dtype = dtype_of(descr) if isinstance(descr, str) else OPAQUE
    array.fill(dtype, header.get("shape"), None)
    if is_kept(dtype, array.shape) and len(content) - end >= array.size:
        array.fill(dtype, array.shape, content[end : end + array.size])
    return array
