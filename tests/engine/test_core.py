"""Calls over grpcio's core: unary ones, which a task answers, and streams."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from engine.settings import Settings
from engine.transports import choice, core
from engine.transports.core import CoreServer, check_core
from engine.transports.core_calls import CoreCall, is_too_much
from waiting import run

Method = Callable[[bytes, Any], Coroutine[Any, Any, bytes]]
Ask = Callable[..., Any]
MOST_BYTES = 1000
OPTIONS = [
    ("grpc.so_reuseport", 0),
    ("grpc.max_concurrent_streams", 10),
    ("grpc.http2.max_deallocating_streams", 10),
    ("grpc.max_receive_message_length", MOST_BYTES),
    ("grpc.max_send_message_length", MOST_BYTES),
]


class Follower:
    """Follows calls.

    Attributes:
        running: Those that have not ended.
        refusal: What calls are told instead of their answers.
    """

    def __init__(self) -> None:
        self.running: set[CoreCall] = set()
        self.sizes: list[int] = []
        self.refusal: grpc.Status | None = None

    def began(self, call: CoreCall) -> None:
        """Take note of a call."""
        self.running.add(call)

    def ended(self, call: CoreCall) -> None:
        """Take note that a call has ended."""
        self.running.discard(call)

    def count(self, call: CoreCall, size: int) -> grpc.Status | None:
        """Take note of an answer."""
        assert call in self.running
        self.sizes.append(size)
        return self.refusal


async def echo(request: bytes, context: Any) -> bytes:
    """Return the request."""
    return request


async def echoes(_: Any, context: Any) -> AsyncIterator[bytes]:
    """Yield each request."""
    while (request := await context.read()) is not grpc.aio.EOF:
        yield request


@asynccontextmanager
async def serving(
    method: Method = echo, stream: Any = echoes
) -> AsyncIterator[tuple[CoreServer, Any]]:
    """Serve a method and a stream; yields the server, and a channel to it."""
    server = CoreServer(OPTIONS)
    server.follower = Follower()
    handlers: Any = {
        "Call": grpc.unary_unary_rpc_method_handler(method),
        "Stream": grpc.stream_stream_rpc_method_handler(stream),
        "Watch": grpc.unary_stream_rpc_method_handler(stream),
    }
    server.add_registered_method_handlers("test.Test", handlers)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield server, channel
        await server.stop(0)


@asynccontextmanager
async def asking(method: Method = echo) -> AsyncIterator[tuple[CoreServer, Ask]]:
    """Serve a method; yields the server, and what calls the method."""
    async with serving(method) as (server, channel):
        yield server, channel.unary_unary("/test.Test/Call")


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(30):
        while not is_so():
            await asyncio.sleep(0.01)


async def failure(method: Method, request: bytes = b"", **options: Any) -> grpc.aio.AioRpcError:
    """Return how a call of a method fails."""
    async with asking(method) as (_, ask):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ask(request, **options)
    return caught.value


def test_the_core_is_the_one_that_is_known() -> None:
    check_core()


def test_where_the_core_is_another_one_asyncio_serves(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise AttributeError("there is no Server")

    monkeypatch.setattr(core, "check_core", fail)
    assert choice.choose(Settings(transport="grpcio")) == "asyncio"
    assert "there is no Server" in caplog.text


def test_many_calls_are_answered_each_with_its_own_and_followed_to_their_ends() -> None:
    async def check() -> None:
        async with asking() as (server, ask):
            requests = [str(number).encode() for number in range(200)]
            assert await asyncio.gather(*map(ask, requests)) == requests
            follower: Any = server.follower
            await until(lambda: not follower.running)
            assert sorted(follower.sizes) == sorted(map(len, requests))

    run(check())


def test_a_method_learns_of_its_call_and_says_more_than_its_answer() -> None:
    seen: list[Any] = []

    async def method(request: bytes, context: Any) -> bytes:
        seen.append((dict(context.invocation_metadata())["who"], context.peer().split(":")[0]))
        assert 0 < context.time_remaining() <= 61  # Clients round up.
        context.add_done_callback(lambda context: seen.append(context.done()))
        await context.send_initial_metadata([("first", "1")])
        context.set_trailing_metadata([("last", "2")])
        return request

    async def check() -> None:
        async with asking(method) as (_, ask):
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
        async with asking(method) as (_, ask):
            assert await ask(b"") == b"None"

    run(check())


def test_a_method_may_abort_with_a_status_and_metadata() -> None:
    async def method(request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        await context.abort(grpc.StatusCode.NOT_FOUND, "no such row", (("more", "3"),))

    error = run(failure(method))
    assert (error.code(), error.details()) == (grpc.StatusCode.NOT_FOUND, "no such row")
    assert ("more", "3") in list(error.trailing_metadata())


def test_a_method_that_raises_is_unknown_to_the_caller() -> None:
    async def method(request: bytes, context: Any) -> bytes:
        raise ValueError("wrong")

    error = run(failure(method))
    assert error.code() is grpc.StatusCode.UNKNOWN
    assert "wrong" in str(error.details())


@pytest.mark.parametrize("size", [MOST_BYTES + 1, MOST_BYTES // 2 + 1])
def test_a_request_or_an_answer_that_is_too_large_is_refused(size: int) -> None:
    async def twice(request: bytes, context: Any) -> bytes:
        return 2 * request

    assert run(failure(twice, bytes(size))).code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_an_answer_for_which_there_is_no_room_is_refused() -> None:
    async def check() -> None:
        async with asking() as (server, ask):
            follower: Any = server.follower
            follower.refusal = Refusal()
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await ask(b"x")
            assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            await until(lambda: not follower.running)

    run(check())


class Refusal(grpc.Status):
    """Says that there is no room."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    details = "no room"
    trailing_metadata = ()


@pytest.mark.parametrize("by_deadline", [False, True])
def test_a_method_whose_caller_has_gone_is_cancelled(by_deadline: bool) -> None:
    async def check() -> None:
        ended = asyncio.get_running_loop().create_future()

        async def method(request: bytes, context: Any) -> bytes:
            context.add_done_callback(lambda context: ended.set_result(context.cancelled()))
            await asyncio.sleep(60)
            return request

        async with asking(method) as (server, ask):
            call = ask(b"", timeout=0.2 if by_deadline else 60)
            await asyncio.sleep(0.1)
            if not by_deadline:
                call.cancel()
            assert await ended
            assert not server.has_calls

    run(check())


def test_calls_that_end_in_any_way_leave_room_on_their_connection() -> None:
    async def method(request: bytes, context: Any) -> bytes:
        if request == b"fail":
            raise ValueError("wrong")
        await asyncio.sleep(60 if request == b"wait" else 0)
        return request

    async def check() -> None:
        async with serving(method) as (server, channel):
            ask = channel.unary_unary("/test.Test/Call")
            for _ in range(20):  # Many times as often as a connection has streams.
                waiting = [ask(b"wait") for _ in range(2)]
                with pytest.raises(grpc.aio.AioRpcError, match="wrong"):
                    await ask(b"fail")
                stream = channel.stream_stream("/test.Test/Stream")()
                await stream.write(b"x")
                assert await stream.read() == b"x"
                stream.cancel()
                for call in waiting:
                    call.cancel()
            assert await ask(b"x") == b"x"
            follower: Any = server.follower
            await until(lambda: not follower.running and not server.has_calls)

    run(check())


def test_an_unknown_method_is_unimplemented() -> None:
    async def check() -> None:
        async with serving() as (_, channel):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await channel.unary_unary("/test.Test/Other")(b"")
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED

    run(check())


def test_metadata_that_takes_up_much_when_it_is_unpacked_is_refused() -> None:
    assert not is_too_much([("a", "1")] * 1000)
    assert is_too_much([("a", 4000 * "1")] * 20)

    async def check() -> None:
        async with asking() as (_, ask):
            assert await ask(b"x", metadata=[("a", "1")] * 20) == b"x"

    run(check())


@pytest.mark.parametrize("method", ["Call", "Watch"])
def test_a_call_without_its_request_ends_and_others_go_on(method: str) -> None:
    async def fail(request: bytes, context: Any) -> None:
        raise AssertionError("there is nothing to answer")

    async def check() -> None:
        async with serving(stream=fail) as (_, channel):
            call = channel.stream_stream(f"/test.Test/{method}")()
            await call.done_writing()
            with pytest.raises(grpc.aio.AioRpcError, match="CANCELLED"):
                await call.read()
            assert await channel.unary_unary("/test.Test/Call")(b"x") == b"x"

    run(check())


def test_a_stream_has_one_answer_a_request_and_ends_with_the_requests() -> None:
    async def check() -> None:
        async with serving() as (_, channel):
            requests = [str(number).encode() for number in range(100)]
            answers = channel.stream_stream("/test.Test/Stream")(iter(requests))
            assert [answer async for answer in answers] == requests

    run(check())


def test_a_stream_of_answers_may_end_with_an_error() -> None:
    async def two(request: bytes, context: Any) -> None:
        await context.write(request)
        await context.write(request)
        await context.abort(grpc.StatusCode.NOT_FOUND, "no more")

    async def check() -> None:
        async with serving(stream=two) as (_, channel):
            answers = channel.unary_stream("/test.Test/Watch")(b"x")
            assert [await answers.read(), await answers.read()] == [b"x", b"x"]
            with pytest.raises(grpc.aio.AioRpcError, match="no more"):
                await answers.read()

    run(check())


def test_calls_may_end_within_the_grace() -> None:
    async def method(request: bytes, context: Any) -> bytes:
        await asyncio.sleep(0.3)
        return request

    async def check() -> None:
        async with asking(method) as (server, ask):
            call = ask(b"x")
            await asyncio.sleep(0.1)
            await server.stop(30)
            assert await call == b"x"

    run(check())


def test_calls_that_outlast_the_grace_are_cancelled() -> None:
    async def method(request: bytes, context: Any) -> bytes:
        await asyncio.sleep(60)
        return request

    async def check() -> None:
        async with asking(method) as (server, ask):
            call = ask(b"x")
            await asyncio.sleep(0.1)
            await server.stop(0.1)
            with pytest.raises(grpc.aio.AioRpcError):
                await call
            await until(lambda: not server.has_calls)

    run(check())


def test_a_stream_that_is_ended_while_its_answer_is_on_the_way_ends_as_its_method_says() -> None:
    begun = asyncio.Event()

    async def method(_: bytes, context: Any) -> AsyncIterator[bytes]:
        begun.set()
        with contextlib.suppress(asyncio.CancelledError):
            yield bytes(MOST_BYTES)

    async def check() -> None:
        async with serving(stream=method) as (server, channel):
            answers = channel.unary_stream("/test.Test/Watch")(b"x")
            await asyncio.wait_for(begun.wait(), 30)
            [(call, running)] = server._calls.items()
            running.cancel(call)
            assert [len(answer) async for answer in answers] == [MOST_BYTES]
            assert await answers.code() is grpc.StatusCode.OK

    run(check())
