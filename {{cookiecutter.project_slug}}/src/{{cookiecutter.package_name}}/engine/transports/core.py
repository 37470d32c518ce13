"""The server on the core of grpcio, without what grpcio has for servers in Python above it.

A thread takes events off the core, many at once, and hands unary calls on as it does. grpc.aio
has three tasks for each call, and wakes the event loop for each of its four events.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from threading import Thread
from typing import Any, NoReturn

import grpc
from grpc._cython import cygrpc  # type: ignore[attr-defined]

from ..batching.threads import do_all
from .answers import Answers, Call, Event, Method, Running
from .core_calls import NO_FLAGS, CoreCall, Follows, Route
from .core_streams import Stream

logger = logging.getLogger(__name__)

# How many events are taken at once, before the calls among them are handed on.
MOST_EVENTS = 256
# Core's events that are due by then are there already.
NOW = 0.0


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

    def respond_all(self, calls: Sequence[CoreCall], answers: Sequence[bytes]) -> bool:
        """Return False: each call has to be answered by itself."""
        return False

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

    def note_all(self, calls: Iterable[CoreCall], call: Call) -> None:
        """Take note of calls that are being answered as one, until each is."""
        self._calls.update(dict.fromkeys(calls, call))

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
            answering.cancel(call)

    def open_stream(self, call: CoreCall) -> None:
        """Begin to answer a call of streams."""
        stream = Stream(call)
        self._calls[call] = Running(asyncio.ensure_future(stream.run()), stream.peer())

    def _begin(self, answers: Answers, call: CoreCall, data: bytes) -> None:
        answers.take(self, call, data, (call.metadata, call.peer(), call.seconds()))

    def _cancel(self, call: CoreCall) -> None:
        if answering := self._calls.pop(call, None):
            answering.cancel(call)

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
