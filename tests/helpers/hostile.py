"""What hostile clients send: requests that are no messages, and frames that are no HTTP/2."""

import random
from collections.abc import Callable, Iterator

from calling import PATH
from http2 import (
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    PING,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    call,
    frame,
    headers_of,
    hello,
    message,
)
from protobuf_wire import varint

PREDICT = headers_of(f"{PATH}/Predict")
CONTINUATION = 9
# The most that the server takes, in the tests.
LIMIT = 1 << 20

Bytes = Callable[[random.Random, bytes], bytes]


def truncated(chance: random.Random, valid: bytes) -> bytes:
    """Return the beginning of a request."""
    return valid[: chance.randrange(1, len(valid))]


def changed(chance: random.Random, valid: bytes) -> bytes:
    """Return a request with some of its bits turned over."""
    body = bytearray(valid)
    for _ in range(chance.randrange(1, 4)):
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    return bytes(body)


def wrongly_typed(chance: random.Random, valid: bytes) -> bytes:
    """Return fields of types that are not theirs."""
    fields = []
    for _ in range(chance.randrange(1, 9)):
        tag = varint(chance.choice([0, 1, 1, 1, 2, 5, 19000, 2**29 - 1]) << 3 | chance.randrange(8))
        fields.append(tag + chance.randbytes(chance.randrange(12)))
    return b"".join(fields)


def endless(chance: random.Random, valid: bytes) -> bytes:
    """Return a field that says it has gigabytes, or a number that does not end."""
    length = chance.choice([b"\xff" * 11, *map(varint, (2**31 - 1, 2**32 - 1, 2**63, 10**6))])
    return b"\n" + length + valid


def countless(chance: random.Random, valid: bytes) -> bytes:
    """Return a column of a hundred thousand values that are all infinite."""
    values = b"\0\0\x80\x7f" * 100_000
    column = b"\n" + varint(len(values)) + values
    return b"\n" + varint(len(column)) + column


def nested(chance: random.Random, valid: bytes) -> bytes:
    """Return groups in groups, or messages in messages, ten thousand deep."""
    if chance.random() < 0.5:
        return b"\x0b" * 10_000
    body = b""
    for _ in range(1000):
        body = b"\n" + varint(len(body)) + body
    return body


def oversized(chance: random.Random, valid: bytes) -> bytes:
    """Return more than the server takes."""
    return bytes(LIMIT + 1)


BODIES: dict[Bytes, int] = {
    lambda chance, valid: chance.randbytes(chance.randrange(1, 200)): 2500,
    truncated: 1500,
    changed: 1500,
    wrongly_typed: 1500,
    endless: 700,
    nested: 200,
    countless: 60,
    oversized: 40,
}


def bodies(chance: random.Random, valid: bytes) -> Iterator[bytes]:
    """Yield 8,000 requests that were made of a valid one, or of nothing."""
    makers = [maker for maker, times in BODIES.items() for _ in range(times)]
    chance.shuffle(makers)
    for maker in makers:
        yield maker(chance, valid)


def broken_frames(chance: random.Random) -> bytes:
    """Return frames with nothing right about them but their length."""
    return b"".join(
        frame(
            chance.randrange(12),
            chance.randrange(256),
            chance.choice([0, 1, 1, 2, 3, 2**31 - 1]),
            chance.randbytes(chance.randrange(40)),
        )
        for _ in range(chance.randrange(1, 20))
    )


CONVERSATIONS: list[Callable[[random.Random, bytes], bytes]] = [
    # No HTTP/2 at all.
    lambda chance, valid: chance.randbytes(chance.randrange(1, 500)),
    lambda chance, valid: b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    lambda chance, valid: broken_frames(chance),
    lambda chance, valid: b"\xff\xff\xff" + chance.randbytes(6) + bytes(1000),
    # Messages that are shorter or longer than they say, or packed in a way they do not say.
    lambda chance, valid: call(1, PREDICT, message(valid)[: chance.randrange(len(valid))]),
    lambda chance, valid: call(1, PREDICT, message(valid, length=len(valid) + 1)),
    lambda chance, valid: call(1, PREDICT, message(valid, length=len(valid) - 1)),
    lambda chance, valid: call(1, PREDICT, message(valid, length=2**32 - 1)),
    lambda chance, valid: call(1, PREDICT, message(valid, compressed=chance.randrange(1, 256))),
    lambda chance, valid: call(1, PREDICT, message(valid) * 3),
    lambda chance, valid: call(1, PREDICT, b""),
    lambda chance, valid: frame(HEADERS, END_HEADERS | END_STREAM, 1, PREDICT),
    # Calls of what is not there, in ways that are none.
    lambda chance, valid: call(1, headers_of(f"{PATH}/Nothing"), message(valid)),
    lambda chance, valid: call(1, headers_of("no path"), message(valid)),
    lambda chance, valid: call(1, headers_of(""), message(valid)),
    lambda chance, valid: call(1, headers_of(f"{PATH}/Predict", te="nothing"), message(valid)),
    lambda chance, valid: call(
        1, headers_of(f"{PATH}/Predict", **{"content-type": "text/plain"}), message(valid)
    ),
    lambda chance, valid: call(
        1, headers_of(f"{PATH}/Predict", **{"grpc-timeout": "soon"}), message(valid)
    ),
    lambda chance, valid: call(
        1, headers_of(f"{PATH}/Predict", **{"grpc-encoding": "none such"}), message(valid)
    ),
    lambda chance, valid: call(1, headers_of(f"{PATH}/Predict", **{":method": "GET"}), b""),
    # Headers and frames that break the rules of HTTP/2.
    lambda chance, valid: call(1, chance.randbytes(30), message(valid)),
    lambda chance, valid: call(0, PREDICT, message(valid)),
    lambda chance, valid: call(2, PREDICT, message(valid)),
    lambda chance, valid: frame(DATA, 0, 1, message(valid)),
    lambda chance, valid: frame(HEADERS, 0, 1, PREDICT) + frame(PING, payload=bytes(8)),
    lambda chance, valid: frame(SETTINGS, payload=b"\0\4\xff\xff\xff\xff"),
    lambda chance, valid: frame(WINDOW_UPDATE, payload=bytes(4)),
    lambda chance, valid: frame(WINDOW_UPDATE, payload=b"\x7f\xff\xff\xff") * 2,
    # Floods.
    lambda chance, valid: b"".join(
        frame(HEADERS, END_HEADERS, stream, PREDICT) + frame(RST_STREAM, 0, stream, bytes(4))
        for stream in range(1, 1000, 2)
    ),
    lambda chance, valid: frame(HEADERS, 0, 1, PREDICT) + frame(CONTINUATION, 0, 1) * 1000,
    lambda chance, valid: frame(SETTINGS) * 1000,
    lambda chance, valid: frame(PING, payload=bytes(8)) * 1000,
    lambda chance, valid: frame(HEADERS, END_HEADERS, 1, PREDICT) + frame(DATA, 0, 1) * 1000,
]


def conversations(chance: random.Random, valid: bytes) -> Iterator[bytes]:
    """Yield 2,000 things to say on a connection of their own."""
    for number in range(2000):
        words = CONVERSATIONS[number % len(CONVERSATIONS)](chance, valid)
        yield words if chance.random() < 0.05 else hello() + words
