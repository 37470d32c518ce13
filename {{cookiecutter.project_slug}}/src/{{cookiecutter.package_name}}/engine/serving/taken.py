"""Calls that were taken off a transport, and are answered on the model's thread."""

import math
from collections.abc import Sequence
from typing import Any, Protocol, Self

import grpc

from ..batching.call import Call
from . import status
from .batches import Row, count
from .calls import One


class Ends(Protocol):
    """The server that the calls come from."""

    def respond(self, call_id: Any, data: bytes) -> None:
        """Answer a call."""

    def respond_all(self, call_ids: Sequence[Any], answers: Sequence[bytes]) -> bool:
        """Answer calls at once; return False if each has to be answered by itself."""

    def fail(self, call_id: Any, code: grpc.StatusCode, details: str, trailing: Any) -> None:
        """End a call with an error."""


class Leaves(Protocol):
    """What the calls wait in."""

    def leave(self, call: Any, caller: Any = None) -> None:
        """Take one of the callers of a call off the queue, who waits no longer."""


class Taken(One):
    """A call that waits for the model's answer, and sends it."""

    as_bytes = True

    __slots__ = ("_call_id", "_model", "_peer", "_server")

    any_thread = True

    def __init__(
        self, server: Ends, call_id: Any, model: Leaves, peer: str, deadline: float
    ) -> None:
        super().__init__(None, ())
        self.deadline = deadline
        self._peer = peer
        self._server = server
        self._call_id = call_id
        self._model = model

    def peer_of(self, call_id: Any) -> str:
        """Return who waits for the answer."""
        return self._peer

    def is_wanted(self) -> bool:
        """Tell whether it has not ended."""
        return not self.has_ended

    def end(self, error: Exception | None) -> None:
        """Send the answer, or the error."""
        self.has_ended = True
        send(self._server, self._call_id, self.response if error is None else error)

    def cancel(self, call_id: Any) -> None:
        """Take it off the queue: nobody waits for it."""
        self._model.leave(self)


class Block(Call):
    """Calls that came in together, and are checked, queued, answered and sent together.

    Whatever happens to one of them only takes it out, as a call of its own.

    Args:
        server: The server that they came to.
        model: What they wait in.
        events: What the transport tells of each.
        came: When they came, on the clock of time.monotonic.
        columns: What their instances are rows of.
        places: Which row is whose.

    Attributes:
        rows: How many of them wait; 0 once a batch has taken them.
        callers: How many there are.
        call_ids: What the server calls them.
    """

    any_thread = True

    def __init__(
        self,
        server: Ends,
        model: Leaves,
        events: Sequence[Any],
        came: float,
        columns: Any,
        places: Sequence[int],
    ) -> None:
        super().__init__(len(events), ())
        self.size = 0
        self._server = server
        self._model = model
        self._came = came
        self._taken = events  # With those that have left since.
        self._columns = columns
        self._responses: Sequence[Any] = ()
        # These two are shared by all blocks that were split off one.
        self._singles: dict[Any, Taken] = {}
        self._gone: set[Any] = set()
        self._keep(events, places)

    def _keep(self, events: Sequence[Any], places: Sequence[int]) -> None:
        self._events = events
        self._places = places
        self.call_ids = [event[1] for event in events]
        self.rows = self.callers = len(events)
        left = [seconds for event in events if (seconds := event[5][2]) is not None]
        self.deadline = self._came + min(left, default=math.inf)

    @property
    def instance(self) -> Any:
        """The instances, as columns of their own."""
        kind = type(self._columns)
        columns = [getattr(self._columns, name) for name in kind.__match_args__]
        if self.callers == count(self._columns):
            return kind(*[column.copy() for column in columns])
        places = [*self._places]
        return kind(*[column[places] for column in columns])

    def take(self, most: int) -> Self:
        """Return all of it; it has to be split before if that are too many."""
        self.rows = 0
        return self

    def put(self, place: int, answer: Sequence[Any]) -> None:
        """Keep the responses."""
        self._responses = answer

    def is_wanted(self) -> bool:
        """Tell whether anybody waits."""
        return self.callers > 0 and not self.has_ended

    def end(self, error: Exception | None) -> None:
        """Send the answers, or the error to all."""
        self.has_ended = True
        responses: Sequence[Any] = [error] * self.callers if error else self._responses
        if isinstance(responses[0], bytes) and self._server.respond_all(self.call_ids, responses):
            return
        for call_id, response in zip(self.call_ids, responses, strict=True):
            send(self._server, call_id, response)

    def peer_of(self, call_id: Any) -> str:
        """Return who waits for the answer to a call."""
        return next(str(event[5][1]) for event in self._taken if event[1] == call_id)

    def cancel(self, call_id: Any) -> None:
        """Take a call off the queue: nobody waits for it."""
        self._model.leave(self, call_id)

    def split(self, most: int) -> "Block":
        """Return a block of the first calls, so many at most; the others stay in this one."""
        if self.callers <= most:
            return self
        return self._part(range(self.callers)[:most])

    def single(self, caller: Any) -> Call:
        """Return one of the calls, which leaves the block unless the model is being asked."""
        if caller in self._singles:
            return self._singles[caller]
        if self.rows and caller in self.call_ids:
            return self._part([self.call_ids.index(caller)]).singles()[0]
        self._gone.add(caller)
        running = Taken(self._server, caller, self._model, "", math.inf)
        running.size, running.running = 0, 1
        return running

    def late(self, end: float) -> Sequence[Call]:
        """Return the calls that do not wait until then; they leave the block."""
        ends = [deadline(self._came, event[5][2]) for event in self._events]
        return self._part([place for place, each in enumerate(ends) if each < end]).singles()

    def singles(self) -> list[Taken]:
        """Return all calls, in place of the block."""
        size = self.size // max(self.callers, 1)
        singles = []
        for event, place in zip(self._events, self._places, strict=True):
            _, call_id, _, _, _, (_, peer, seconds) = event
            end = deadline(self._came, seconds)
            single = Taken(self._server, call_id, self._model, peer, end)
            single.instance = Row(self._columns, place)
            single.size = size
            single.rows, single.running = min(self.rows, 1), self.running
            single.has_ended = call_id in self._gone
            self._singles[call_id] = single
            singles.append(single)
        return singles

    def _part(self, leave: Sequence[int]) -> "Block":
        """Return a block of calls that leave this one, given their places in it."""
        size = self.size // max(self.callers, 1)
        events, places = self._events, self._places
        part = Block(
            self._server,
            self._model,
            [events[each] for each in leave],
            self._came,
            self._columns,
            [places[each] for each in leave],
        )
        part.size = size * len(leave)
        part._singles, part._gone = self._singles, self._gone
        self.size -= part.size
        leaving = {*leave}
        stay = [each for each in range(self.callers) if each not in leaving]
        self._keep([events[each] for each in stay], [places[each] for each in stay])
        return part


def deadline(came: float, seconds: float | None) -> float:
    """Return when the seconds of a call are over."""
    return math.inf if seconds is None else came + seconds


def send(server: Ends, call_id: Any, response: Any) -> None:
    """Answer a call with a message, or its bytes; or end it with an error."""
    error = response
    try:
        if not isinstance(response, Exception):
            is_done = isinstance(response, bytes)
            server.respond(call_id, response if is_done else response.SerializeToString())
            return
    except Exception as unsendable:
        error = unsendable
    try:
        fail(server, call_id, error)
    except Exception as unsendable:  # Of what the model says of a refusal.
        fail(server, call_id, unsendable)


def fail(server: Ends, call_id: Any, error: Exception) -> None:
    """End a call with an error."""
    found = status.of(error, "instance")
    server.fail(call_id, found.code, found.details, found.trailing_metadata)
