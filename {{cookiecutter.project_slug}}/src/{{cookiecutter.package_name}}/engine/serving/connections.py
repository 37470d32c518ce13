"""Follows the calls of grpcio's connections, and ends connections, for which it has no method."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from threading import RLock
from typing import Any, NamedTuple

import grpc

from ..batching.budget import Budget, BusyError, TooLargeError
from . import status
from .sockets import is_listening, peer_of, shut_down

# grpcio has an answer twice until it is sent: as Python's bytes, and in a buffer of its own.
COPIES = 2
# Share of the budget that unsent answers may take up. Higher, and callers that read slowly are
# borne with for longer; lower, and an attack leaves more to other calls.
UNSENT_SHARE = 1 / 4
# How long an answer may take whatever the share. Longer, and callers may read more slowly; shorter,
# and an attack takes less memory.
PATIENCE_SECONDS = 0.5


class Unsent(NamedTuple):
    """An answer that is not sent: how many bytes it takes up, and since when."""

    size: int
    since: float


class Connections:
    """Knows which calls run, and which answers are not sent since their callers do not read them.

    When such answers take up too much, the connection of the oldest one is ended.

    Args:
        budget: What answers count against until they are sent.
        port: Where the server listens.
    """

    def __init__(self, budget: Budget, port: int) -> None:
        self._budget = budget
        budget.when_busy = self.end_unread
        self._port = port
        self._most_unsent = int(budget.limit * UNSENT_SHARE)
        self._running: set[Any] = set()
        self._is_closing = False
        self._unsent: dict[Any, Unsent] = {}
        self._unsent_bytes = 0
        self._sizes: dict[Any, int] = {}
        self._lock = RLock()

    @property
    def are_busy(self) -> bool:
        """Whether any call runs."""
        return bool(self._running)

    def follow(self, context: Any) -> None:
        """Take note of a call, until its answer is sent or it fails."""
        self.began(context)
        at_end_of_call(lambda: self.ended(context))

    def answering(
        self, method: Callable[..., Awaitable[Any]], write: Callable[[Any], bytes]
    ) -> Callable[..., Awaitable[bytes]]:
        """Return a method whose answers are bytes, and count against the budget until sent."""

        async def answer(data: bytes, context: Any) -> bytes:
            try:
                response = write(await method(data, context))
                if refusal := self.count(context, len(response)):
                    await context.abort_with_status(refusal)
            except grpc.aio.AbortError as error:
                del data
                raise without_frames(error) from None
            return response

        return answer

    def began(self, call: Any) -> None:
        """Take note of a call, until it has ended; any thread may.

        One that comes when no more are let in will be refused, and holds up no end.
        """
        if not self._is_closing:
            self._running.add(call)

    def ended(self, call: Any) -> None:
        """Take note that the answer of a call is sent, or that its client has gone."""
        self._running.discard(call)
        with self._lock:
            size = self._sizes.pop(call, 0)
            if self._unsent.pop(call, None):
                self._unsent_bytes -= size
        if size:
            self._budget.give(size)

    def count(self, call: Any, size: int) -> grpc.Status | None:
        """Count an answer until its call has ended; return what the call is told instead."""
        size *= COPIES
        if self._unsent_bytes > self._most_unsent:
            self.end_unread()
        try:
            self._budget.take(size)
        except (BusyError, TooLargeError) as error:
            return status.of(error, "")
        with self._lock:
            self._sizes[call] = size
            self._unsent[call] = Unsent(size, time.monotonic())
            self._unsent_bytes += size
        return None

    def end_unread(self) -> None:
        """End connections, those of the oldest answers first, while unsent ones are too many."""
        latest = time.monotonic() - PATIENCE_SECONDS
        unread = set()
        with self._lock:
            while self._unsent_bytes > self._most_unsent:
                context, oldest = next(iter(self._unsent.items()))
                if oldest.since > latest:
                    break
                peer = context.peer()
                unread.add(peer)
                for context in [each for each in self._unsent if each.peer() == peer]:
                    self._unsent_bytes -= self._unsent.pop(context).size
        if unread:
            shut_down(self._port, lambda connection: peer_of(connection) in unread)

    def refuse_more(self) -> None:
        """Let no further connection be made, and count no further call as running.

        grpcio would accept one between the end of the idle ones and its own, with calls on it.
        """
        self._is_closing = True
        shut_down(self._port, is_listening)

    def end_idle(self) -> int:
        """Say on the connections on which no call runs that nothing more will come.

        Clients end them when they have read their last answers, and try the calls again that were
        on their way. When grpcio ends a connection, it answers such calls CANCELLED, which clients
        take for the end of the matter. What is sent to a connection that no longer listens resets
        it, and then answers are lost that were not read yet.

        Returns:
            How many of them are still there.
        """
        busy = {context.peer() for context in [*self._running]}
        return shut_down(
            self._port, lambda connection: peer_of(connection) not in busy, socket.SHUT_WR
        )


def without_frames(error: grpc.aio.AbortError) -> grpc.aio.AbortError:
    """Return an error without the frames that it came through, and the requests in them.

    grpcio keeps it until the garbage collector comes round to it.
    """
    error.__context__ = None
    return error.with_traceback(None)


def at_end_of_call(act: Callable[[], None]) -> None:
    """Do something when the answer of the running call is sent, or the call has failed.

    A done callback of the context would keep the call, and its answer, until the garbage collector
    comes round to it.
    """
    task = asyncio.current_task()
    assert task
    task.add_done_callback(lambda _: act())
