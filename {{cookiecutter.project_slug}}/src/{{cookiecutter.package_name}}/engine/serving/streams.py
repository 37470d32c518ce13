"""The requests of streams, read no further ahead of their answers than memory allows."""

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc

from ..batching.budget import Budget
from .footprint import Footprint

# What requests of one stream may take up that are not answered yet, before it is read on. Higher,
# and streams of large requests share batches with themselves; lower, and others have more room.
MOST_AHEAD_BYTES = 16 * 1024 * 1024
# What a stream takes up that is open and silent, in both servers of the native transport.
OPEN_BYTES = 40 * 1024


class TooLongError(Exception):
    """A request of a stream has more bytes than it may."""


class Requests:
    """The requests of a stream, each of which counts against the budget until it is answered.

    Args:
        read: Returns the next one as bytes, or grpc.aio.EOF. The iterator that grpcio has for
            them keeps the last one until the garbage collector comes round to it.
        parse: Makes messages of them.
        footprint: Tells what they take up.
        budget: What they count against.
        most_bytes: The largest request.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[Any]],
        parse: Callable[[bytes], Any],
        footprint: Footprint,
        budget: Budget,
        most_bytes: int = sys.maxsize,
    ) -> None:
        self._read = read
        self._most_bytes = most_bytes
        self._parse = parse
        self._footprint = footprint
        self._budget = budget
        self._sizes: deque[int] = deque()
        self._answered = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[Any]:
        """Yield the requests; read no further while too much is not answered.

        Raises:
            BusyError, TooLargeError: If one does not fit into the budget.
            TooLongError: If one has too many bytes.
        """
        while (data := await self._read()) is not grpc.aio.EOF:
            if len(data) > self._most_bytes:
                del data
                raise TooLongError
            size = self._footprint.copies * len(data) + self._footprint.of_elements(data)
            try:
                self._budget.take(size)
                self._sizes.append(size)
                request = self._parse(data)
            finally:
                del data  # Whoever keeps the error would keep it, too.
            yield request
            del request
            while sum(self._sizes) > MOST_AHEAD_BYTES:
                self._answered.clear()
                await self._answered.wait()

    def answered(self) -> None:
        """Give back what the oldest request has taken."""
        if self._sizes:
            self._budget.give(self._sizes.popleft())
        self._answered.set()

    def close(self) -> None:
        """Give back what is not answered."""
        self._budget.give(sum(self._sizes))
        self._sizes.clear()
