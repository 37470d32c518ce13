"""Calls over grpcio's core, and the methods that they are of."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

import grpc
from grpc._cython import cygrpc  # type: ignore[attr-defined]

from .answers import Answers

# Deadlines further away than this, in seconds, are none: core counts from 1970 to the year 292e9.
FOREVER = 1e12
NO_FLAGS = 0
# Most bytes of a call's metadata, unpacked, where there are more than a few pieces. Core counts what
# was sent, of which a byte may stand for a piece of 4 KiB. Higher, and hostile clients take more
# memory; lower, and long tokens do not fit.
MOST_METADATA_BYTES = 64 * 1024
FEW_METADATA = 16
UNIMPLEMENTED = grpc.StatusCode.UNIMPLEMENTED.value[0]
RESOURCE_EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]


class Follows(Protocol):
    """Follows calls on their connections."""

    def began(self, call: "CoreCall") -> None:
        """Take note of a call, until it has ended."""

    def ended(self, call: "CoreCall") -> None:
        """Take note that the answer of a call is sent, or that its client has gone."""

    def count(self, call: "CoreCall", size: int) -> grpc.Status | None:
        """Count an answer until its call has ended; return what the call is told instead."""


class Server(Protocol):
    """The server that calls come to.

    Attributes:
        follower: Follows the calls.
    """

    follower: Follows

    def ask(self, route: "Route") -> None:
        """Ask core for the next call of a method."""

    def take(self, call: "CoreCall", data: bytes | None) -> None:
        """Take the request of a unary call."""

    def cancel(self, call: "CoreCall") -> None:
        """Have a call answered no more."""

    def open_stream(self, call: "CoreCall") -> None:
        """Begin to answer a call of streams."""

    def forget_stream(self, call: "CoreCall") -> None:
        """Take note that a stream is over."""

    def later(self, act: Callable[[], None]) -> None:
        """Do something on the event loop, when what has come in at once has been looked at."""


class CoreCall:
    """A call, from its metadata to the end of its answer.

    Its methods are what core's events are about it.

    Args:
        server: The server that it came to.
        route: What answers it.
        event: What core tells of it.

    Attributes:
        core: The same, in core; None once it is over, for core keeps a stream of the connection
            until nobody has it any more.
        metadata: What the client has sent before the request.
        deadline: When it waits no longer, on the clock of time.time.
        is_cancelled: Whether the client has gone, or waits no longer.
    """

    __slots__ = ("core", "deadline", "is_cancelled", "metadata", "route", "server")

    def __init__(self, server: Server, route: "Route", event: Any) -> None:
        self.server = server
        self.route = route
        self.core: Any = event.call
        self.metadata = event.invocation_metadata
        self.deadline = event.call_details.deadline
        self.is_cancelled = False

    def peer(self) -> str:
        """Return who the client is."""
        core = self.core
        return str(core.peer().decode()) if core else ""

    def seconds(self) -> float | None:
        """Return how long the client still waits; None for ever."""
        return None if self.deadline > FOREVER else self.deadline - time.time()

    def run(self, operations: Sequence[Any], then: Callable[[Any], None]) -> bool:
        """Have core do something; return False if the call is over."""
        core = self.core
        if core is None:
            return False
        core.start_server_batch(operations, then)
        return True

    def end(self) -> None:
        """Take note that it is over: its answer is sent, or its client has gone."""
        self.server.follower.ended(self)
        self.core = None

    def drop(self) -> None:
        """End it without an answer."""
        core = self.core
        if core and not self.is_cancelled:
            core.cancel()
        self.end()

    def received(self, event: Any) -> None:
        """Take the request."""
        self.server.take(self, event.batch_operations[0].message())

    def closed(self, event: Any) -> None:
        """Take note that the call is over."""
        if event.batch_operations[0].cancelled():
            self.is_cancelled = True
            self.server.cancel(self)

    def sent(self, event: Any) -> None:
        """Take note that the answer is sent, or never will be."""
        self.end()


class Route:
    """A method, and its next call.

    Args:
        server: The server.
        path: The method; None for all that are not registered.
        answers: What answers unary calls.
        stream: The method, if it is one of streams.
    """

    def __init__(
        self, server: Server, path: str | None, answers: Answers | None, stream: Any = None
    ) -> None:
        self.path = path
        self.answers = answers
        self.stream = stream
        self._server = server

    def __call__(self, event: Any) -> None:
        """Begin with a call, and ask for the next one."""
        if not event.success:  # The server is stopping.
            return
        self._server.ask(self)
        if self.path is None:
            refuse(event.call, UNIMPLEMENTED, b"Method not found!")
            return
        if is_too_much(event.invocation_metadata):
            refuse(event.call, RESOURCE_EXHAUSTED, b"the metadata is too large")
            return
        call = CoreCall(self._server, self, event)
        self._server.follower.began(call)
        call.run((cygrpc.ReceiveCloseOnServerOperation(NO_FLAGS),), call.closed)
        if self.answers:
            call.run((cygrpc.ReceiveMessageOperation(NO_FLAGS),), call.received)
        else:
            self._server.later(partial(self._server.open_stream, call))


def is_too_much(metadata: Sequence[tuple[str, str | bytes]]) -> bool:
    """Tell whether metadata takes up more than it may."""
    if len(metadata) <= FEW_METADATA:
        return False
    return sum(len(key) + len(value) for key, value in metadata) > MOST_METADATA_BYTES


def refuse(call: Any, code: int, details: bytes) -> None:
    """Refuse a call, of which nothing is kept."""
    operations = (
        cygrpc.SendInitialMetadataOperation(None, NO_FLAGS),
        cygrpc.ReceiveCloseOnServerOperation(NO_FLAGS),
        cygrpc.SendStatusFromServerOperation(None, code, details, NO_FLAGS),
    )
    call.start_server_batch(operations, ignore)


def ignore(event: Any) -> None:
    """Do nothing."""
