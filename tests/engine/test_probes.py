"""Questions for health and the schema, which are answered whatever else is going on, are small."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import pytest
from contract import SCHEMA, StandIn, serving
from engine.serving import health as healths
from engine.serving import server as servers
from engine.serving.server import Server
from engine.settings import Settings
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from waiting import run

LONG_NAME = "x" * 5000


@pytest.fixture(params=["native", "grpcio", "asyncio"])
def ask(request: pytest.FixtureRequest) -> Any:
    """Run a test's questions against a server on each transport in turn."""

    def ask(questions: Callable[[grpc.aio.Channel], Awaitable[None]]) -> None:
        async def serve() -> None:
            settings = Settings(host="127.0.0.1", port=0, transport=request.param, grace_seconds=5)
            server = Server(serving(StandIn), settings)
            try:
                address = f"127.0.0.1:{await server.start()}"
                async with grpc.aio.insecure_channel(address) as channel:
                    await questions(channel)
            finally:
                await server.stop()

        run(serve())

    return ask


async def code_of(call: Any) -> grpc.StatusCode:
    """Return how a call fails, or OK once it is answered."""
    try:
        if hasattr(call, "read"):
            await call.read()
        else:
            await call
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def test_a_long_question_is_refused_and_a_short_one_answered(ask: Any) -> None:
    async def questions(channel: grpc.aio.Channel) -> None:
        health: Any = health_pb2_grpc.HealthStub(channel)
        schema: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
        long = health_pb2.HealthCheckRequest(service=LONG_NAME)
        assert await code_of(health.Check(long)) is grpc.StatusCode.INVALID_ARGUMENT
        assert await code_of(health.Watch(long)) is grpc.StatusCode.INVALID_ARGUMENT
        for name, code in (
            (LONG_NAME, grpc.StatusCode.INVALID_ARGUMENT),
            ("contract.proto", grpc.StatusCode.OK),
        ):
            asked = reflection_pb2.ServerReflectionRequest(file_by_filename=name)
            assert await code_of(schema.ServerReflectionInfo(iter([asked]))) is code
        assert await code_of(health.Check(health_pb2.HealthCheckRequest())) is grpc.StatusCode.OK

    ask(questions)


def test_open_watches_take_up_no_more_than_they_may(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "PROBES_BYTES", 64 * 1024)

    async def questions(channel: grpc.aio.Channel) -> None:
        health: Any = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest(service="x" * 4000)
        watches = [health.Watch(request) for _ in range(16)]
        codes = [await code_of(watch) for watch in watches]
        assert codes.count(grpc.StatusCode.RESOURCE_EXHAUSTED) > 8
        assert grpc.StatusCode.OK in codes
        assert await code_of(health.Check(health_pb2.HealthCheckRequest())) is grpc.StatusCode.OK

    ask(questions)


def test_no_more_watches_are_open_than_may_be(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(healths, "MOST_WATCHES", 3)

    async def questions(channel: grpc.aio.Channel) -> None:
        health: Any = health_pb2_grpc.HealthStub(channel)
        nothing = health_pb2.HealthCheckRequest()
        watches = [health.Watch(nothing) for _ in range(5)]
        codes = [await code_of(watch) for watch in watches]
        assert codes.count(grpc.StatusCode.RESOURCE_EXHAUSTED) == 2
        assert await code_of(health.Check(nothing)) is grpc.StatusCode.OK
        for watch in watches:
            watch.cancel()
        await until_answered(lambda: health.Watch(nothing))

    ask(questions)


async def until_answered(new_call: Callable[[], Any]) -> None:
    """Try a call again and again until it is answered; fail if that takes too long."""
    for _ in range(100):
        if await code_of(new_call()) is grpc.StatusCode.OK:
            return
        await asyncio.sleep(0.05)
    pytest.fail("waited 5 s in vain for an answer")


@pytest.mark.parametrize("transport", ["native", "grpcio", "asyncio"])
def test_a_client_that_may_ask_on_for_the_schema_holds_no_end_up(transport: Any) -> None:
    async def serve() -> None:
        settings = Settings(host="127.0.0.1", port=0, transport=transport, grace_seconds=20)
        server = Server(serving(StandIn), settings)
        address = f"127.0.0.1:{await server.start()}"
        async with grpc.aio.insecure_channel(address) as channel:
            stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
            call = stub.ServerReflectionInfo()
            await call.write(reflection_pb2.ServerReflectionRequest(list_services=""))
            await call.read()
            await asyncio.wait_for(server.stop(), 5)
            assert await call.code() is grpc.StatusCode.OK

    run(serve())


def test_health_lists_the_service_and_the_whole_server(ask: Any) -> None:
    async def questions(channel: grpc.aio.Channel) -> None:
        health: Any = health_pb2_grpc.HealthStub(channel)
        found = await health.List(health_pb2.HealthListRequest())
        serving_now = health_pb2.HealthCheckResponse.SERVING
        told = {name: status.status for name, status in found.statuses.items()}
        assert told == {"": serving_now, SCHEMA.service_name: serving_now}

    ask(questions)
