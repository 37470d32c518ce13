"""The server on pygrpc-native's front, whose HTTP/2 runs in Rust, outside the GIL."""

import asyncio
import contextlib
import logging
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from threading import Lock, Thread
from typing import Any, NamedTuple

import grpc
from pygrpc_native import EVENT_CALL, EVENT_CANCEL, NativeGrpcFront

from .answers import Answers, Call, Event, Method

logger = logging.getLogger(__name__)

# How many events Python takes from the transport at once. More takes no longer for each, and a
# busy loop has more of them at once.
MOST_EVENTS = 256
# Longest path of a socket, on the system that takes the least.
LONGEST_SOCKET_PATH = 103
SOCKET_NAME = "streams.sock"
# How much longer the path of the socket is than that of the folder.
SOCKET_NAME_LENGTH = len("/service-12345678/") + len(SOCKET_NAME)
# Folders that are writable where the root file system is not, if there is no other.
MORE_FOLDERS = (os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm")

# How long the last words of calls take on their way out.
RELAY_SECONDS = 0.1
# How often it is looked whether the last calls have ended.
LOOK_SECONDS = 0.01
# Answers up to this size are not counted one by one: the transport takes that much for their calls
# anyway, and a connection has some hundred of those at most.
SMALL_BYTES = 4096
RESOURCE_EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]


class Counted(NamedTuple):
    """What the transport has counted of unary calls.

    Attributes:
        open: How many have not ended.
        sent: How many bytes of their answers were sent.
    """

    open: int
    sent: int


class NativeServer(grpc.aio.Server):
    """Takes unary calls off the transport, many at once, and leaves streams to grpcio.

    The transport hands streams on, to a server of grpcio's behind a socket.

    Args:
        streams: The server of grpcio's.
        most_bytes: The largest request or answer.
        front: What else the transport is told, as NativeGrpcFront has it.

    Attributes:
        refuse: Returns a status if there is no room for a large answer to a peer, given its size.
            Any thread may ask.
    """

    refuse: Callable[[str, int], grpc.Status | None]

    def __init__(self, streams: grpc.aio.Server, most_bytes: int, **front: Any) -> None:
        self._streams = streams
        self._most_bytes = most_bytes
        self._front_options = front
        self._front: NativeGrpcFront
        self._folder = ""
        self._answers: dict[str, Answers] = {}
        self._table: list[Answers] = []
        self._calls: dict[int, Call] = {}
        self.refuse = lambda peer, size: None
        self._given_bytes = 0  # Of all answers, to the transport.
        self._sizes = Counter[int]()  # Of the large ones, by how many bits their size has.
        self._counting = Lock()
        self._loop = asyncio.get_running_loop()
        self._is_stopped = asyncio.Event()

    def add_generic_rpc_handlers(self, generic_rpc_handlers: Iterable[Any]) -> None:
        """Leave them to grpcio."""
        self._streams.add_generic_rpc_handlers(generic_rpc_handlers)

    def add_registered_method_handlers(
        self, service_name: str, method_handlers: Mapping[str, Any]
    ) -> None:
        """Register the methods of a service."""
        streams = {}
        for name, handler in method_handlers.items():
            if handler.request_streaming or handler.response_streaming:
                streams[name] = handler
            else:
                self.add_answers(f"/{service_name}/{name}", Method(handler))
        self._streams.add_registered_method_handlers(service_name, streams)

    def add_answers(self, path: str, answers: Answers) -> None:
        """Register what answers the calls of a unary method, in place of a handler."""
        self._answers[path] = answers

    def add_insecure_port(self, address: str) -> int:
        """Open a port.

        Raises:
            RuntimeError: If it cannot be opened.
        """
        try:
            self._front = NativeGrpcFront(
                address, [], call_details=True, metrics=True, **self._front_options
            )
        except OSError as error:
            raise RuntimeError(f"Failed to bind to address {address}") from error
        return int(self._front.bound_port)

    def add_secure_port(self, address: str, server_credentials: Any) -> int:
        raise NotImplementedError("the native transport has no TLS")

    async def start(self) -> None:
        """Take calls; the socket to the server behind goes where there is a place for it."""
        self._folder = tempfile.mkdtemp(prefix="service-", dir=find_socket_folder())
        socket = str(Path(self._folder, SOCKET_NAME))
        self._streams.add_insecure_port(f"unix:{socket}")
        await self._streams.start()
        self._front.set_fallback(socket)
        self._front.add_methods([(path, False) for path in self._answers])
        self._table = [*self._answers.values()]
        self._front.start()
        Thread(target=self._receive, name="transport", daemon=True).start()

    async def stop(self, grace: float | None) -> None:
        """Let the calls end that run, within the grace, in seconds, then close the port.

        It closes somewhat after the last call, or clients might miss how that has ended.
        """
        end = time.monotonic() + (grace or 0)
        await self._streams.stop(grace)
        while (self.has_calls or self._counted().open) and time.monotonic() < end:
            await asyncio.sleep(LOOK_SECONDS)
        await asyncio.sleep(RELAY_SECONDS)
        for call_id, call in [*self._calls.items()]:
            call.cancel(call_id)
        await asyncio.to_thread(self._front.close)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._is_stopped.set()

    async def wait_for_termination(self, timeout: float | None = None) -> bool:
        """Wait until the server has stopped; return whether it has not, in that time."""
        try:
            await asyncio.wait_for(self._is_stopped.wait(), timeout)
        except TimeoutError:
            return True
        return False

    @property
    def has_calls(self) -> bool:
        """Whether any unary call is being answered."""
        return bool(self._calls)

    @property
    def unsent_bytes(self) -> int:
        """How many bytes of the answers to unary calls are not sent yet, at most.

        The transport does not count an answer as sent whose client goes just as it is given. So
        there are no more than the largest answers of as many calls as have not ended.
        """
        with self._counting:
            counted = self._counted()
            unsent = min(self._given_bytes - counted.sent, self._largest(counted.open))
            self._given_bytes = counted.sent + unsent
            if not unsent:
                self._sizes.clear()
            return unsent

    def _counted(self) -> Counted:
        """Return what the transport has counted of unary calls."""
        methods = (self._front.metrics() or {})["methods"]
        found = [methods[path] for path in self._answers if path in methods]
        ends = [*chain.from_iterable(each["status"].values() for each in found)]
        started = sum(each["started"] for each in found)
        return Counted(
            open=started - sum(end["count"] for end in ends),
            sent=sum(end["sent"]["sum"] for end in ends),
        )

    def _largest(self, count: int) -> int:
        """Return how many bytes so many of the largest answers have at most."""
        size = 0
        for bits in sorted(self._sizes, reverse=True):
            taken = min(count, self._sizes[bits])
            size += taken << bits
            count -= taken
        return size + count * SMALL_BYTES

    def respond(self, call_id: int, data: bytes, initial: Any = None, trailing: Any = None) -> None:
        """Answer a call, which is over then, unless its client has gone."""
        call, size = self._calls.pop(call_id, None), len(data)
        if call is None:
            return
        if size > self._most_bytes:
            fault = f"SERVER: Sent message larger than max ({size} vs. {self._most_bytes})"
            self._front.fail(call_id, RESOURCE_EXHAUSTED, fault)
            return
        is_large = size > SMALL_BYTES
        self._count(size, is_large)
        refusal = self.refuse(call.peer_of(call_id), size) if is_large else None
        if refusal:
            self._count(-size, is_large)
            self.fail(call_id, refusal.code, refusal.details, refusal.trailing_metadata)
        elif not self._front.respond(call_id, data, initial, trailing):
            self._count(-size, is_large)

    def respond_all(self, call_ids: Sequence[int], answers: Sequence[bytes]) -> bool:
        """Answer calls at once; return False if each has to be answered by itself."""
        if max(map(len, answers)) > min(SMALL_BYTES, self._most_bytes):
            return False
        take, send, vain = self._calls.pop, self._front.respond, 0
        self._count(sum(map(len, answers)), is_large=False)
        for call_id, data in zip(call_ids, answers, strict=True):
            if not (take(call_id, None) and send(call_id, data, None, None)):
                vain += len(data)
        self._count(-vain, is_large=False)
        return True

    def _count(self, size: int, is_large: bool) -> None:
        """Count a large answer, or small ones, given to the transport; negative if taken back."""
        with self._counting:
            self._given_bytes += size
            if is_large:
                self._sizes[abs(size).bit_length()] += 1 if size > 0 else -1

    def fail(self, call_id: int, code: grpc.StatusCode, details: str, trailing: Any = ()) -> None:
        """End a call with an error."""
        self._calls.pop(call_id, None)
        self._front.fail(call_id, code.value[0], details, [*trailing])

    def note(self, call_id: int, call: Call) -> None:
        """Take note of a call that is being answered, until it is."""
        self._calls[call_id] = call

    def note_all(self, call_ids: Iterable[int], call: Call) -> None:
        """Take note of calls that are being answered as one, until each is."""
        self._calls.update(dict.fromkeys(call_ids, call))

    def forget(self, call_id: int) -> None:
        """Take note that a call is over, which was not answered."""
        self._calls.pop(call_id, None)

    def _receive(self) -> None:
        """Take events off the transport; hand those on to the event loop that belong there."""
        while (events := self._front.recv_batch_details(MOST_EVENTS)) is not None:
            try:
                rest = self._take_quick(events)
            except Exception:
                logger.exception("Calls were lost")
                continue
            if rest:
                try:
                    self._loop.call_soon_threadsafe(self._take_all, rest)
                except RuntimeError:  # The loop was closed.
                    self._front.close()
                    return

    def _take_quick(self, events: Sequence[Event]) -> Sequence[Event]:
        """Take the calls that are quick, and their cancellations; return the other events."""
        quick: dict[int, list[Event]] = {}
        rest = []
        for event in events:
            method, data = event[2], event[3]
            if event[0] == EVENT_CALL and self._table[method].is_quick(data):
                quick.setdefault(method, []).append(event)
            else:
                rest.append(event)
        for method, calls in quick.items():
            self._table[method].take_all(self, calls)
        return [event for event in rest if not self._cancel_quick(event)] if rest else rest

    def _cancel_quick(self, event: Event) -> bool:
        """Cancel a call that is quick; tell whether the event was about one."""
        call = self._calls.get(event[1])
        is_quick = event[0] == EVENT_CANCEL and call is not None and call.any_thread
        if is_quick:
            self._take(event)
        return is_quick

    def _take_all(self, events: Sequence[Event]) -> None:
        for event in events:
            self._take(event)

    def _take(self, event: Event) -> None:
        kind, call_id, method, data, _, details = event
        if kind == EVENT_CANCEL:
            if call := self._calls.pop(call_id, None):
                call.cancel(call_id)
        elif len(data) > self._most_bytes:
            fault = f"SERVER: Received message larger than max ({len(data)} vs. {self._most_bytes})"
            self._front.fail(call_id, RESOURCE_EXHAUSTED, fault)
        else:
            self._table[method].take(self, call_id, data, details)


def find_socket_folder() -> str:
    """Return a folder for the socket between the native server and the one behind it.

    Raises:
        OSError: If there is none.
    """
    for folder in (usual_folder(), *MORE_FOLDERS):
        with contextlib.suppress(OSError):
            if folder and len(folder) + SOCKET_NAME_LENGTH <= LONGEST_SOCKET_PATH:
                tempfile.TemporaryFile(dir=folder).close()
                return folder
    raise OSError("no folder takes its socket: set TMPDIR to a writable one with a short path")


def usual_folder() -> str:
    """Return the folder for temporary files, or "" if there is none."""
    try:
        return tempfile.gettempdir()
    except FileNotFoundError:
        return ""
