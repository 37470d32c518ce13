"""The gate that calls pass on their way in; it turns away what is no request, too much, or late."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import grpc

from ..batching.budget import HELD, Budget, BusyError, TooLargeError
from . import status
from .connections import Connections, without_frames
from .footprint import footprint_of
from .streams import OPEN_BYTES, Requests, TooLongError

# Quiet time after which no call is still on its way through the transport.
QUIET_SECONDS = 0.02
# Longest wait for that quiet time, and for calls to end. Longer, and late calls wait longer for
# their refusal; shorter, and more connections are left to grpcio, which may cancel calls on them.
LONGEST_CLOSE_SECONDS = 0.2
# How long clients have to read their last answers before grpcio ends their connections. Longer, and
# a client that does not read holds up the end; shorter, and a slow one loses more of them.
PARTING_SECONDS = 0.2
# How long a late call waits for its refusal. By then, its connection has been ended, so that the
# client tries the call again elsewhere, and not here.
HOLD_SECONDS = 0.25


class Gate:
    """Registers the methods of servicers with a server, and stands before them.

    Without it, grpcio answers bytes that are no message of the request's type UNKNOWN, and, when
    it stops, calls that have not reached their method CANCELLED, which clients do not try again.

    Args:
        server: Where to register.
        budget: What requests count against until their calls end.
        connections: What follows calls, if the transport's connections can be followed.
        most_bytes: The largest request.
        intake: Makes what answers the calls of a method that are taken in batches, where the
            transport gives them so, of the gate, the method, and what stands before the method.
    """

    def __init__(
        self,
        server: grpc.aio.Server,
        budget: Budget,
        connections: Connections | None,
        most_bytes: int = sys.maxsize,
        intake: Callable[["Gate", Any, Any], Any] | None = None,
    ) -> None:
        self._server = server
        self._budget = budget
        self._connections = connections
        self._most_bytes = most_bytes
        self._intake = intake
        # Other servers follow their calls themselves.
        self._follows = connections is not None and not getattr(server, "follows_calls", False)
        self._closed = False
        self._late = 0
        self._streams: set[asyncio.Task[Any]] = set()
        self._streams_end = False

    async def close(self) -> None:
        """Refuse new calls with UNAVAILABLE; return when they stop coming in.

        Where connections can be followed, refuse new ones, and end those on which no call runs by
        then.
        """
        self._closed = True
        if self._connections:
            self._connections.refuse_more()
        end = time.monotonic() + LONGEST_CLOSE_SECONDS
        late = -1
        while time.monotonic() < end and (late != self._late or self._is_busy()):
            late = self._late
            await asyncio.sleep(QUIET_SECONDS)
        if self._connections:
            await self._part(self._connections)

    def holds(self) -> bool:
        """Tell whether calls are late, and have to wait for their refusal."""
        return self._closed and self._connections is not None

    def check_open(self) -> None:
        """Raise StoppingError if no calls are let in any more."""
        if self._closed:
            self._late += 1
            raise status.StoppingError

    def end_streams(self) -> None:
        """End the streams that are open, as if their clients had said all that they have to say."""
        self._streams_end = True
        for stream in self._streams:
            stream.cancel()

    async def _part(self, connections: Connections) -> None:
        """End the connections on which no call runs, and give their clients time to follow."""
        end = time.monotonic() + PARTING_SECONDS
        while connections.end_idle() and time.monotonic() < end:
            await asyncio.sleep(QUIET_SECONDS)

    def _is_busy(self) -> bool:
        return self._connections is not None and self._connections.are_busy

    def add_generic_rpc_handlers(self, handlers: Sequence[grpc.GenericRpcHandler]) -> None:
        """Leave them out: generated code registers every method below as well."""

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """Register the methods of a service."""
        guarded = {name: self._guarded(handler) for name, handler in handlers.items()}
        self._server.add_registered_method_handlers(service, guarded)
        for name, handler in handlers.items():
            if self._intake and getattr(handler.unary_unary, "in_batches", False):
                server: Any = self._server
                answers = self._intake(self, handler, guarded[name])
                server.add_answers(f"/{service}/{name}", answers)

    def _guarded(self, handler: Any) -> Any:
        parse, write = handler.request_deserializer, handler.response_serializer
        if handler.request_streaming:
            stream = self._guard_stream(handler.stream_stream, parse)
            return grpc.stream_stream_rpc_method_handler(stream, None, write)
        if handler.response_streaming:
            watch = without_leftovers(self._guard(handler.unary_stream, parse))
            return grpc.unary_stream_rpc_method_handler(watch, None, write)
        unary = self._guard(handler.unary_unary, parse)
        if not self._connections or not self._follows:
            return grpc.unary_unary_rpc_method_handler(unary, None, write)
        answer = self._connections.answering(unary, write)
        return grpc.unary_unary_rpc_method_handler(answer, None, None)

    def _guard(self, method: Any, parse: Any) -> Any:
        budget, footprint = self._budget, footprint_of(parse)
        copies = footprint.copies

        async def guarded(data: bytes, context: Any) -> Any:
            if self._closed or self._follows:  # Else there is nothing to wait for.
                await self._admit(context)
            if len(data) > self._most_bytes:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, self._too_long())
            size = copies * len(data)
            elements = footprint.of_elements(data)
            try:
                budget.take(size + elements)
            except (BusyError, TooLargeError) as error:
                await context.abort_with_status(status.of(error, ""))
            try:
                request = parse(data)
                HELD.set(size)  # In the task of the call.
                if elements:  # The method counts them as the model sees them.
                    budget.give(elements)
                    elements = 0
                return await method(request, context)
            except grpc.aio.BaseError:  # It has been answered, or its caller has gone.
                raise
            except Exception as error:  # Of bytes that are no request, or of a method of one's own.
                await context.abort_with_status(status.of(error, ""))
            finally:
                budget.give(size + elements)

        return guarded

    def _guard_stream(self, method: Any, parse: Any) -> Any:
        footprint = footprint_of(parse)

        async def guarded(_: Any, context: Any) -> AsyncIterator[Any]:
            await self._admit(context)
            try:
                self._budget.take(OPEN_BYTES)
            except (BusyError, TooLargeError) as error:
                await context.abort_with_status(status.of(error, ""))
            stream = asyncio.current_task()
            assert stream
            self._streams.add(stream)
            requests = Requests(context.read, parse, footprint, self._budget, self._most_bytes)
            try:
                async for response in method(requests, context):
                    yield response
                    requests.answered()
            except asyncio.CancelledError:
                if not self._streams_end:
                    raise
            except grpc.aio.AbortError as error:
                raise without_frames(error) from None
            except grpc.aio.BaseError:
                raise
            except TooLongError:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, self._too_long())
            except Exception as error:
                await context.abort_with_status(status.of(error, ""))
            finally:
                self._streams.discard(stream)
                requests.close()
                self._budget.give(OPEN_BYTES)

        return guarded

    def _too_long(self) -> str:
        return f"the request has more than {self._most_bytes} bytes"

    async def _admit(self, context: Any) -> None:
        """Let a call in, or refuse it if it is late."""
        if self._closed:
            self._late += 1
            if self._connections:
                await asyncio.sleep(HOLD_SECONDS)
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the server is stopping")
        if self._connections and self._follows:
            self._connections.follow(context)


def without_leftovers(method: Any) -> Any:
    """Return a method whose errors do not keep its request."""

    async def forgetting(data: bytes, context: Any) -> Any:
        try:
            return await method(data, context)
        except grpc.aio.AbortError as error:
            del data
            raise without_frames(error) from None

    return forgetting
