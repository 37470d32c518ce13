"""Answers calls as they are taken off the transport, many at once, without a task for each."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import grpc

from . import status
from .batches import Batches
from .calls import One
from .footprint import footprint_of

# Fewer requests are parsed one by one as quickly as they are read together.
FEW = 8

Method = TypeVar("Method", bound=Callable[..., Any])


def in_batches(method: Method) -> Method:
    """Mark a method whose calls a transport may answer, many at once, without running it.

    They are what Handlers.predict answers, and are answered in the same way.
    """
    method.in_batches = True  # type: ignore[attr-defined]
    return method


class Ends(Protocol):
    """The server that the calls come from."""

    def respond(self, call_id: int, data: bytes) -> None:
        """Answer a call."""

    def fail(self, call_id: int, code: grpc.StatusCode, details: str, trailing: Any) -> None:
        """End a call with an error."""

    def note(self, call_id: int, call: "Taken") -> None:
        """Take note of a call that is being answered."""


class Asks(Protocol):
    """Has the model answer calls.

    Attributes:
        batches: Makes batches of requests.
    """

    batches: Batches

    def check(self, call: One, size: int) -> None:
        """Check a call whose request takes up so many bytes."""

    def enter(self, calls: Sequence[Any]) -> None:
        """Have the model answer calls that were checked, as far as there is room for them."""

    def leave(self, call: Any) -> None:
        """Take a call off the queue for which nobody waits any more."""


class Intake:
    """Answers the calls of one method.

    Args:
        check_open: Raises an error if no calls are taken any more.
        parse: Makes a message of a request.
        model: Has the model answer them.
        rest: Answers the calls whose requests take long to read.
        most_bytes: The largest request that does not.
        is_closed: Whether the rest answers all calls, since late ones have to wait.
    """

    def __init__(
        self,
        check_open: Callable[[], None],
        parse: Callable[[bytes], Any],
        model: Asks,
        rest: Any,
        most_bytes: int,
        is_closed: Callable[[], bool] = lambda: False,
    ) -> None:
        self._model = model
        self._check_open = check_open
        self._is_closed = is_closed
        self._parse = parse
        self._copies = footprint_of(parse).copies
        self._rest = rest
        self._most_bytes = most_bytes

    def is_quick(self, data: bytes) -> bool:
        """Tell whether a request takes no time to read."""
        return len(data) <= self._most_bytes and not self._is_closed()

    def take(self, server: Ends, call_id: int, data: bytes, details: Any) -> None:
        """Begin to answer a call whose request takes long to read."""
        self._rest.take(server, call_id, data, details)

    def take_all(self, server: Ends, events: Sequence[Any]) -> None:
        """Begin to answer calls whose requests take no time to read."""
        model, parse, copies = self._model, self._parse, self._copies
        now = time.monotonic()
        check_open, check, note = self._check_open, model.check, server.note
        checked = []
        rows = self._rows([event[3] for event in events])
        for row, (_, call_id, _, data, _, (_, peer, seconds)) in zip(rows, events, strict=True):
            end = math.inf if seconds is None else now + seconds
            call = Taken(server, call_id, model, peer, end)
            note(call_id, call)
            try:
                check_open()
                call.instance = parse(data).instance if row is None else row
                check(call, copies * len(data))
            except Exception as error:
                call.end(error)
            else:
                checked.append(call)
        model.enter(checked)

    def _rows(self, requests: Sequence[bytes]) -> list[Any]:
        """Return the instances of requests as rows; None for those that have to be parsed."""
        batches = self._model.batches
        form = batches.requests
        if not form or len(requests) < FEW:
            return [None] * len(requests)
        formed = [place for place, data in enumerate(requests) if len(data) == form.size]
        rows = batches.rows_of([requests[place] for place in formed])
        if len(formed) == len(requests):
            return rows
        found: list[Any] = [None] * len(requests)
        for place, row in zip(formed, rows, strict=True):
            found[place] = row
        return found


class Taken(One):
    """A call that waits for the model's answer, and sends it."""

    as_bytes = True

    __slots__ = ("_call_id", "_model", "_server", "peer")

    any_thread = True

    def __init__(self, server: Ends, call_id: int, model: Asks, peer: str, deadline: float) -> None:
        super().__init__(None, ())
        self.deadline = deadline
        self.peer = peer
        self._server = server
        self._call_id = call_id
        self._model = model

    def is_wanted(self) -> bool:
        """Tell whether it has not ended."""
        return not self.has_ended

    def end(self, error: Exception | None) -> None:
        """Send the answer, or the error."""
        self.has_ended = True
        try:
            if error is None:
                response = self.response
                is_done = isinstance(response, bytes)
                data = response if is_done else response.SerializeToString()
                self._server.respond(self._call_id, data)
                return
        except Exception as unsendable:
            error = unsendable
        found = status.of(error, "instance")
        self._server.fail(self._call_id, found.code, found.details, found.trailing_metadata)

    def cancel(self) -> None:
        """Take it off the queue: nobody waits for it."""
        self._model.leave(self)
