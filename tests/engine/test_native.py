"""Unary calls over the native transport, each of which a task answers."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, cast

import grpc
import pytest
from engine.transports.native import NativeServer
from http2 import WINDOW_UPDATE, Connection, call, frame, headers_of, hello, message
from pygrpc_native import EVENT_CALL, EVENT_CANCEL
from waiting import run, until_async

Method = Callable[[bytes, Any], Coroutine[Any, Any, bytes]]
Ask = Callable[..., Any]


class Refusal(NamedTuple):
    """Why an answer cannot be sent."""

    code: grpc.StatusCode
    details: str
    trailing_metadata: tuple[tuple[str, str], ...]


async def started(method: Method, most_bytes: int) -> tuple[NativeServer, int]:
    """Start a server of a method, with messages of up to so many bytes; return it and its port."""
    server = NativeServer(grpc.aio.server(), most_bytes, io_threads=1)
    handler: Any = grpc.unary_unary_rpc_method_handler(method)
    server.add_registered_method_handlers("test.Test", {"Call": handler})
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, port


@asynccontextmanager
async def serving(
    method: Method, most_bytes: int = 1000
) -> AsyncIterator[tuple[NativeServer, Ask]]:
    """Serve a method, with messages of up to so many bytes; yields the server, and what calls it."""
    server, port = await started(method, most_bytes)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield server, channel.unary_unary("/test.Test/Call")
        await server.stop(0)


async def echo(request: bytes, context: Any) -> bytes:
    """Return the request."""
    return request


def read_all(client: Connection) -> None:
    """Read what there is, until the end of the connection, whatever that is."""
    with contextlib.suppress(ConnectionResetError):
        for _ in client.frames():
            pass


async def failure(method: Method, request: bytes = b"", **options: Any) -> grpc.aio.AioRpcError:
    """Return how a call of a method fails."""
    async with serving(method) as (_, ask):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ask(request, **options)
    return caught.value


def test_many_calls_are_answered_each_with_its_own() -> None:
    async def check() -> None:
        async with serving(echo) as (_, ask):
            requests = [str(number).encode() for number in range(200)]
            assert await asyncio.gather(*map(ask, requests)) == requests

    run(check())


def test_a_method_learns_of_its_call_and_says_more_than_its_answer() -> None:
    seen: list[Any] = []

    async def method(request: bytes, context: Any) -> bytes:
        seen.append((dict(context.invocation_metadata())["who"], context.peer().split(":")[0]))
        assert 0 < context.time_remaining() < 61  # Clients round it up.
        context.add_done_callback(lambda context: seen.append(context.done()))
        await context.send_initial_metadata([("first", "1")])
        context.set_trailing_metadata([("last", "2")])
        return request

    async def check() -> None:
        async with serving(method) as (_, ask):
            call = ask(b"x", metadata=[("who", "me")], timeout=60)
            assert await call == b"x"
            assert ("first", "1") in list(await call.initial_metadata())
            assert ("last", "2") in list(await call.trailing_metadata())

    run(check())
    assert seen == [("me", "ipv4"), True]


def test_a_call_without_a_deadline_has_none() -> None:
    async def method(request: bytes, context: Any) -> bytes:
        return str(context.time_remaining()).encode()

    async def check() -> None:
        async with serving(method) as (_, ask):
            assert await ask(b"") == b"None"

    run(check())


def test_a_method_may_abort_with_a_status_and_metadata() -> None:
    async def method(request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        await context.abort(grpc.StatusCode.NOT_FOUND, "no such row", (("more", "3"),))

    error = run(failure(method))
    assert (error.code(), error.details()) == (grpc.StatusCode.NOT_FOUND, "no such row")
    assert ("more", "3") in list(error.trailing_metadata())


def test_a_code_that_a_method_sets_counts_for_more_than_its_answer() -> None:
    async def method(request: bytes, context: Any) -> bytes:
        context.set_code(grpc.StatusCode.DATA_LOSS)
        context.set_details("half of it")
        return request

    error = run(failure(method))
    assert (error.code(), error.details()) == (grpc.StatusCode.DATA_LOSS, "half of it")


def test_a_method_that_raises_is_unknown_to_the_caller() -> None:
    async def method(request: bytes, context: Any) -> bytes:
        raise ValueError("wrong")

    error = run(failure(method))
    assert error.code() is grpc.StatusCode.UNKNOWN
    assert "wrong" in str(error.details())


@pytest.mark.parametrize(("size", "told"), [(1001, "Received"), (600, "Sent")])
def test_a_request_or_an_answer_that_is_too_large_is_refused(size: int, told: str) -> None:
    async def twice(request: bytes, context: Any) -> bytes:
        return 2 * request

    error = run(failure(twice, bytes(size)))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert f"SERVER: {told} message larger than max" in str(error.details())


@pytest.mark.parametrize("by_deadline", [False, True])
def test_a_method_whose_caller_has_gone_is_cancelled(by_deadline: bool) -> None:
    async def check() -> None:
        ended = asyncio.get_running_loop().create_future()

        async def method(request: bytes, context: Any) -> bytes:
            context.add_done_callback(lambda context: ended.set_result(context.cancelled()))
            await asyncio.sleep(60)
            return request

        async with serving(method) as (server, ask):
            call = ask(b"", timeout=0.2 if by_deadline else 60)
            await asyncio.sleep(0.1)
            if not by_deadline:
                call.cancel()
            assert await ended
            assert not server.has_calls

    run(check())


def test_an_unknown_method_is_unimplemented() -> None:
    async def check() -> None:
        server = NativeServer(grpc.aio.server(), 1000, io_threads=1)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            other: Any = channel.unary_unary("/test.Test/Other")
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await other(b"")
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
        await server.stop(0)

    run(check())


def test_calls_may_end_before_the_port_closes_within_the_grace() -> None:
    async def method(request: bytes, context: Any) -> bytes:
        await asyncio.sleep(0.3)
        return request

    async def check() -> None:
        async with serving(method) as (server, ask):
            call = ask(b"x")
            await asyncio.sleep(0.1)
            await server.stop(30)
            assert await call == b"x"

    run(check())


async def leave_unread(client: Connection, server: NativeServer, size: int) -> None:
    """Call a server, and let nothing of its answer of so many bytes in."""
    client.send(hello(window=0) + call(1, headers_of("/test.Test/Call"), message(b"")))
    await until_async(lambda: server.unsent_bytes == size, "the answer was there")


def let_in(client: Connection, size: int) -> None:
    """Let the answer in."""
    client.send(frame(WINDOW_UPDATE, stream=1, payload=(2 * size).to_bytes(4, "big")))


@pytest.mark.parametrize("is_read", [True, False])
def test_it_is_known_how_many_bytes_of_answers_are_not_sent(is_read: bool) -> None:
    size = 20_000_000  # More than a client takes that does not read.

    async def method(request: bytes, context: Any) -> bytes:
        return bytes(size)

    async def check() -> None:
        server, port = await started(method, size)
        with Connection(f"127.0.0.1:{port}") as client:
            await leave_unread(client, server, size)
            if is_read:
                let_in(client, size)
                reading = asyncio.create_task(asyncio.to_thread(read_all, client))
                await until_async(lambda: server.unsent_bytes == 0, "it was sent")
                client.socket.shutdown(socket.SHUT_RDWR)
                await reading
        await until_async(lambda: server.unsent_bytes == 0, "its client was gone")
        await server.stop(0)

    run(check())


def test_large_answers_are_refused_where_there_is_no_room() -> None:
    asked: list[tuple[str, int]] = []

    async def method(request: bytes, context: Any) -> bytes:
        return bytes(int(request))

    def refuse(peer: str, size: int) -> Any:
        asked.append((peer.split(":")[0], size))
        return Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "no room", (("more", "4"),))

    async def check() -> None:
        async with serving(method, 10_000) as (server, ask):
            server.refuse = refuse
            assert await ask(b"4096") == bytes(4096)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await ask(b"4097")
            assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert ("more", "4") in list(caught.value.trailing_metadata())
            assert server.unsent_bytes == 0
        assert asked == [("ipv4", 4097)]

    run(check())


class Metrics:
    """Stands in for the transport, which counts calls.

    Attributes:
        started, ended, sent: How many calls have begun and ended, and how many bytes were sent.
        answers: Those that it was given, by call.
        gone: The calls whose clients have gone.
    """

    def __init__(self) -> None:
        self.started = self.ended = self.sent = 0
        self.answers: dict[int, bytes] = {}
        self.gone: set[int] = set()

    def metrics(self) -> dict[str, Any]:
        """Return the counts as the transport does."""
        ends = {"count": self.ended, "sent": {"sum": self.sent}}
        return {"methods": {"/a/B": {"started": self.started, "status": {0: ends}}}}

    def respond(self, call_id: int, data: bytes, *metadata: Any) -> bool:
        """Take an answer, if its client is there."""
        self.answers[call_id] = data
        return call_id not in self.gone


def counting(most_bytes: int) -> tuple[NativeServer, Any]:
    """Return a server that does not listen, and what stands in for its transport."""
    server, metrics = NativeServer(grpc.aio.server(), most_bytes), Metrics()
    server._front = cast(Any, metrics)
    server.add_answers("/a/B", cast(Any, None))
    return server, metrics


class Peer:
    """A call that waits."""

    any_thread = True

    def peer_of(self, call_id: int) -> str:
        """Return a client's address."""
        return "ipv4:127.0.0.1:1"

    def cancel(self, call_id: int) -> None:
        """Do nothing."""


def test_an_answer_whose_client_goes_as_it_is_given_does_not_count_for_ever() -> None:
    async def check() -> None:
        server, metrics = counting(10**9)
        for number, size in enumerate([10_000, 1_000_000, 20_000, 100]):
            metrics.started += 1
            server.note(number, Peer())
            server.respond(number, bytes(size))
        assert server.unsent_bytes == 1_030_100
        metrics.ended, metrics.sent = 2, 10_000  # The large one has ended, and was not sent.
        assert 20_100 <= server.unsent_bytes < 2**21
        metrics.ended, metrics.sent = 3, 30_000
        assert 100 <= server.unsent_bytes <= 1_000_100
        metrics.ended, metrics.sent = 4, 30_100
        assert server.unsent_bytes == 0
        metrics.started = 5
        server.note(5, Peer())
        server.respond(5, bytes(10_000))
        assert server.unsent_bytes == 10_000

    run(check())


def test_answers_given_together_are_those_of_calls_that_have_not_ended() -> None:
    async def check() -> None:
        server, front = counting(10**9)
        front.started = 4
        server.note_all([1, 2, 3, 4], Peer())
        server.forget(2)
        front.gone.add(3)
        assert server.respond_all([1, 2, 3], [b"first", b"second", b"third"])
        assert front.answers == {1: b"first", 3: b"third"}
        assert server.unsent_bytes == len(b"first")
        assert [*server._calls] == [4]
        assert not server.respond_all([4], [bytes(4097)])  # It has to be asked whether it fits.
        assert [*front.answers] == [1, 3]

    run(check())


def test_an_answer_that_is_refused_is_not_unsent() -> None:
    async def check() -> None:
        server, front = counting(10**9)
        front.fail = lambda *error: None
        front.started = 1
        refusal: Any = Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "", ())
        server.refuse = lambda peer, size: refusal
        server.note(1, Peer())
        server.respond(1, bytes(10_000))
        assert not front.answers
        assert server.unsent_bytes == 0

    run(check())


def test_answers_that_nobody_takes_leave_no_count_behind() -> None:
    async def check() -> None:
        server, front = counting(1000)
        for first in range(0, 120, 40):
            calls = range(first, first + 40)
            front.started += 40
            server.note_all(calls, Peer())
            for number in calls[:11]:
                server.forget(number)
            assert server.respond_all(calls, [bytes(400)] * 40)
            assert server.unsent_bytes == 29 * 400
            front.ended += 40
            front.sent += 29 * 400
            assert server.unsent_bytes == 0
        assert not server.respond_all([1], [bytes(1001)])  # It is more than a message may have.

    run(check())


def test_calls_are_taken_on_when_some_cannot_be(caplog: pytest.LogCaptureFixture) -> None:
    class Wrong:
        """Answers that cannot be asked whether they are quick."""

    async def check() -> None:
        server, front = counting(1000)
        rounds = [
            [(EVENT_CALL, 1, 0, b"", None, None)],
            [(EVENT_CANCEL, 1, 0, b"", None, None)],
            None,
        ]
        front.recv_batch_details = lambda most: rounds.pop(0)
        server._table = [cast(Any, Wrong())]
        server._receive()
        assert not rounds
        assert "Calls were lost" in caplog.text

    run(check())


def test_answers_may_be_read_within_the_grace() -> None:
    size = 20_000_000

    async def method(request: bytes, context: Any) -> bytes:
        return bytes(size)

    async def check() -> None:
        server, port = await started(method, size)
        with Connection(f"127.0.0.1:{port}") as client:
            await leave_unread(client, server, size)
            stopping = asyncio.create_task(server.stop(30))
            await asyncio.sleep(0.5)
            assert not stopping.done()
            let_in(client, size)
            answer = await asyncio.to_thread(client.answer_of, 1)
            assert len(answer) == size + 5
            await asyncio.wait_for(stopping, 20)

    run(check())
