"""How the server counts what comes, and turns it away while it ends."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, cast

import grpc
import pytest
from engine.batching.budget import HELD, Budget, TooLargeError
from engine.serving import gate
from engine.serving.connections import Connections
from engine.serving.gate import Gate
from engine.serving.streams import OPEN_BYTES
from google.protobuf.field_mask_pb2 import FieldMask
from waiting import run

MANY_BYTES = 10**9


class Transport:
    """Stands in for a server, and calls its methods.

    Attributes:
        budget: What requests count against.
        gate: What calls pass.
        used: What counted while each call was answered.
        held: What each call knows that its request takes up.
        refused: How many it has turned away.
    """

    def __init__(
        self,
        connections: Connections | None = None,
        parse: Any = bytes,
        answers: Callable[..., AsyncIterator[bytes]] | None = None,
    ) -> None:
        self.refused = 0
        self.budget = Budget(MANY_BYTES)
        self.gate = Gate(cast(grpc.aio.Server, self), self.budget, connections)
        unary: Any = grpc.unary_unary_rpc_method_handler(self.answer, request_deserializer=parse)
        stream: Any = grpc.stream_stream_rpc_method_handler(
            answers or answer_all, request_deserializer=parse
        )
        self.used: list[int] = []
        self.held: list[int] = []
        methods = {"Unary": unary, "Stream": stream}
        self.gate.add_registered_method_handlers("Service", methods)

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """Take the methods from the gate."""
        self._unary = handlers["Unary"].unary_unary
        self._stream = handlers["Stream"].stream_stream

    async def answer(self, request: Any, context: Any) -> bytes:
        """Answer a call, and take note of what counts meanwhile."""
        self.used.append(self.budget.used)
        self.held.append(HELD.get())
        return b""

    async def call(self, data: bytes = b"") -> None:
        """Make a call."""
        try:
            await self._unary(data, self)
        except ConnectionRefusedError:
            self.refused += 1

    async def stream(self) -> list[bytes]:
        """Make a call of a stream of two requests, and return its answers."""
        try:
            responses = []
            self._requests = [b"request", b"request"]
            async for response in self._stream(None, self):
                responses.append(response)
                self.used.append(self.budget.used)
            return responses
        except ConnectionRefusedError:
            self.refused += 1
            return []

    async def read(self) -> Any:
        """Return the next request of a stream."""
        return self._requests.pop() if self._requests else grpc.aio.EOF

    async def abort_with_status(self, status: grpc.Status) -> None:
        """Answer a call with an error that has details."""
        if status.code is grpc.StatusCode.RESOURCE_EXHAUSTED:
            raise MemoryError
        assert status.code is grpc.StatusCode.INTERNAL, status.details
        raise ConnectionRefusedError

    async def abort(self, code: grpc.StatusCode, details: str) -> None:
        """Answer a call with an error."""
        assert code is grpc.StatusCode.UNAVAILABLE, details
        raise ConnectionRefusedError


async def answer_all(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
    """Answer a stream."""
    async for request in requests:
        yield request


def test_a_closed_gate_refuses_calls_and_streams() -> None:
    async def check() -> None:
        transport = Transport()
        await transport.call()
        assert await transport.stream() == [b"request", b"request"]
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
        def refuse_more(self) -> None:
            refused.append(transport.refused)

        def end_idle(self) -> int:
            refused.append(transport.refused)
            return 0

    transport = Transport(Ending(Budget(1000), 1))

    async def check() -> None:
        closing = asyncio.create_task(transport.gate.close())
        await asyncio.sleep(0)
        assert refused == [0]
        await asyncio.gather(closing, transport.call())
        assert refused == [0, 0]
        assert transport.refused == 1

    run(check())


@pytest.mark.parametrize(("there", "looks"), [([2, 1, 0], 3), ([1], 1), ([0], 1)])
def test_a_gate_that_closes_gives_clients_time_to_end_their_connections(
    monkeypatch: pytest.MonkeyPatch, there: list[int], looks: int
) -> None:
    if there == [1]:  # One that never ends it.
        monkeypatch.setattr(gate, "PARTING_SECONDS", 0.0)
    seen: list[int] = []

    class Parting(Connections):
        def refuse_more(self) -> None:
            pass

        def end_idle(self) -> int:
            seen.append(there[len(seen)])
            return seen[-1]

    run(Transport(Parting(Budget(1000), 1)).gate.close())
    assert len(seen) == looks


def test_a_gate_that_closes_does_not_wait_for_ever() -> None:
    async def check() -> None:
        transport = Transport()
        closing = asyncio.create_task(transport.gate.close())
        while not closing.done():
            await transport.call()
            await asyncio.sleep(0.001)

    run(check())


def test_what_a_method_counts_itself_counts_before_only_until_it_is_parsed() -> None:
    async def check() -> None:
        transport = Transport(parse=FieldMask.FromString)
        data = FieldMask(paths=[""] * 100_000).SerializeToString()
        transport.budget.used = MANY_BYTES // 2
        await transport.call(data)
        assert transport.used == [MANY_BYTES // 2 + 6 * len(data)]
        assert transport.budget.used == MANY_BYTES // 2

    run(check())


def test_requests_of_a_stream_count_until_they_are_answered() -> None:
    async def check() -> None:
        transport = Transport()
        await transport.stream()
        one = OPEN_BYTES + 2 * len(b"request")
        assert transport.used == [one, one]
        assert transport.budget.used == 0

    run(check())


@pytest.mark.parametrize("ends", [True, False])
def test_a_stream_that_is_cancelled_has_not_ended(ends: bool) -> None:
    async def wait_for_ever(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        async for _ in requests:
            await asyncio.Event().wait()
            yield b""

    async def check() -> None:
        transport = Transport(answers=wait_for_ever)
        stream = asyncio.create_task(transport.stream())
        await asyncio.sleep(0.05)
        if ends:
            transport.gate.end_streams()
            assert await stream == []
        else:
            stream.cancel()
            with pytest.raises(asyncio.CancelledError):
                await stream
        assert transport.budget.used == 0

    run(check())


def test_requests_of_a_stream_that_ends_early_do_not_count_any_more() -> None:
    async def refuse(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        async for _ in requests:
            raise ConnectionRefusedError
        yield b""

    async def check() -> None:
        transport = Transport(answers=refuse)
        assert await transport.stream() == []
        assert transport.budget.used == 0

    run(check())


def test_a_stream_counts_while_it_is_open_and_there_are_no_more_than_there_is_memory_for() -> None:
    async def check() -> None:
        transport = Transport()
        transport.budget.used = MANY_BYTES - OPEN_BYTES // 2
        with pytest.raises(MemoryError):
            await transport.stream()
        transport.budget.used = 0
        await transport.stream()
        assert transport.budget.used == 0

    run(check())


def test_what_a_method_of_ones_own_raises_is_told_its_log_and_not_its_caller(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Failing(Transport):
        async def answer(self, request: Any, context: Any) -> bytes:
            raise ValueError("a secret")

    async def check() -> None:
        transport = Failing()
        await transport.call()
        assert transport.refused == 1
        assert transport.budget.used == 0

    run(check())
    assert "ValueError: a secret" in caplog.text


def test_the_error_of_a_watch_does_not_keep_its_request() -> None:
    class Taking:
        def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
            self.watch = handlers["Watch"].unary_stream

    async def refuse(request: bytes, context: Any) -> None:
        raise grpc.aio.AbortError

    async def check() -> None:
        server: Any = Taking()
        watch: Any = grpc.unary_stream_rpc_method_handler(refuse, request_deserializer=bytes)
        gate = Gate(server, Budget(MANY_BYTES), None)
        gate.add_registered_method_handlers("Service", {"Watch": watch})
        with pytest.raises(grpc.aio.AbortError) as caught:
            await server.watch(b"request", None)
        frames = {each.name for each in traceback.extract_tb(caught.value.__traceback__)}
        assert not frames & {"guarded", "refuse"}

    run(check())


def test_what_a_request_takes_counts_for_whether_its_call_can_ever_fit() -> None:
    async def check() -> None:
        transport = Transport()
        await asyncio.create_task(transport.call(bytes(100)))
        [held] = transport.held
        assert held == transport.used[0] > 0
        budget = Budget(1000)
        HELD.set(held)
        budget.take(800 - held)
        budget.give(800 - held)
        with pytest.raises(TooLargeError) as caught:
            budget.take(900 - held)  # An eighth is left to small calls.
        assert caught.value.args == (900, 875)

    run(check())
