{% set s = service(cookiecutter) %}
"""How the server turns away what comes while it ends."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import grpc
import pytest

from {{ s.package }} import gate
from {{ s.package }}.budget import Budget
from {{ s.package }}.connections import Connections
from {{ s.package }}.gate import Gate

from .running import run


class Transport:
    """Stands in for a server, and calls its methods.

    Attributes:
        gate: What calls pass.
        refused: How many it has turned away.
    """

    def __init__(self, connections: Connections | None = None) -> None:
        self.refused = 0
        self.gate = Gate(cast(grpc.aio.Server, self), Budget(1000), connections)
        unary: Any = grpc.unary_unary_rpc_method_handler(answer, request_deserializer=bytes)
        stream: Any = grpc.stream_stream_rpc_method_handler(answer_all)
        methods = {"Unary": unary, "Stream": stream}
        self.gate.add_registered_method_handlers("Service", methods)

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """Take the methods from the gate."""
        self._unary = handlers["Unary"].unary_unary
        self._stream = handlers["Stream"].stream_stream

    async def call(self) -> None:
        """Make a call."""
        try:
            await self._unary(b"", self)
        except ConnectionRefusedError:
            self.refused += 1

    async def stream(self) -> list[bytes]:
        """Make a call of a stream of one request, and return its answers."""
        try:
            return [response async for response in self._stream(requests(), self)]
        except ConnectionRefusedError:
            self.refused += 1
            return []

    async def abort(self, code: grpc.StatusCode, details: str) -> None:
        """Answer a call with an error."""
        assert code is grpc.StatusCode.UNAVAILABLE, details
        raise ConnectionRefusedError


async def answer(request: bytes, context: Any) -> bytes:
    """Answer a call."""
    return request


async def requests() -> AsyncIterator[bytes]:
    """Give one request."""
    yield b"request"


async def answer_all(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
    """Answer a stream."""
    async for request in requests:
        yield request


def test_a_closed_gate_refuses_calls_and_streams() -> None:
    async def check() -> None:
        transport = Transport()
        await transport.call()
        assert await transport.stream() == [b"request"]
        assert transport.refused == 0
        await transport.gate.close()
        await transport.call()
        assert await transport.stream() == []
        assert transport.refused == 2

    run(check())


def test_a_gate_that_closes_waits_until_no_more_calls_come() -> None:
    async def check() -> None:
        transport = Transport()
        closing = asyncio.create_task(transport.gate.close())
        for _ in range(10):
            await asyncio.sleep(0.005)
            await transport.call()
        assert transport.refused == 10
        assert not closing.done()
        await closing

    run(check())


def test_late_calls_hear_of_their_refusal_once_their_connections_have_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gate, "HOLD_SECONDS", 1.0)
    refused: list[int] = []

    class Ending(Connections):
        def end_idle(self) -> None:
            refused.append(transport.refused)

    transport = Transport(Ending(Budget(1000), 1))

    async def check() -> None:
        closing = asyncio.create_task(transport.gate.close())
        await asyncio.sleep(0)
        await asyncio.gather(closing, transport.call())
        assert refused == [0]
        assert transport.refused == 1

    run(check())


def test_a_gate_that_closes_does_not_wait_for_ever() -> None:
    async def check() -> None:
        transport = Transport()
        closing = asyncio.create_task(transport.gate.close())
        while not closing.done():
            await transport.call()
            await asyncio.sleep(0.001)

    run(check())
