"""The server on the core of grpcio, without what grpcio has for servers in Python above it.

A thread takes events off the core, many at once, and hands unary calls on as it does. grpc.aio
has three tasks for each call, and wakes the event loop for each of its four events.
"""

import asyncio
import contextlib
import inspect
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from functools import partial
from threading import Thread
from typing import Any, NoReturn, Protocol

import grpc
from grpc._cython import cygrpc  # type: ignore[attr-defined]

from .answers import Answers, Call, Event, Method, Running
from .context import Context

logger = logging.getLogger(__name__)

# How many events are taken at once, before the calls among them are handed on.
MOST_EVENTS = 256
# Deadlines further away than this, in seconds, are none: core counts from 1970 to the year 292e9.
FOREVER = 1e12
# Core's events that are due by then are there already.
NOW = 0.0
NO_FLAGS = 0
# Most bytes of a call's metadata, unpacked, where there are more than a few pieces. Core counts what
# was sent, of which a byte may stand for a piece of 4 KiB. Higher, and hostile clients take more
# memory; lower, and long tokens do not fit.
MOST_METADATA_BYTES = 64 * 1024
FEW_METADATA = 16
OK, UNKNOWN = grpc.StatusCode.OK, grpc.StatusCode.UNKNOWN
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

    def __init__(self, server: "CoreServer", route: "Route", event: Any) -> None:
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
        self, server: "CoreServer", path: str | None, answers: Answers | None, stream: Any = None
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


class CoreServer(grpc.aio.Server):
    """Takes calls off grpcio's core, many at once.

    Args:
        options: What core is told.

    Attributes:
        follows_calls: True, so that nothing else does.
        follower: Follows the calls.
    """

    follows_calls = True
    follower: Follows

    def __init__(self, options: Sequence[tuple[str, Any]]) -> None:
        self._core = cygrpc.Server(tuple(options), False)
        self._queue = cygrpc.CompletionQueue()
        self._core.register_completion_queue(self._queue)
        self._routes: dict[str, Route] = {}
        self._calls: dict[CoreCall, Call] = {}
        self._quick: dict[Route, list[Event]] = {}
        self._later: list[Callable[[], None]] = []
        self._loop = asyncio.get_running_loop()
        self._is_started = False
        self._is_stopping = False
        self._is_over = False
        self._is_stopped = asyncio.Event()

    def add_generic_rpc_handlers(self, generic_rpc_handlers: Iterable[Any]) -> NoReturn:
        raise NotImplementedError("methods have to be registered")

    def add_registered_method_handlers(
        self, service_name: str, method_handlers: Mapping[str, Any]
    ) -> None:
        """Register the methods of a service."""
        for name, handler in method_handlers.items():
            path = f"/{service_name}/{name}"
            if handler.request_streaming or handler.response_streaming:
                self._add(path, None, handler)
            else:
                self._add(path, Method(handler), None)

    def add_answers(self, path: str, answers: Answers) -> None:
        """Register what answers the calls of a unary method, in place of a handler."""
        self._add(path, answers, None)

    def _add(self, path: str, answers: Answers | None, stream: Any) -> None:
        if path not in self._routes:
            self._core.register_method(path)
        self._routes[path] = Route(self, path, answers, stream)

    def add_insecure_port(self, address: str) -> int:
        """Open a port.

        Raises:
            RuntimeError: If it cannot be opened.
        """
        port = self._core.add_http2_port(address.encode())
        if not port:
            raise RuntimeError(f"Failed to bind to address {address}")
        return int(port)

    def add_secure_port(self, address: str, server_credentials: Any) -> int:
        raise NotImplementedError("there is no TLS yet")

    async def start(self) -> None:
        """Take calls."""
        self._core.start()
        self._is_started = True
        for route in (*self._routes.values(), Route(self, None, None)):
            self.ask(route)
        Thread(target=self._receive, name="transport", daemon=True).start()

    async def stop(self, grace: float | None) -> None:
        """Let the calls end that run, within the grace, in seconds; then end them."""
        if not self._is_started:
            return
        self._is_stopping = True
        self._core.shutdown(self._queue, self._end)
        if not await self._wait(grace or 0):
            self._core.cancel_all_calls()
            await self._is_stopped.wait()
        self._core.destroy()

    async def wait_for_termination(self, timeout: float | None = None) -> bool:
        """Wait until the server has stopped; return whether it has not, in that time."""
        return not await self._wait(timeout)

    async def _wait(self, timeout: float | None) -> bool:
        try:
            await asyncio.wait_for(self._is_stopped.wait(), timeout)
        except TimeoutError:
            return False
        return True

    @property
    def has_calls(self) -> bool:
        """Whether any unary call is being answered."""
        return bool(self._calls)

    def respond(
        self, call: CoreCall, data: bytes, initial: Any = None, trailing: Any = None
    ) -> None:
        """Answer a call, which is over then."""
        self._calls.pop(call, None)
        if call.is_cancelled:
            return
        if refusal := self.follower.count(call, len(data)):
            self.fail(call, refusal.code, refusal.details, refusal.trailing_metadata)
            return
        operations = (
            cygrpc.SendInitialMetadataOperation(initial, NO_FLAGS),
            cygrpc.SendMessageOperation(data, NO_FLAGS),
            cygrpc.SendStatusFromServerOperation(trailing, 0, b"", NO_FLAGS),
        )
        if not call.run(operations, call.sent):  # It has just ended, before it was counted.
            self.follower.ended(call)

    def fail(self, call: CoreCall, code: Any, details: str, trailing: Any = ()) -> None:
        """End a call with an error."""
        self._calls.pop(call, None)
        if not call.is_cancelled:
            operations = (
                cygrpc.SendInitialMetadataOperation(None, NO_FLAGS),
                cygrpc.SendStatusFromServerOperation(
                    tuple(trailing), code.value[0], details.encode(), NO_FLAGS
                ),
            )
            call.run(operations, call.sent)

    def note(self, call_id: CoreCall, call: Call) -> None:
        """Take note of a call that is being answered, until it is."""
        self._calls[call_id] = call

    def forget(self, call: CoreCall) -> None:
        """Take note that a call is over, which was not answered."""
        self._calls.pop(call, None)
        call.drop()

    def forget_stream(self, call: CoreCall) -> None:
        """Take note that a stream is over."""
        self._calls.pop(call, None)
        call.end()

    def ask(self, route: Route) -> None:
        """Ask core for the next call of a method."""
        if self._is_stopping:
            return
        try:
            if route.path is None:
                self._core.request_call(self._queue, self._queue, route)
            else:
                self._core.request_registered_call(self._queue, self._queue, route.path, route)
        except ValueError:
            if not self._is_stopping:
                raise

    def later(self, act: Callable[[], None]) -> None:
        """Do something on the event loop, when what has come in at once has been looked at."""
        self._later.append(act)

    def take(self, call: CoreCall, data: bytes | None) -> None:
        """Take the request of a unary call."""
        answers = call.route.answers
        assert answers
        if data is None:  # The client has gone, or has sent none.
            call.drop()
        elif answers.is_quick(data):
            details = (call.metadata, "", call.seconds())
            self._quick.setdefault(call.route, []).append((0, call, 0, data, None, details))
        else:
            self.later(partial(self._begin, answers, call, data))

    def cancel(self, call: CoreCall) -> None:
        """Have a call answered no more."""
        call.end()
        answering = self._calls.get(call)
        if answering is None or not answering.any_thread:
            self.later(partial(self._cancel, call))
        elif self._calls.pop(call, None):
            answering.cancel()

    def open_stream(self, call: CoreCall) -> None:
        """Begin to answer a call of streams."""
        stream = Stream(call)
        self._calls[call] = Running(asyncio.ensure_future(stream.run()), stream.peer())

    def _begin(self, answers: Answers, call: CoreCall, data: bytes) -> None:
        answers.take(self, call, data, (call.metadata, call.peer(), call.seconds()))

    def _cancel(self, call: CoreCall) -> None:
        if answering := self._calls.pop(call, None):
            answering.cancel()

    def _end(self, event: Any) -> None:
        """Take note that all calls are over, and that none comes in any more."""
        self._is_over = True
        self.later(self._is_stopped.set)

    def _receive(self) -> None:
        """Take events off core, until the end."""
        poll = self._queue.poll
        while not self._is_over:
            event = poll()
            room = MOST_EVENTS
            while event.tag is not None:  # Else there are no more.
                try:
                    event.tag(event)
                except Exception:
                    logger.exception("An event of the transport was lost")
                room -= 1
                if not room:
                    break
                event = poll(NOW)
            del event
            try:
                self._hand_on()
            except Exception:
                logger.exception("Calls were lost")

    def _hand_on(self) -> None:
        """Have calls answered that have come in at once."""
        if self._quick:
            quick, self._quick = self._quick, {}
            for route, events in quick.items():
                assert route.answers
                route.answers.take_all(self, [each for each in events if not each[1].is_cancelled])
        if self._later:
            later, self._later = self._later, []
            try:
                self._loop.call_soon_threadsafe(do_all, later)
            except RuntimeError:  # The loop was closed.
                self._is_over = True


class Stream(Context):
    """Answers a call whose requests or answers are streams, by a method of a servicer.

    Args:
        call: The call.
    """

    def __init__(self, call: CoreCall) -> None:
        super().__init__(call.metadata, call.peer(), call.seconds())
        self._call = call
        handler = call.route.stream
        self._parse = handler.request_deserializer
        self._write = handler.response_serializer
        self._has_requests = handler.request_streaming
        self._method = handler.stream_stream or handler.unary_stream or handler.stream_unary
        self._answers = handler.response_streaming
        self._is_begun = False
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Answer the call."""
        call, server = self._call, self._call.server
        try:
            request = None if self._has_requests else await self.read()
            if request is grpc.aio.EOF:  # The client has gone, or has sent none.
                raise asyncio.CancelledError
            if inspect.isasyncgenfunction(self._method):
                await self._write_all(self._method(request, self))
            else:
                await self._method(request, self)
            await self._finish(self.code() or OK)
        except grpc.aio.AbortError:
            await self._finish(self.code())
        except asyncio.CancelledError:
            self.is_cancelled = True
            call.drop()
        except Exception as error:
            if not call.is_cancelled:
                logger.exception("A method has failed")
                self.set_details(f"Unexpected {type(error)}: {error}")
                await self._finish(UNKNOWN)
        finally:
            server.forget_stream(call)
            self.finish()

    async def _write_all(self, responses: AsyncGenerator[Any, None]) -> None:
        """Send answers as they come; a task that is cancelled meanwhile is so in the method."""
        async for response in responses:
            try:
                await self.write(response)
            except asyncio.CancelledError as error:
                with contextlib.suppress(StopAsyncIteration):
                    await responses.athrow(error)
                return

    async def read(self) -> Any:
        """Return the next request, or EOF."""
        receiving = cygrpc.ReceiveMessageOperation(NO_FLAGS)
        await self._do(receiving)
        data = receiving.message()
        if data is None:
            return grpc.aio.EOF
        return self._parse(data) if self._parse else data

    async def write(self, message: Any) -> None:
        """Send an answer; return when it is sent."""
        data = self._write(message) if self._write else message
        sending = cygrpc.SendMessageOperation(data, NO_FLAGS)
        if not await self._do(*self._beginning(), sending):
            raise grpc.aio.InternalError("the caller has gone")

    async def send_initial_metadata(self, initial_metadata: Any) -> None:
        self.initial = tuple(initial_metadata)
        await self._do(*self._beginning())

    def _beginning(self) -> Sequence[Any]:
        if self._is_begun:
            return ()
        self._is_begun = True
        return (cygrpc.SendInitialMetadataOperation(self.initial, NO_FLAGS),)

    async def _finish(self, code: grpc.StatusCode) -> None:
        if not self._call.is_cancelled:
            trailing, details = tuple(self.trailing_metadata()), self.details().encode()
            end = cygrpc.SendStatusFromServerOperation(trailing, code.value[0], details, NO_FLAGS)
            await self._do(*self._beginning(), end)

    async def _do(self, *operations: Any) -> bool:
        """Have core do something; return whether that went well.

        The future does not get the event, which has what tells the future of it: both would stay,
        and the message with them, until the garbage collector comes round to them.
        """
        future = self._loop.create_future()
        later = self._call.server.later
        if not self._call.run(operations, lambda e: later(partial(settle, future, e.success))):
            raise grpc.aio.InternalError("the caller has gone")
        return bool(await future)


def check_core() -> None:
    """Raise an error if what is used of grpcio's core is not there, or is something else.

    It is no public interface of grpcio's. What it does is left to tests.
    """
    queue, server = cygrpc.CompletionQueue(), cygrpc.Server((), False)
    server.register_completion_queue(queue)
    server.register_method("/check/Check")
    server.start()
    try:
        server.request_registered_call(queue, queue, "/check/Check", "tag")
        server.request_call(queue, queue, "tag")
        operations = (
            cygrpc.SendInitialMetadataOperation(None, NO_FLAGS),
            cygrpc.SendMessageOperation(b"", NO_FLAGS),
            cygrpc.SendStatusFromServerOperation(None, 0, b"", NO_FLAGS),
            cygrpc.ReceiveMessageOperation(NO_FLAGS),
            cygrpc.ReceiveCloseOnServerOperation(NO_FLAGS),
        )
        _ = operations[3].message, operations[4].cancelled, cygrpc.Call.start_server_batch
        _ = cygrpc.Call.cancel, cygrpc.Call.peer, cygrpc.CallDetails.deadline
    finally:
        server.shutdown(queue, "end")
        while queue.poll(time.time() + 1).tag not in ("end", None):
            pass
        server.destroy()


def settle(future: "asyncio.Future[bool]", went_well: bool) -> None:
    """Tell who awaits an event, if somebody still does."""
    if not future.done():
        future.set_result(went_well)


def do_all(acts: Sequence[Callable[[], None]]) -> None:
    """Do what has to be done on the event loop."""
    for act in acts:
        act()


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
