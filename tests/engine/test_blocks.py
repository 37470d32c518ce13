"""Calls that come in together are answered together, and each has its own end all the same."""

import asyncio
import random
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import grpc
import numpy as np
import pytest
from contract import pb as contract
from engine.fields import Number, Schema, Text
from engine.fields.violations import RefusedError, Violation
from engine.serving.status import StoppingError
from numpy.typing import NDArray
from taking import taking
from waiting import run, until

pb: Any = grpc.protos("blocks.proto")
MESSAGES = SimpleNamespace(
    PredictRequest=pb.PredictRequest,
    PredictResponse=pb.PredictResponse,
    GetModelMetadataResponse=contract.GetModelMetadataResponse,
)
REMARKS = SimpleNamespace(**{**vars(MESSAGES), "PredictResponse": pb.RemarksResponse})
LAST = 1000
# An instance on which the model fails.
POISON = 13.5
# Instances of which one is poison.
POISONED = [*range(13), POISON, *range(14, 20)]


@dataclass(frozen=True, slots=True)
class Inputs:
    """A batch of instances."""

    x: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Outputs:
    """Answers of a form."""

    y: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Remarks:
    """Answers that have none."""

    y: NDArray[np.float32]
    remark: NDArray[Any]


def schema(messages: Any = MESSAGES, *more: Any, kind: Any = Outputs) -> Schema:
    """Return a schema whose requests have a form."""
    unused: Any = None
    return Schema(
        name="Blocks",
        description="",
        messages=messages,
        inputs=[Number("x", np.float32, low=0, high=LAST)],
        outputs=[Number("y", np.float32), *more],
        Instance=unused,
        Inputs=Inputs,
        Outputs=kind,
        Prediction=unused,
        Predictions=unused,
    )


class Model:
    """Answers with ten times x, once it is let go; fails if poison is in a batch.

    Attributes:
        batches: What it has been asked, in order.
        go: Lets it answer.
    """

    version, runtime = "1", "none"

    def __init__(self) -> None:
        self.batches: list[list[float]] = []
        self.go = threading.Event()

    def predict(self, inputs: Inputs) -> Any:
        self.batches.append(inputs.x.tolist())
        self.go.wait(30)
        fails = POISON in inputs.x
        inputs.x[:] *= 10  # What it gets is its own.
        if fails:
            raise ValueError("poison")
        return self.answer(inputs.x)

    def answer(self, y: NDArray[np.float32]) -> Any:
        return Outputs(y)


class Remarking(Model):
    """Says something to each."""

    def answer(self, y: NDArray[np.float32]) -> Any:
        return Remarks(y, np.array([f"{each:g}" for each in y], object))


# Requests that are read together, with answers that are written together, and some that are not.
BOTH = pytest.mark.parametrize(
    ("served", "model"),
    [
        pytest.param(schema(), Model, id="form"),
        pytest.param(schema(REMARKS, Text("remark"), kind=Remarks), Remarking, id="messages"),
    ],
)


def events(x: Iterable[float], first: int = 0, seconds: Any = ()) -> list[Any]:
    """Return calls about instances, as the transport has them; all wait for ever, or so long."""
    left = dict(seconds)
    requests = [pb.PredictRequest(instance=pb.Instance(x=each)) for each in x]
    return [
        (0, number, 0, request.SerializeToString(), None, ((), f"peer {number}", left.get(number)))
        for number, request in enumerate(requests, first)
    ]


def names(errors: dict[int, Any]) -> dict[int, str]:
    """Return the codes of errors, by their calls."""
    return {call: code.name for call, (code, _) in errors.items()}


async def keep_busy(it: Any) -> None:
    """Have the model asked about a call, which is the last one, so that others wait."""
    it.intake.take_all(it.front, events([7], 999))
    until(lambda: bool(it.model.batches), "the model is asked")


def assert_all_given_back(it: Any) -> None:
    until(lambda: it.budget.used == 0, "the bytes of all calls are given back")
    assert it.front.calls == {}
    queue = it.handlers._batcher._queue
    assert (queue.rows, queue.callers, queue.singles, bool(queue)) == (0, 0, 0, False)


@BOTH
def test_calls_of_one_form_are_one_slice_of_a_batch(served: Schema, model: Any) -> None:
    async def check() -> None:
        async with taking(served, model()) as it:
            it.intake.take_all(it.front, events(range(64)))
            assert len({id(call) for call in it.front.calls.values()}) == 1
            assert it.front.calls[3].peer_of(3) == "peer 3"
            it.model.go.set()
            until(lambda: it.front.ended == 64, "all calls have ended")
            assert it.front.answers == {call: 10 * call for call in range(64)}
            assert it.model.batches == [[*range(64)]]
            assert_all_given_back(it)

    run(check())


@BOTH
def test_what_is_wrong_or_of_another_form_is_read_by_itself(served: Schema, model: Any) -> None:
    async def check() -> None:
        async with taking(served, model()) as it:
            it.model.go.set()
            calls = events([*range(10), LAST + 1, *POISONED[11:]])
            calls[4] = (*calls[4][:3], b"\xff" * len(calls[4][3]), *calls[4][4:])
            calls[5] = (
                *calls[5][:3],
                calls[5][3] + b"\x78\x01",
                *calls[5][4:],
            )  # An unknown field.
            it.intake.take_all(it.front, calls)
            until(lambda: it.front.ended == 20, "all calls have ended")
            assert names(it.front.errors) == {
                4: "INVALID_ARGUMENT",
                10: "INVALID_ARGUMENT",
                13: "INTERNAL",
            }
            rest = {*range(20)} - {4, 10, 13}
            assert it.front.answers == {call: 10 * call for call in rest}
            assert_all_given_back(it)

    run(check())


@BOTH
def test_a_call_that_makes_its_batch_fail_is_found_in_a_block(served: Schema, model: Any) -> None:
    async def check() -> None:
        async with taking(served, model()) as it:
            await keep_busy(it)
            it.intake.take_all(it.front, events(POISONED))
            it.intake.take_all(it.front, events(range(20, 24), 20))
            it.model.go.set()
            until(lambda: it.front.ended == 25, "all calls have ended")
            assert names(it.front.errors) == {13: "INTERNAL"}
            rest = {call: 10 * call for call in range(24) if call != 13}
            assert it.front.answers == {**rest, 999: 70}
            assert_all_given_back(it)

    run(check())


def test_calls_of_a_block_leave_it_when_they_are_cancelled() -> None:
    async def check() -> None:
        async with taking(schema(), Model()) as it:
            await keep_busy(it)
            it.intake.take_all(it.front, events(range(20)))
            used = it.budget.used
            for call in (0, 5, 19, 5):
                it.front.cancel(call)
            assert it.budget.used == used - 3 * (used // 21)
            it.front.cancel(999)  # It runs already, so its bytes count on.
            assert it.budget.used == used - 3 * (used // 21)
            it.model.go.set()
            until(lambda: it.front.ended == 17, "the other calls are answered")
            assert it.model.batches == [[7], [x for x in range(20) if x not in (0, 5, 19)]]
            assert_all_given_back(it)

    run(check())


def test_a_block_all_of_whose_calls_are_cancelled_is_not_asked_about() -> None:
    async def check() -> None:
        async with taking(schema(), Model()) as it:
            await keep_busy(it)
            it.intake.take_all(it.front, events(range(8)))
            for call in range(8):
                it.front.cancel(call)
            it.model.go.set()
            until(lambda: it.front.ended == 1, "the first call is answered")
            assert_all_given_back(it)
            assert it.model.batches == [[7]]

    run(check())


def test_calls_of_a_block_that_is_running_are_not_answered_once_they_are_cancelled() -> None:
    async def check() -> None:
        async with taking(schema(), Model(), batch_rows=10) as it:
            it.intake.take_all(it.front, events(POISONED))
            until(lambda: bool(it.model.batches), "the model is asked")
            used = it.budget.used
            it.front.cancel(3)  # It runs.
            assert it.budget.used == used
            it.front.cancel(11)  # It waits.
            assert it.budget.used == used - used // 20
            it.model.go.set()
            until(lambda: it.front.ended == 18, "the other calls have ended")
            assert names(it.front.errors) == {13: "INTERNAL"}
            rest = [call for call in range(20) if call not in (3, 11, 13)]
            assert it.front.answers == {call: 10 * call for call in rest}
            assert_all_given_back(it)

    run(check())


def test_nobody_is_looked_for_who_has_gone_while_a_block_ran() -> None:
    async def check() -> None:
        async with taking(schema(), Model()) as it:
            it.intake.take_all(it.front, events([POISON] * 16))
            until(lambda: bool(it.model.batches), "the model is asked")
            for call in range(1, 16):
                it.front.cancel(call)
            it.model.go.set()
            until(lambda: it.front.ended == 1, "the last call has ended")
            assert it.model.batches == [[POISON] * 16, [POISON]]
            assert_all_given_back(it)

    run(check())


def test_nobody_is_asked_about_who_goes_while_it_is_looked_for_the_one_to_blame() -> None:
    class Slow(Model):
        front: Any = None

        def predict(self, inputs: Inputs) -> Any:
            if len(self.batches) == 1:
                for call in range(8, 16):
                    self.front.cancel(call)
            return super().predict(inputs)

    async def check() -> None:
        async with taking(schema(), Slow()) as it:
            it.model.front = it.front
            it.model.go.set()
            it.intake.take_all(it.front, events([*range(15), POISON]))
            until(lambda: it.front.ended == 8, "the others are answered")
            assert_all_given_back(it)
            assert [len(batch) for batch in it.model.batches] == [16, 8, 8]

    run(check())


def test_only_those_of_a_block_are_late_whose_deadlines_are_over() -> None:
    async def check() -> None:
        async with taking(schema(), Model()) as it:
            await keep_busy(it)
            it.intake.take_all(it.front, events(range(20), seconds={2: 0.0, 3: 60.0, 4: -1.0}))
            it.model.go.set()
            until(lambda: it.front.ended == 21, "all calls have ended")
            assert names(it.front.errors) == dict.fromkeys((2, 4), "DEADLINE_EXCEEDED")
            assert it.model.batches[1] == [x for x in range(20) if x not in (2, 4)]
            assert_all_given_back(it)

    run(check())


def test_a_block_all_of_whose_calls_are_late_leaves_the_queue() -> None:
    async def check() -> None:
        async with taking(schema(), Model()) as it:
            await keep_busy(it)
            it.intake.take_all(it.front, events(range(8), seconds=dict.fromkeys(range(8), 0.0)))
            it.model.go.set()
            until(lambda: it.front.ended == 9, "all calls have ended")
            assert len(it.front.errors) == 8
            assert it.model.batches == [[7]]
            assert_all_given_back(it)

    run(check())


def test_an_idle_model_is_asked_about_one_that_may_be_late_after_all() -> None:
    class Sleepy(Model):
        def predict(self, inputs: Inputs) -> Any:
            if len(self.batches) == 0:
                time.sleep(0.2)
            return super().predict(inputs)

    async def check() -> None:
        async with taking(schema(), Sleepy()) as it:
            it.model.go.set()
            it.intake.take_all(it.front, events([7], 999))
            until(lambda: it.front.ended == 1, "the model has been slow")
            await asyncio.sleep(0.1)  # It waits for callers to come back, but not that long.
            seconds = {call: 0.1 + call / 1000 for call in range(8)}
            it.intake.take_all(it.front, events(range(8), seconds=seconds))
            until(lambda: it.front.ended == 9, "all calls have ended")
            assert it.model.batches == [[7], [7]]
            assert it.front.answers == {999: 70, 7: 70}
            assert_all_given_back(it)

    run(check())


def test_a_block_is_let_in_as_far_as_there_is_room_in_the_queue() -> None:
    async def check() -> None:
        async with taking(schema(), Model(), queue_calls=10) as it:
            await keep_busy(it)
            it.intake.take_all(it.front, events(range(8)))
            it.intake.take_all(it.front, events(range(20, 30), 20))
            until(lambda: it.front.ended == 8, "those are refused for which there is no room")
            assert names(it.front.errors) == dict.fromkeys(range(22, 30), "RESOURCE_EXHAUSTED")
            it.model.go.set()
            until(lambda: it.front.ended == 19, "all calls have ended")
            answered = [*range(8), 20, 21]
            rest = {call: 10 * call for call in answered}
            assert it.front.answers == {**rest, 999: 70}
            assert_all_given_back(it)

    run(check())


def test_a_block_is_let_in_as_far_as_there_is_room_in_memory() -> None:
    async def check() -> None:
        async with taking(schema(), Model(), budget_bytes=400) as it:
            await keep_busy(it)
            it.intake.take_all(it.front, events(range(64)))
            refused = 65 - it.budget.used // (it.budget.used // len(it.front.calls))
            until(lambda: it.front.ended == refused, "those are refused for which there is no room")
            assert 0 < refused < 64
            assert {*names(it.front.errors).values()} == {"RESOURCE_EXHAUSTED"}
            it.model.go.set()
            until(lambda: it.front.ended == 65, "all calls have ended")
            assert_all_given_back(it)

    run(check())


def test_blocks_fill_batches_in_order() -> None:
    async def check() -> None:
        async with taking(schema(), Model(), batch_rows=16) as it:
            await keep_busy(it)
            it.intake.take_all(it.front, events(range(100, 110)))
            it.intake.take_all(it.front, events(range(110, 113), 10))
            it.intake.take_all(it.front, events(range(113, 140), 13))
            it.model.go.set()
            until(lambda: it.front.ended == 41, "all calls have ended")
            x = [*range(100, 140)]
            assert it.model.batches == [[7], x[:16], x[16:32], x[32:]]
            answers = {call: 10 * (100 + call) for call in range(40)}
            assert it.front.answers == {**answers, 999: 70}
            assert_all_given_back(it)

    run(check())


def test_no_block_is_taken_once_the_gate_is_closed() -> None:
    async def check() -> None:
        async with taking(schema(), Model()) as it:
            it.gate.error = StoppingError()
            it.intake.take_all(it.front, events(range(8)))
            assert names(it.front.errors) == dict.fromkeys(range(8), "UNAVAILABLE")
            assert_all_given_back(it)

    run(check())


def test_an_answer_that_cannot_be_sent_costs_no_other_one() -> None:
    async def check() -> None:
        async with taking(schema(), Model()) as it:
            it.front.takes_together = False
            it.front.faulty = 3
            it.model.go.set()
            it.intake.take_all(it.front, events(range(20)))
            until(lambda: it.front.ended == 20, "all calls have ended")
            assert names(it.front.errors) == {3: "INTERNAL"}
            assert_all_given_back(it)

    run(check())


def test_the_model_is_asked_on_when_answers_cannot_be_sent_together(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def check() -> None:
        async with taking(schema(), Model()) as it:
            it.front.faulty = 3
            it.model.go.set()
            it.intake.take_all(it.front, events(range(20)))
            it.intake.take_all(it.front, events([7], 20))
            until(lambda: 20 in it.front.answers, "a later call is answered")
            assert "A call was lost" in caplog.text

    run(check())


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("violations", [[], [Violation("x", "\udc80")]], ids=["none", "surrogate"])
def test_a_refusal_that_says_nothing_is_an_error_of_the_model(
    violations: list[Violation], count: int
) -> None:
    class Refusing(Model):
        def answer(self, y: NDArray[np.float32]) -> Any:
            raise RefusedError(violations)

    async def check() -> None:
        async with taking(schema(), Refusing()) as it:
            it.model.go.set()
            it.intake.take_all(it.front, events(range(count)))
            until(lambda: it.front.ended == count, "all calls have ended")
            assert {*names(it.front.errors).values()} == {"INTERNAL"}
            assert_all_given_back(it)

    run(check())


def test_nobody_is_told_that_another_call_was_refused() -> None:
    class Refusing(Model):
        def answer(self, y: NDArray[np.float32]) -> Any:
            raise RefusedError([Violation("x", "no flower")])

    async def check() -> None:
        async with taking(schema(), Refusing(), search_seconds=0.0) as it:
            it.model.go.set()
            it.intake.take_all(it.front, events(range(20)))
            until(lambda: it.front.ended == 20, "all calls have ended")
            assert {*names(it.front.errors).values()} == {"INTERNAL"}
            it.intake.take_all(it.front, events([7], 20))
            until(lambda: it.front.ended == 21, "a call alone has ended")
            assert names(it.front.errors)[20] == "INVALID_ARGUMENT"

    run(check())


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_each_of_many_calls_has_its_own_end_whatever_happens_to_others(
    seed: int, together: bool
) -> None:
    async def check() -> None:
        draw = random.Random(seed)
        limits = {"batch_rows": draw.choice([4, 16, 256]), "batches": draw.choice([1, 2])}
        async with taking(schema(), Model(), queue_calls=200, **limits) as it:
            it.model.go.set()
            it.front.takes_together = together
            x: dict[int, float] = {}
            cancelled = set()
            while len(x) < 5_000:
                first = len(x)
                count = draw.choice([1, 3, 8, 20, 64])
                taken = [draw.choice([POISON, *range(400)]) for _ in range(count)]
                x.update(enumerate(taken, first))
                hurried = {call: draw.choice([-1, 0, 1e-4]) for call in x if not draw.randrange(40)}
                it.intake.take_all(it.front, events(taken, first, hurried))
                for call in draw.choices(range(first, first + count), k=count // 8):
                    if call in it.front.calls:
                        cancelled.add(call)
                    it.front.cancel(call)
                if not draw.randrange(8):
                    time.sleep(0.001)
            wanted = x.keys() - cancelled
            until(lambda: not it.front.calls, "all calls have ended")
            ended = it.front.answers.keys() | it.front.errors.keys()
            assert wanted <= ended
            assert not it.front.answers.keys() & it.front.errors.keys()
            assert all(it.front.answers[call] == 10 * x[call] for call in it.front.answers)
            failed = {call for call, name in names(it.front.errors).items() if name == "INTERNAL"}
            assert {x[call] for call in failed} == {POISON}
            assert len(it.front.answers) > 1_000
            assert_all_given_back(it)

    run(check())
