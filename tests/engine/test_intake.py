"""Calls that are taken off the transport many at once, each of which has its own end."""

import asyncio
import threading
from typing import Any

import grpc
import pytest
from contract import SCHEMA, Inputs, Outputs, StandIn, pb
from engine.serving.intake import in_batches
from engine.serving.status import StoppingError
from taking import taking
from waiting import run, until


class Gated(StandIn):
    """Answers once it is let go; x of 13 makes it fail."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def predict(self, inputs: Inputs) -> Outputs:
        self.go.wait(30)
        if 13 in inputs.x:
            raise ValueError("13")
        return super().predict(inputs)


def events(*x: float, seconds: float | None = None, first: int = 0) -> list[Any]:
    """Return calls about instances, as the transport has them."""
    requests = [pb.PredictRequest(instance=pb.Instance(x=each, series=[1])) for each in x]
    return [
        (0, call_id, 0, request.SerializeToString(), None, ((), f"peer {call_id}", seconds))
        for call_id, request in enumerate(requests, first)
    ]


def test_calls_that_come_together_are_one_batch_and_each_gets_its_own_answer() -> None:
    async def check() -> None:
        async with taking(SCHEMA, Gated()) as it:
            it.model.go.set()
            it.intake.take_all(it.front, events(*range(20, 84)))
            until(lambda: it.front.ended == 64, "all calls have ended")
            assert it.front.answers == {call: 10 * (20 + call) for call in range(64)}
            assert [len(batch.x) for batch in it.model.batches] == [64]
            until(lambda: it.budget.used == 0, "their bytes are given back")

    run(check())


def test_what_is_wrong_with_a_call_ends_it_alone() -> None:
    async def check() -> None:
        async with taking(SCHEMA, Gated()) as it:
            it.model.go.set()
            calls = events(1, 101, 13, 4)
            calls[0] = (*calls[0][:3], b"\xff", *calls[0][4:])
            it.intake.take_all(it.front, calls)
            until(lambda: it.front.ended == 4, "all calls have ended")
            assert it.front.answers == {3: 40}
            assert {call: code.name for call, (code, _) in it.front.errors.items()} == {
                0: "INVALID_ARGUMENT",
                1: "INVALID_ARGUMENT",
                2: "INTERNAL",
            }
            assert it.front.errors[1][1].startswith("instance.x: ")
            until(lambda: it.budget.used == 0, "their bytes are given back")

    run(check())


def test_no_call_is_taken_once_the_gate_is_closed() -> None:
    async def check() -> None:
        async with taking(SCHEMA, Gated()) as it:
            it.gate.error = StoppingError()
            it.intake.take_all(it.front, events(1))
            assert it.front.errors == {0: (grpc.StatusCode.UNAVAILABLE, "the server is stopping")}
            assert it.budget.used == 0

    run(check())


def test_a_queue_takes_no_more_calls_than_it_has_room_for() -> None:
    async def check() -> None:
        async with taking(SCHEMA, Gated(), queue_calls=2) as it:
            it.intake.take_all(it.front, events(1))
            until(lambda: bool(it.budget.used), "the first call runs")
            await asyncio.sleep(0.05)
            it.intake.take_all(it.front, events(2, 3, 4, 5, first=1))
            until(lambda: it.front.ended == 2, "those are refused for which there is no room")
            assert {code.name for code, _ in it.front.errors.values()} == {"RESOURCE_EXHAUSTED"}
            it.model.go.set()
            until(lambda: it.front.ended == 5, "the others are answered")
            assert it.front.answers == {0: 10, 1: 20, 2: 30}
            until(lambda: it.budget.used == 0, "their bytes are given back")

    run(check())


def test_a_call_that_is_cancelled_leaves_the_queue_and_is_not_answered() -> None:
    async def check() -> None:
        async with taking(SCHEMA, Gated()) as it:
            it.intake.take_all(it.front, events(1))
            await asyncio.sleep(0.05)
            it.intake.take_all(it.front, events(2, 3, first=1))
            it.front.cancel(1)
            it.front.cancel(0)  # It runs already.
            it.model.go.set()
            until(lambda: it.front.ended == 1, "the last call is answered")
            assert it.front.answers == {2: 30}
            assert [batch.x.tolist() for batch in it.model.batches] == [[1], [3]]
            until(lambda: it.budget.used == 0, "their bytes are given back")

    run(check())


@pytest.mark.parametrize("seconds", [-1.0, 0.0])
def test_a_call_whose_deadline_is_over_is_not_asked_about(seconds: float) -> None:
    async def check() -> None:
        async with taking(SCHEMA, Gated()) as it:
            it.intake.take_all(it.front, events(1))
            await asyncio.sleep(0.05)
            it.intake.take_all(it.front, events(2, seconds=seconds, first=1))
            it.model.go.set()
            until(lambda: it.front.ended == 2, "both calls have ended")
            assert it.front.errors[1][0] is grpc.StatusCode.DEADLINE_EXCEEDED
            assert [batch.x.tolist() for batch in it.model.batches] == [[1]]

    run(check())


def test_only_requests_that_take_no_time_to_read_are_quick() -> None:
    async def check() -> None:
        async with taking(SCHEMA, Gated()) as it:
            assert it.intake.is_quick(bytes(1000))
            assert not it.intake.is_quick(bytes(1001))

    run(check())


def test_a_method_is_marked_as_taken_in_batches() -> None:
    class Service:
        @in_batches
        def predict(self) -> None:
            """Do nothing."""

    assert Service().predict.in_batches  # type: ignore[attr-defined]
