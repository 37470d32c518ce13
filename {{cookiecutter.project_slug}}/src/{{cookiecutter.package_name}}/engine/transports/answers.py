"""What answers the calls that a transport gives as events, and not to coroutines."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import grpc

from .context import Context

logger = logging.getLogger(__name__)

UNKNOWN = grpc.StatusCode.UNKNOWN

# What it is, the call, the method, the request, its client, and the details of the call, which are
# its metadata, the same client, and the seconds that are left for it.
Event = Any


class Call(Protocol):
    """A call that is being answered.

    Attributes:
        any_thread: Whether it may be cancelled on any thread, and not on the event loop only.
    """

    any_thread: bool

    def peer_of(self, call_id: Any) -> str:
        """Return who waits for the answer."""

    def cancel(self, call_id: Any) -> None:
        """Answer it no more: the client has gone, or waits no longer."""


class Answers(Protocol):
    """Answers the calls of a method."""

    def is_quick(self, data: bytes) -> bool:
        """Tell whether a request may be taken on any thread, and not on the event loop only."""

    def take(self, server: "CallServer", call_id: Any, data: bytes, details: Any) -> None:
        """Begin to answer a call, on the event loop."""

    def take_all(self, server: "CallServer", events: Sequence[Event]) -> None:
        """Begin to answer calls that are quick."""


class CallServer(Protocol):
    """The server that the calls come from. What it calls a call is its own affair."""

    def respond(self, call_id: Any, data: bytes, initial: Any = None, trailing: Any = None) -> None:
        """Answer a call, which is over then."""

    def respond_all(self, call_ids: Sequence[Any], answers: Sequence[bytes]) -> bool:
        """Answer calls at once; return False if each has to be answered by itself."""

    def fail(self, call_id: Any, code: grpc.StatusCode, details: str, trailing: Any = ()) -> None:
        """End a call with an error."""

    def note(self, call_id: Any, call: Call) -> None:
        """Take note of a call that is being answered, until it is."""

    def note_all(self, call_ids: Iterable[Any], call: Call) -> None:
        """Take note of calls that are being answered as one, until each is."""

    def forget(self, call_id: Any) -> None:
        """Take note that a call is over, which was not answered."""


class Method:
    """Answers calls by a method of a servicer, each in a task of its own.

    Args:
        handler: The method, with how its request is read and its answer written.
    """

    def __init__(self, handler: Any) -> None:
        self._answer = handler.unary_unary
        self._parse = handler.request_deserializer
        self._write = handler.response_serializer

    def is_quick(self, data: bytes) -> bool:
        """Return False: tasks are made on the event loop."""
        return False

    def take_all(self, server: CallServer, events: Sequence[Event]) -> None:
        """Begin to answer no call: none is quick."""

    def take(self, server: CallServer, call_id: Any, data: bytes, details: Any) -> None:
        """Begin to answer a call."""
        task = asyncio.ensure_future(self._run(server, call_id, data, Context(*details)))
        server.note(call_id, Running(task, details[1]))

    async def _run(self, server: CallServer, call_id: Any, data: bytes, context: Context) -> None:
        try:
            request = self._parse(data) if self._parse else data
            response = await self._answer(request, context)
            data = self._write(response) if self._write else response
            code = context.code() or grpc.StatusCode.OK
            if code is grpc.StatusCode.OK:
                initial = None if context.initial is None else [*context.initial]
                server.respond(call_id, data, initial, [*context.trailing_metadata()])
            else:
                server.fail(call_id, code, context.details(), context.trailing_metadata())
        except grpc.aio.AbortError:
            server.fail(call_id, context.code(), context.details(), context.trailing_metadata())
        except asyncio.CancelledError:
            context.is_cancelled = True
            server.forget(call_id)
        except Exception as error:
            logger.exception("A method has failed")
            server.fail(call_id, UNKNOWN, f"Unexpected {type(error)}: {error}")
        finally:
            context.finish()


class Running:
    """A call that a task answers."""

    any_thread = False

    def __init__(self, task: "asyncio.Future[None]", peer: str) -> None:
        self._task = task
        self._peer = peer

    def peer_of(self, call_id: Any) -> str:
        """Return who waits for the answer."""
        return self._peer

    def cancel(self, call_id: Any) -> None:
        """Cancel the task."""
        self._task.cancel()
