"""HTTP/2 by hand: to send what no client would, and to send more than grpcio's clients can."""

import socket
from collections import Counter
from collections.abc import Iterator
from threading import Lock
from typing import NamedTuple, Self

from hpack import Decoder

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
WIDEST_WINDOW = 2**31 - 1
INITIAL_WINDOW_SIZE = b"\0\4"


class Frame(NamedTuple):
    """A frame, as it was received."""

    kind: int
    flags: int
    stream: int
    payload: bytes


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    """Return a frame, as it is sent."""
    head = len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big")
    return head + payload


def header_block(headers: dict[str, str]) -> bytes:
    """Return headers in the plainest encoding there is."""
    return b"".join(
        b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
        for name, value in headers.items()
    )


def indexed_header(name: str, value: str) -> bytes:
    """Return a header that the server is to keep, so that one byte will do for it from then on."""
    rest = len(value) - 127
    length = [127]
    while rest > 127:
        length.append(rest & 127 | 128)
        rest >>= 7
    return b"\x40" + bytes([len(name)]) + name.encode() + bytes([*length, rest]) + value.encode()


def headers_of(path: str, **changes: str) -> bytes:
    """Return the headers of a call; changes are of those that every call has."""
    every_call = {
        ":method": "POST",
        ":scheme": "http",
        ":path": path,
        ":authority": "localhost",
        "content-type": "application/grpc",
        "te": "trailers",
    }
    return header_block({**every_call, **changes})


def message(body: bytes, *, length: int | None = None, compressed: int = 0) -> bytes:
    """Return a message of gRPC; what it says of itself may be wrong."""
    said = len(body) if length is None else length
    return bytes([compressed]) + said.to_bytes(4, "big") + body


def call(stream: int, headers: bytes, data: bytes) -> bytes:
    """Return the frames of a call with one request."""
    return frame(HEADERS, END_HEADERS, stream, headers) + frame(DATA, END_STREAM, stream, data)


def hello(window: int = WIDEST_WINDOW) -> bytes:
    """Return how a client begins.

    Args:
        window: How many bytes of a response the server may send unasked.
    """
    settings = frame(SETTINGS, payload=INITIAL_WINDOW_SIZE + window.to_bytes(4, "big"))
    more = WIDEST_WINDOW - 0xFFFF
    return PREFACE + settings + frame(WINDOW_UPDATE, payload=more.to_bytes(4, "big"))


class Connection:
    """A connection, over which nothing has been said yet.

    Args:
        address: Where to connect to: host:port.
        timeout: How many seconds to wait for what the server sends.
    """

    def __init__(self, address: str, timeout: float = 20) -> None:
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = bytearray()
        self._sending = Lock()  # Or what one thread says would come between two halves of a frame.

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes as they are; any thread may."""
        with self._sending:
            self.socket.sendall(data)

    def frames(self) -> Iterator[Frame]:
        """Yield what the server sends, until it closes the connection; be polite about it."""
        received = self._received
        while True:
            place = 0
            while len(received) - place >= 9:
                end = place + 9 + int.from_bytes(received[place : place + 3], "big")
                if len(received) < end:
                    break
                stream = int.from_bytes(received[place + 5 : place + 9], "big")
                kind, flags = received[place + 3], received[place + 4]
                found = Frame(kind, flags, stream, bytes(received[place + 9 : end]))
                place = end
                if kind in (SETTINGS, PING) and not flags & ACK:
                    self.send(frame(kind, ACK, payload=found.payload if kind == PING else b""))
                yield found
            del received[:place]
            try:
                more = self.socket.recv(1 << 16)
            except TimeoutError:
                seconds = self.socket.gettimeout()
                raise TimeoutError(f"waited {seconds} s in vain for the server's frames") from None
            if not more:
                return
            received += more

    def statuses(self) -> Iterator[tuple[int, int]]:
        """Yield the stream and the gRPC status of each call that ends, until the connection does."""
        decoder = Decoder()
        for found in self.frames():
            if found.kind == GOAWAY:
                return
            if found.kind == HEADERS:
                headers = dict(decoder.decode(found.payload, raw=True))  # Not all is UTF-8.
                if b"grpc-status" in headers:
                    yield found.stream, int(headers[b"grpc-status"])

    def answer(self, stream: int) -> bytes:
        """Return the response to a call."""
        return next(
            found.payload[5:]
            for found in self.frames()
            if found.kind == DATA and found.stream == stream and found.payload
        )

    def answer_of(self, stream: int) -> bytes:
        """Return all that a call is answered, up to its end."""
        data = bytearray()
        for found in self.frames():
            if found.stream == stream:
                data += found.payload if found.kind == DATA else b""
                if found.flags & END_STREAM and found.kind in (DATA, HEADERS):
                    break
        return bytes(data)

    def call_often(self, headers: bytes, body: bytes, times: int, at_once: int) -> Counter[bytes]:
        """Make the same call many times, some at once, and count the responses."""
        responses: Counter[bytes] = Counter()
        data = message(body)
        frames = self.frames()
        for first in range(0, times, at_once):
            numbers = range(first, min(first + at_once, times))
            self.send(b"".join(call(2 * number + 1, headers, data) for number in numbers))
            running = len(numbers)
            while running:
                found = next(frames)
                if found.kind == DATA and found.payload:
                    responses[found.payload[5:]] += 1
                elif found.kind == HEADERS and found.flags & END_STREAM:
                    running -= 1
        return responses
