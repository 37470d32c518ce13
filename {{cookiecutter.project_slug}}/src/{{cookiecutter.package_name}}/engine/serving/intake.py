"""Answers calls as they are taken off the transport, many at once, without a task for each."""

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from typing import Any, Protocol, TypeVar

from ..batching.call import Call
from .batches import Batches
from .calls import One
from .footprint import footprint_of
from .taken import Block, Ends, Taken, deadline

# Fewer requests are parsed one by one as quickly as they are read together.
FEW = 8

Method = TypeVar("Method", bound=Callable[..., Any])


def in_batches(method: Method) -> Method:
    """Mark a method whose calls a transport may answer, many at once, without running it.

    They are what Handlers.predict answers, and are answered in the same way.
    """
    method.in_batches = True  # type: ignore[attr-defined]
    return method


class Server(Ends, Protocol):
    """The server that the calls come from."""

    def note(self, call_id: Any, call: Any) -> None:
        """Take note of a call that is being answered."""

    def note_all(self, call_ids: Iterable[Any], call: Any) -> None:
        """Take note of calls that are being answered as one."""


class Asks(Protocol):
    """Has the model answer calls.

    Attributes:
        batches: Makes batches of requests.
    """

    batches: Batches

    def check(self, call: One, size: int) -> None:
        """Check a call whose request takes up so many bytes."""

    def check_block(self, block: Block, copies: int) -> None:
        """Check calls whose requests take up so many times their bytes."""

    def enter(self, calls: Sequence[Any]) -> None:
        """Have the model answer calls that were checked, as far as there is room for them."""

    def leave(self, call: Any, caller: Any = None) -> None:
        """Take a call off the queue, or one of its callers, for which nobody waits any more."""


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

    def take_all(self, server: Server, events: Sequence[Any]) -> None:
        """Begin to answer calls whose requests take no time to read."""
        block = self._block(server, events)
        calls: list[Call] = [block] if block and self._begins(server, block) else []
        if block:
            taken = {*block.call_ids}
            events = [event for event in events if event[1] not in taken]
        calls += [call for event in events if (call := self._single(server, event))]
        self._model.enter(calls)

    def _begins(self, server: Server, block: Block) -> bool:
        """Begin to answer calls that were read together; tell whether they are let in."""
        server.note_all(block.call_ids, block)
        try:
            self._check_open()
            self._model.check_block(block, self._copies)
        except Exception as error:
            block.end(error)
            return False
        return True

    def _block(self, server: Server, events: Sequence[Any]) -> Block | None:
        """Return the calls whose requests are read together; None if they are few."""
        batches, form = self._model.batches, self._model.batches.requests
        if not form:
            return None
        formed = [event for event in events if len(event[3]) == form.size]
        if len(formed) < FEW:
            return None
        columns, right = batches.read_requests([event[3] for event in formed])
        places: Sequence[int] = range(len(formed))
        if not all(right):
            places = [*compress(places, right)]
            formed = [*compress(formed, right)]
        if not formed:
            return None
        return Block(server, self._model, formed, time.monotonic(), columns, places)

    def _single(self, server: Server, event: Any) -> Taken | None:
        """Return a call that may be answered; None if it has ended already."""
        _, call_id, _, data, _, (_, peer, seconds) = event
        call = Taken(server, call_id, self._model, peer, deadline(time.monotonic(), seconds))
        server.note(call_id, call)
        try:
            self._check_open()
            call.instance = self._parse(data).instance
            self._model.check(call, self._copies * len(data))
        except Exception as error:
            call.end(error)
            return None
        return call
