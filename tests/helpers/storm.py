"""Very many calls, of which some are cancelled, some expire and some are poison; each is followed."""

import random
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from hpack import Decoder
from http2 import (
    DATA,
    END_STREAM,
    HEADERS,
    PREFACE,
    RST_STREAM,
    SETTINGS,
    WIDEST_WINDOW,
    WINDOW_UPDATE,
    Connection,
    Frame,
    call,
    frame,
    headers_of,
    message,
)
from protobuf_wire import varint

# How many calls a connection runs at once; it runs 250 at most.
AT_ONCE = 200
# Of so many calls, one is cancelled, one expires, one is poison, and one has many rows.
CANCELLED, EXPIRING, POISON, TABLE = 50, 60, 500, 400
MOST_ROWS = 2000
CANCEL = (8).to_bytes(4, "big")
# A server that keeps no headers for its client sends blocks that stand on their own.
NO_HEADERS_KEPT = (1).to_bytes(2, "big") + (0).to_bytes(4, "big")
OK, DEADLINE_EXCEEDED, INTERNAL = 0, 4, 13


class Kind(Enum):
    """What becomes of a call on its way."""

    PLAIN = 0
    CANCELLED = 1
    EXPIRING = 2
    POISON = 3


@dataclass
class Asked:
    """A call that runs.

    Attributes:
        numbers: The x of its rows.
        is_table: Whether it asks about many rows.
        kind: What becomes of it.
        data: What it has been answered.
    """

    numbers: tuple[float, ...]
    is_table: bool
    kind: Kind
    data: bytearray = field(default_factory=bytearray)


class Storm:
    """Makes calls over one connection, and holds each answer against what was asked.

    Args:
        address: Where the service listens.
        path: The path of its methods.
        seed: Calls differ by it.

    Attributes:
        outcomes: How the calls ended.
        faults: Answers that are wrong, in words.
    """

    def __init__(self, address: str, path: str, seed: int) -> None:
        self.outcomes: Counter[str] = Counter()
        self.faults: list[str] = []
        self._random = random.Random(seed)
        self._connection = Connection(address)
        settings = frame(SETTINGS, payload=NO_HEADERS_KEPT)
        window = frame(WINDOW_UPDATE, payload=(WIDEST_WINDOW - 0xFFFF).to_bytes(4, "big"))
        self._connection.send(PREFACE + settings + window)
        self._predict = headers_of(f"{path}/Predict")
        self._hurried = headers_of(f"{path}/Predict", **{"grpc-timeout": "1m"})
        self._batch_predict = headers_of(f"{path}/BatchPredict")
        self._running: dict[int, Asked] = {}
        self._statuses: dict[bytes, int | None] = {}

    def run(self, calls: int) -> None:
        """Make so many calls, and wait until all have ended."""
        frames = self._connection.frames()
        numbers = iter(range(1, 2 * calls, 2))
        self._send(numbers)
        while self._running:
            self._take(next(frames))
            if len(self._running) <= AT_ONCE // 2:
                self._send(numbers)

    def _send(self, numbers: Iterator[int]) -> None:
        """Make calls until as many run as may."""
        words = []
        while len(self._running) < AT_ONCE and (number := next(numbers, None)):
            words.append(self._begin(number))
            if self._random.randrange(CANCELLED) == 0:
                words.append(self._cancel())
        self._connection.send(b"".join(words))

    def _begin(self, number: int) -> bytes:
        """Return the frames of a call."""
        chance = self._random.randrange
        if chance(TABLE) == 0:
            # Numbers of two decimals and some million are exact, also with versions added.
            numbers = tuple(chance(2**40) / 4 for _ in range(1 + chance(MOST_ROWS)))
            block = struct.pack(f"<{len(numbers)}d", *numbers)
            body = part(1, part(1, block))
            self._running[number] = Asked(numbers, True, Kind.PLAIN)
            return call(number, self._batch_predict, message(body))
        x = chance(2**40) / 4
        kind = Kind.PLAIN
        if chance(POISON) == 0:
            kind, x = Kind.POISON, -1.0 - x
        elif chance(EXPIRING) == 0:
            kind = Kind.EXPIRING
        self._running[number] = Asked((x,), False, kind)
        headers = self._hurried if kind is Kind.EXPIRING else self._predict
        return call(number, headers, message(part(1, b"\x09" + struct.pack("<d", x))))

    def _cancel(self) -> bytes:
        """Return the frame that cancels any of the calls that run."""
        number = self._random.choice([*self._running])
        asked = self._running.pop(number)
        self.outcomes["cancelled"] += 1
        asked.kind = Kind.CANCELLED
        return frame(RST_STREAM, 0, number, CANCEL)

    def _take(self, found: Frame) -> None:
        """Take note of what the server says about a call that has not been cancelled."""
        asked = self._running.get(found.stream)
        if asked is None:
            return
        if found.kind == DATA:
            asked.data += found.payload
        elif found.kind == RST_STREAM:
            self._end(found.stream, asked, None)
        elif found.kind == HEADERS and found.flags & END_STREAM:
            self._end(found.stream, asked, self._status(found.payload))

    def _status(self, block: bytes) -> int | None:
        """Return the gRPC status in a block of headers."""
        if block not in self._statuses:
            headers = dict(Decoder().decode(block, raw=True))
            self._statuses[block] = int(headers[b"grpc-status"])
        return self._statuses[block]

    def _end(self, number: int, asked: Asked, status: int | None) -> None:
        """Hold the end of a call against what was asked."""
        del self._running[number]
        if status == OK:
            is_right = asked.kind is not Kind.POISON and is_answer(asked)
        elif asked.kind is Kind.POISON:
            is_right = status == INTERNAL
        else:
            is_right = asked.kind is Kind.EXPIRING and status in (None, DEADLINE_EXCEEDED)
        self.outcomes[f"{asked.kind.name.lower()}: {status}"] += 1
        if not is_right:
            shown = f"{asked.numbers[:3]} ({len(asked.numbers)} rows)"
            self.faults.append(f"{asked.kind.name} {shown}: {status}, {bytes(asked.data[:40])!r}")


def part(number: int, content: bytes) -> bytes:
    """Return a field of a message that holds so many bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def is_answer(asked: Asked) -> bool:
    """Tell whether a call has its own answer: each x with the version of the model added."""
    data = bytes(asked.data[5:])
    size = 8 * len(asked.numbers)
    head = part(1, part(1, bytes(size))) if asked.is_table else part(1, b"\x09" + bytes(size))
    version = data[len(head) + 2 :]
    added = struct.pack(f"<{len(asked.numbers)}d", *(x + int(version) for x in asked.numbers))
    content = part(1, part(1, added)) if asked.is_table else part(1, b"\x09" + added)
    return data == content + part(2, version)


def storm(address: str, path: str, calls: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Make so many calls over a connection; return how they ended, and what was wrong."""
    made = Storm(address, path, seed)
    made.run(calls)
    return made.outcomes, made.faults
