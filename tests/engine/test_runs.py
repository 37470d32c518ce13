"""Calls of many rows run slice after slice, and let others in between."""

import asyncio
import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from engine.batching import batcher as batching
from engine.batching.batcher import Batcher, Limits, TooLateError
from engine.batching.budget import Budget
from engine.batching.call import Call
from engine.batching.run import MOST_SLICES, Run
from waiting import run

Slice = list[int]


class Single(Call):
    """A call with one row."""

    def __init__(self, number: int) -> None:
        super().__init__(1, ())
        self.answers: list[Slice] = []
        self._left = [number]

    def take(self, most: int) -> Slice:
        taken, self._left = self._left[:most], self._left[most:]
        self.rows = len(self._left)
        return taken

    def put(self, place: int, answer: Slice) -> None:
        self.answers.append(answer)


class Table(Single):
    """A call with so many rows."""

    in_runs = True

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(0)
        self.rows = len(numbers)
        self._left = [*numbers]


class Echo:
    """Answers with the same numbers; remembers the slices, and how often it was called.

    Args:
        meanwhile: Called in each slice of a run, with how many there were before.
    """

    def __init__(self, meanwhile: Callable[[int], None] = lambda count: None) -> None:
        self.slices: list[Slice] = []
        self.calls = 0
        self._meanwhile = meanwhile

    def __call__(self, slices: Sequence[Any]) -> list[Slice]:
        self.calls += 1
        return [self._run(each) if isinstance(each, Run) else self._answer(each) for each in slices]

    def _run(self, run: Run[Slice]) -> Slice:
        return [number for each in run for number in self._answer(each)]

    def _answer(self, numbers: Slice) -> Slice:
        count = len(self.slices)
        self.slices.append(numbers)
        self._meanwhile(count)
        return numbers


def batches_of(echo: Echo, **limits: Any) -> tuple[Batcher[Slice, Slice], Budget]:
    """Return what runs calls, two rows at a time, and the budget of their bytes."""
    budget = Budget(1000)
    return Batcher(echo, Limits(**{"batch_rows": 2, **limits}), budget), budget


async def ask(
    batcher: Batcher[Slice, Slice], call: Single, size: int = 0, deadline: float = math.inf
) -> list[Slice]:
    """Return what a call is answered."""
    batcher.admit(size)
    await batcher.submit(call, size=size, deadline=deadline)
    return call.answers


def joined(answers: Sequence[Slice]) -> Slice:
    """Return the numbers in all answers."""
    return [number for each in answers for number in each]


class Signal:
    """Stops the model in a slice, for others to come in."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.reached, self.go = threading.Event(), threading.Event()

    def __call__(self, count: int) -> None:
        if count == self._count:
            self.reached.set()
            assert self.go.wait(30), "waited in vain for the others to come in"

    async def reach(self) -> None:
        """Wait until the model is in the slice."""
        assert await asyncio.to_thread(self.reached.wait, 30), "waited in vain for the slice"


def test_a_long_call_that_is_alone_runs_at_once() -> None:
    async def check() -> None:
        echo = Echo()
        batcher, _ = batches_of(echo)
        assert await ask(batcher, Table([1, 2, 3, 4, 5])) == [[1, 2, 3, 4, 5]]
        assert echo.slices == [[1, 2], [3, 4], [5]]
        assert echo.calls == 1
        batcher.close()

    run(check())


def test_a_run_has_an_end() -> None:
    async def check() -> None:
        echo = Echo()
        batcher, _ = batches_of(echo)
        numbers = [*range(2 * MOST_SLICES + 1)]
        answers = await ask(batcher, Table(numbers))
        assert [len(each) for each in answers] == [2 * MOST_SLICES, 1]
        assert [number for each in answers for number in each] == numbers
        batcher.close()

    run(check())


def test_a_call_of_one_row_waits_for_one_slice_only() -> None:
    async def check() -> None:
        signal = Signal(1)
        echo = Echo(signal)
        batcher, _ = batches_of(echo)
        table = asyncio.create_task(ask(batcher, Table([1, 2, 3, 4, 5, 6])))
        await signal.reach()
        one = asyncio.create_task(ask(batcher, Single(9)))
        await asyncio.sleep(0)
        signal.go.set()
        assert await one == [[9]]
        assert joined(await table) == [1, 2, 3, 4, 5, 6]
        assert [9] in (each[:1] for each in echo.slices[2:3])
        batcher.close()

    run(check())


def test_a_call_of_one_row_that_has_left_stops_no_run() -> None:
    async def check() -> None:
        signal = Signal(0)
        echo = Echo(signal)
        batcher, _ = batches_of(echo)
        table = asyncio.create_task(ask(batcher, Table(range(8))))
        await signal.reach()
        one = asyncio.create_task(ask(batcher, Single(9)))
        await asyncio.sleep(0)
        one.cancel()
        await asyncio.wait([one])
        signal.go.set()
        assert len(await table) == 1
        assert echo.calls == 1
        batcher.close()

    run(check())


@pytest.mark.parametrize(("seconds", "slices"), [(0, [[1, 2], [7, 8]]), (60, [[1, 2], [3, 4]])])
def test_a_long_call_waits_for_the_turn_of_another_one(
    monkeypatch: pytest.MonkeyPatch, seconds: float, slices: list[Slice]
) -> None:
    monkeypatch.setattr(batching, "TURN_SECONDS", seconds)

    async def check() -> None:
        signal = Signal(0)
        echo = Echo(signal)
        batcher, _ = batches_of(echo)
        first = asyncio.create_task(ask(batcher, Table([1, 2, 3, 4])))
        await signal.reach()
        second = asyncio.create_task(ask(batcher, Table([7, 8, 9])))
        await asyncio.sleep(0.01)
        signal.go.set()
        assert joined(await first) == [1, 2, 3, 4]
        assert joined(await second) == [7, 8, 9]
        assert echo.slices[:2] == slices
        batcher.close()

    run(check())


def test_a_long_call_whose_caller_goes_is_run_no_further() -> None:
    async def check() -> None:
        signal = Signal(1)
        echo = Echo(signal)
        batcher, budget = batches_of(echo)
        table = asyncio.create_task(ask(batcher, Table(range(10)), size=100))
        await signal.reach()
        table.cancel()
        await asyncio.wait([table])
        assert budget.used == 100  # The model still has its rows.
        signal.go.set()
        assert await ask(batcher, Single(9)) == [[9]]
        assert echo.slices == [[0, 1], [2, 3], [9]]
        assert budget.used == 0
        batcher.close()

    run(check())


def test_a_long_call_whose_deadline_passes_is_run_no_further() -> None:
    async def check() -> None:
        echo = Echo(lambda count: time.sleep(0.2))
        batcher, budget = batches_of(echo)
        with pytest.raises(TooLateError):
            await ask(batcher, Table(range(20)), size=100, deadline=time.monotonic() + 0.3)
        assert len(echo.slices) < 10
        assert budget.used == 0
        batcher.close()

    run(check())


def test_a_long_call_that_fails_ends_at_once_and_alone() -> None:
    def fail(count: int) -> None:
        if count == 1:
            raise ValueError("no more")

    async def check() -> None:
        echo = Echo(fail)
        batcher, budget = batches_of(echo)
        with pytest.raises(ValueError, match="no more"):
            await ask(batcher, Table(range(20)), size=100)
        assert await ask(batcher, Single(9)) == [[9]]
        assert echo.slices == [[0, 1], [2, 3], [9]]
        assert budget.used == 0
        batcher.close()

    run(check())


def test_other_work_comes_between_slices() -> None:
    async def check() -> None:
        signal = Signal(0)
        echo = Echo(signal)
        batcher, _ = batches_of(echo)
        table = asyncio.create_task(ask(batcher, Table(range(6))))
        await signal.reach()
        work = asyncio.create_task(batcher.run(lambda: len(echo.slices)))
        await asyncio.sleep(0.01)
        signal.go.set()
        assert await work == 1
        assert joined(await table) == [*range(6)]
        batcher.close()

    run(check())


def test_where_several_batches_run_at_once_they_share_a_long_call() -> None:
    async def check() -> None:
        both = threading.Barrier(2, timeout=30)

        def wait(count: int) -> None:
            both.wait()

        echo = Echo(wait)
        batcher, _ = batches_of(echo, batches=2)
        answers = await ask(batcher, Table([1, 2, 3, 4]))
        assert sorted(joined(answers)) == [1, 2, 3, 4]
        assert echo.calls == 2
        batcher.close()

    run(check())


def test_the_model_is_as_busy_as_its_slice_takes() -> None:
    async def check() -> None:
        signal = Signal(2)

        def slow(count: int) -> None:
            time.sleep(0.2 if count < 2 else 0)
            signal(count)

        batcher, _ = batches_of(Echo(slow))
        table = asyncio.create_task(ask(batcher, Table(range(6))))
        await signal.reach()
        assert 0 < batcher.busy_seconds < 0.2
        signal.go.set()
        await table
        assert batcher.busy_seconds == 0
        batcher.close()

    run(check())


@pytest.mark.parametrize(
    ("seconds", "slices"),
    [
        (1e9, [2, 4, 8, 16, 16, 16, 16, 2]),  # A quick model gets ever more at once.
        (0.0, [2] * 40),
    ],
)
def test_slices_grow_as_long_as_the_model_is_quick(
    monkeypatch: pytest.MonkeyPatch, seconds: float, slices: list[int]
) -> None:
    monkeypatch.setattr(batching, "TURN_SECONDS", seconds)

    async def check() -> None:
        echo = Echo()
        batcher, _ = batches_of(echo, slice_rows=16)
        assert joined(await ask(batcher, Table(range(80)))) == [*range(80)]
        assert [len(each) for each in echo.slices] == slices
        batcher.close()

    run(check())


def test_slices_shrink_again_when_the_model_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "TURN_SECONDS", 0.1)

    async def check() -> None:
        echo = Echo(lambda count: time.sleep(0.15 if count == 3 else 0))
        batcher, _ = batches_of(echo, slice_rows=8)
        await ask(batcher, Table(range(22)))
        assert [len(each) for each in echo.slices] == [2, 4, 8, 8]
        await ask(batcher, Table(range(4)))
        assert len(echo.slices[-1]) == 4
        batcher.close()

    run(check())


def test_a_large_slice_waits_while_calls_of_one_row_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "TURN_SECONDS", 1e9)

    async def check() -> None:
        signal = Signal(4)
        echo = Echo(signal)
        batcher, _ = batches_of(echo, slice_rows=8)
        await ask(batcher, Table(range(22)))
        table = asyncio.create_task(ask(batcher, Table(range(24))))
        await signal.reach()
        one = asyncio.create_task(ask(batcher, Single(9)))
        await asyncio.sleep(0.01)
        signal.go.set()
        await asyncio.gather(one, table)
        assert [len(each) for each in echo.slices[:5]] == [2, 4, 8, 8, 8]
        assert [9] in echo.slices[5:7]  # It shares a batch of two rows with the next of the table.
        assert 1 in [len(each) for each in echo.slices[5:7]]
        batcher.close()

    run(check())


def test_all_rows_of_a_call_are_answered_by_one_model() -> None:
    async def check() -> None:
        signal = Signal(0)
        first, second = Echo(signal), Echo()
        batcher, _ = batches_of(first)
        table = asyncio.create_task(ask(batcher, Table([1, 2, 3, 4])))
        await signal.reach()
        one = asyncio.create_task(ask(batcher, Single(9)))
        late = asyncio.create_task(ask(batcher, Table([5])))
        await asyncio.sleep(0.01)
        batcher.answer = second
        signal.go.set()
        await asyncio.gather(table, one, late)
        assert first.slices == [[1, 2], [3, 4]]
        assert sorted(second.slices) == [[5], [9]]
        batcher.close()

    run(check())
