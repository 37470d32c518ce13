"""Sends the generated service's request about a file: python file_client.py PORT METHOD.

Echo returns the request, and Sink how long it is. There is no model, so there are no numbers.
"""

import struct
import sys
from typing import Any

import grpc
import numpy as np
from bench_file_client import run
from numpy.typing import NDArray

TIMEOUT = 50
UNLIMITED = (("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1))


def main(port: str, method: str) -> None:
    """Send the file's content to one of the methods."""
    channel = grpc.insecure_channel(f"127.0.0.1:{port}", UNLIMITED)
    send: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/bench.Echo/{method}")

    def ask(data: bytes) -> NDArray[Any]:
        expected = data if method == "Echo" else str(len(data)).encode()
        if send(data, timeout=TIMEOUT) != expected:
            raise RuntimeError("the answer does not belong to what was sent")
        return np.empty(0)

    run(body, ask)


def body(content: Any) -> bytes:
    """Return a message with a message (field 1) whose fields are packed columns, or one of bytes."""
    if isinstance(content, bytes):
        return field(1, field(1, content))
    # Rows have two axes; a tensor is one instance.
    columns = content.T if content.ndim == 2 else [content]
    return field(1, b"".join(field(i, column.tobytes()) for i, column in enumerate(columns, 1)))


def field(number: int, content: bytes) -> bytes:
    """Return a field of bytes: a tag, the length as a varint of seven bits a byte, the content."""
    length, rest = b"", len(content)
    while rest > 0x7F:
        length += struct.pack("B", rest & 0x7F | 0x80)
        rest >>= 7
    return struct.pack("B", number << 3 | 2) + length + struct.pack("B", rest) + content


if __name__ == "__main__":
    main(*sys.argv[1:])
