"""How calls become batches."""

import asyncio
import math
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from engine.batching.batcher import (
    Batcher,
    Limits,
    QueueFullError,
    TooLateError,
)
from engine.batching.budget import Budget, BusyError, TooLargeError
from engine.batching.call import Call
from engine.batching.patience import Patience
from engine.batching.runner import Answering
from waiting import run, until_async

Doubling = Answering[list[int], list[int]]


class Numbers(Call):
    """A call that asks for the doubles of numbers.

    Attributes:
        rows: How many of them no batch has taken.
        group: What its numbers have in common.
    """

    def __init__(self, numbers: Sequence[int], group: int = 0) -> None:
        super().__init__(len(numbers), group)
        self._left = list(numbers)
        self._doubles: dict[int, list[int]] = {}

    def take(self, most: int) -> list[int]:
        taken, self._left = self._left[:most], self._left[most:]
        self.rows = len(self._left)
        return taken

    def put(self, place: int, answer: list[int]) -> None:
        self._doubles[place] = answer

    def doubles(self) -> list[int]:
        """Return the answers, in the order of the numbers."""
        return [double for _, doubles in sorted(self._doubles.items()) for double in doubles]


class Doubler:
    """Doubles numbers, once it is let go; remembers the batches that it got."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = threading.Event()

    def __call__(self, slices: Sequence[list[int]]) -> list[list[int]]:
        self.batches.append([number for each in slices for number in each])
        self.go.wait(timeout=30)
        return double(slices)


class Down:
    """Takes its time to fail; remembers how many slices its batches had."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def __call__(self, slices: Sequence[list[int]]) -> list[list[int]]:
        self.batches.append(len(slices))
        time.sleep(0.2)
        raise ValueError("the model is down")


def double(slices: Sequence[list[int]]) -> list[list[int]]:
    """Return the doubles of the numbers in each slice; 13 cannot be doubled."""
    if any(13 in numbers for numbers in slices):
        raise ValueError("13 cannot be doubled")
    return [[2 * number for number in numbers] for numbers in slices]


class Batches(Batcher[list[int], list[int]]):
    """Batches of numbers, from a budget of so many bytes."""

    def __init__(self, run: Doubling, most_bytes: int = 100, **limits: Any) -> None:
        self.budget = Budget(most_bytes)
        super().__init__(run, Limits(**limits), self.budget)

    async def double_all(
        self, numbers: Sequence[int], *, size: int = 0, group: int = 0, deadline: float = math.inf
    ) -> list[int]:
        """Return the doubles of numbers, which are one call."""
        call = Numbers(numbers, group)
        self.admit(size)
        await self.submit(call, size=size, deadline=deadline)
        return call.doubles()

    async def double(self, number: int, **options: Any) -> int:
        """Return the double of a number, which is a call."""
        [double] = await self.double_all([number], **options)
        return double


@contextmanager
def batching(double: Doubler, **limits: Any) -> Iterator[Batches]:
    """Make batches for this function."""
    batcher = Batches(double, **limits)
    try:
        yield batcher
    finally:
        double.go.set()
        batcher.close()


async def submit_all(
    batcher: Batches, numbers: Sequence[int], **options: Any
) -> list[asyncio.Task[int]]:
    """Submit numbers, one call each, and let them reach the queue."""
    calls = [asyncio.create_task(batcher.double(number, **options)) for number in numbers]
    await asyncio.sleep(0.01)
    return calls


def test_a_call_to_an_idle_model_waits_for_no_other() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double) as batcher:
            double.go.set()
            assert await asyncio.wait_for(batcher.double(1), timeout=30) == 2

    run(check())


def test_calls_that_come_while_the_model_is_busy_share_the_next_batch() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double) as batcher:
            calls = await submit_all(batcher, [1])
            calls += await submit_all(batcher, [2, 3])
            calls += await submit_all(batcher, [4])
            double.go.set()
            assert await asyncio.gather(*calls) == [2, 4, 6, 8]
        assert double.batches == [[1], [2, 3, 4]]

    run(check())


def test_calls_that_come_together_share_a_batch() -> None:
    async def check() -> None:
        double = Doubler()
        double.go.set()
        with batching(double) as batcher:
            assert await asyncio.gather(*map(batcher.double, [1, 2, 3])) == [2, 4, 6]
        assert double.batches == [[1, 2, 3]]

    run(check())


def test_callers_that_ask_again_at_once_end_up_in_one_batch() -> None:
    batches: list[int] = []

    def answer(slices: Sequence[list[int]]) -> list[list[int]]:
        batches.append(len(slices))
        time.sleep(0.05)
        return double(slices)

    async def check() -> None:
        batcher = Batches(answer)

        async def ask(number: int) -> None:
            for _ in range(3):
                assert await batcher.double(number) == 2 * number

        first = asyncio.create_task(ask(1))
        await asyncio.sleep(0.01)
        await asyncio.gather(first, *map(ask, [2, 3, 4]))
        batcher.close()

    run(check())
    assert batches == [1, 4, 4, 3]


def test_after_a_wait_in_vain_the_next_batch_starts_at_once() -> None:
    batches: list[list[int]] = []

    def answer(slices: Sequence[list[int]]) -> list[list[int]]:
        batches.append([number for each in slices for number in each])
        time.sleep(0.1)
        return double(slices)

    async def check() -> None:
        batcher = Batches(answer)
        calls = await submit_all(batcher, [1, 2, 3, 4])
        [fifth] = await submit_all(batcher, [5])
        while len(batches) == 1:  # The first four do not return.
            await asyncio.sleep(0.005)
        calls += await submit_all(batcher, [6])
        await fifth
        await asyncio.sleep(0.02)  # Less than another wait would take.
        calls += await submit_all(batcher, [7])
        await asyncio.gather(*calls)
        batcher.close()

    run(check())
    assert batches == [[1, 2, 3, 4], [5], [6], [7]]


def test_callers_that_do_not_ask_again_are_waited_for_less_and_less() -> None:
    patience = Patience()
    waits = []
    for batch in range(256):
        if patience.seconds(1.0):
            waits.append(batch)
            patience.learn(were_back=False)
    assert waits == [0, 2, 6, 14, 30, 62, 126, 190, 254]


def test_callers_that_ask_again_are_waited_for_as_before() -> None:
    patience = Patience()
    for were_back in (False, False, True, False):
        while not patience.seconds(1.0):
            pass
        patience.learn(were_back=were_back)
    assert [bool(patience.seconds(1.0)) for _ in range(2)] == [False, True]


@pytest.mark.parametrize(("batch_seconds", "wait"), [(0.001, 0), (0.02, 0.01), (60.0, 0.05)])
def test_callers_are_waited_for_only_where_that_is_short(batch_seconds: float, wait: float) -> None:
    assert Patience().seconds(batch_seconds) == wait


def test_a_batch_has_no_more_rows_than_it_may() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double, batch_rows=4) as batcher:
            calls = await submit_all(batcher, [1])
            calls += await submit_all(batcher, [2, 3, 4, 5, 6])
            double.go.set()
            assert await asyncio.gather(*calls) == [2, 4, 6, 8, 10, 12]
        assert double.batches == [[1], [2, 3, 4, 5], [6]]

    run(check())


def test_calls_take_turns_so_that_a_large_one_holds_up_no_small_one() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double, batch_rows=4) as batcher:
            calls = await submit_all(batcher, [1])
            large = asyncio.create_task(batcher.double_all(range(20, 30)))
            await asyncio.sleep(0.01)
            calls += await submit_all(batcher, [2, 3])
            double.go.set()
            assert await asyncio.gather(*calls) == [2, 4, 6]
            assert await large == [2 * number for number in range(20, 30)]
        assert double.batches == [
            [1],
            [20, 21, 22, 23],
            [2, 3, 24, 25],
            [26, 27, 28, 29],
        ]

    run(check())


def test_the_slices_of_a_large_call_that_end_out_of_order_are_put_in_order() -> None:
    late = threading.Event()

    def answer(slices: Sequence[list[int]]) -> list[list[int]]:
        if 1 in slices[0]:
            late.wait(timeout=30)
        elif 4 in slices[0]:
            late.set()
        return double(slices)

    async def check() -> None:
        batcher = Batches(answer, batches=2, batch_rows=2)
        doubles = batcher.double_all([1, 2, 3, 4, 5])
        assert await asyncio.wait_for(doubles, timeout=30) == [2, 4, 6, 8, 10]
        batcher.close()

    run(check())


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_no_more_of_a_large_call_is_run_once_it_has_ended(is_cancelled: bool) -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double, batch_rows=2) as batcher:
            large = asyncio.create_task(batcher.double_all([1, 13, 2, 3, 4, 5], size=60))
            await asyncio.sleep(0.01)
            if is_cancelled:
                large.cancel()
            double.go.set()
            with pytest.raises((asyncio.CancelledError, ValueError)):
                await large
            assert await batcher.double(6) == 12
            assert batcher.budget.used == 0
        assert double.batches == [[1, 13], [6]]

    run(check())


def test_only_calls_of_one_group_share_a_batch() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double) as batcher:
            calls = await submit_all(batcher, [1])
            for number in range(2, 8):
                calls += await submit_all(batcher, [number], group=number % 2)
            double.go.set()
            assert await asyncio.gather(*calls) == [2, 4, 6, 8, 10, 12, 14]
        assert double.batches == [[1], [2, 4, 6], [3, 5, 7]]

    run(check())


def test_a_call_waits_for_company_as_long_as_it_may() -> None:
    async def check() -> None:
        double = Doubler()
        double.go.set()
        with batching(double, wait_seconds=0.2) as batcher:
            calls = await submit_all(batcher, [1])
            calls += await submit_all(batcher, [2])
            assert await asyncio.gather(*calls) == [2, 4]
        assert double.batches == [[1, 2]]

    run(check())


def test_a_full_batch_waits_for_no_more_company() -> None:
    async def check() -> None:
        double = Doubler()
        double.go.set()
        with batching(double, wait_seconds=60, batch_rows=2) as batcher:
            calls = await submit_all(batcher, [1])
            calls += await submit_all(batcher, [2])
            assert await asyncio.wait_for(asyncio.gather(*calls), timeout=30) == [2, 4]
        assert double.batches == [[1, 2]]

    run(check())


def test_as_many_batches_run_at_once_as_may() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double, batches=2) as batcher:
            calls = []
            for number in (1, 2, 3, 4):
                calls += await submit_all(batcher, [number])
            assert double.batches == [[1], [2]]
            double.go.set()
            assert await asyncio.gather(*calls) == [2, 4, 6, 8]

    run(check())


@pytest.mark.parametrize(
    ("limits", "error"), [({"queue_calls": 2}, QueueFullError), ({"most_bytes": 40}, BusyError)]
)
def test_a_call_is_refused_while_there_is_no_room(
    limits: dict[str, int], error: type[Exception]
) -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double, **limits) as batcher:
            calls = await submit_all(batcher, [1], size=10)
            calls += await submit_all(batcher, [2, 3], size=10)
            with pytest.raises(error):
                await batcher.double(4, size=10)
            double.go.set()
            assert await asyncio.gather(*calls) == [2, 4, 6]
            assert await batcher.double(4, size=10) == 8

    run(check())


def test_a_full_queue_takes_no_bytes_for_a_call() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double, queue_calls=1) as batcher:
            calls = await submit_all(batcher, [1])
            calls += await submit_all(batcher, [2])
            with pytest.raises(QueueFullError):
                batcher.admit(10)
            assert batcher.budget.used == 0
            double.go.set()
            await asyncio.gather(*calls)

    run(check())


def test_calls_that_were_admitted_together_do_not_overfill_the_queue() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double, queue_calls=1) as batcher:
            [running] = await submit_all(batcher, [1])
            for _ in range(2):
                batcher.admit(10)
            first, second = (batcher.submit(Numbers([2]), size=10) for _ in range(2))
            waiting = asyncio.create_task(first)
            await asyncio.sleep(0.01)
            with pytest.raises(QueueFullError):
                await second
            assert batcher.budget.used == 10
            double.go.set()
            await asyncio.gather(running, waiting)

    run(check())


def test_a_call_that_can_never_fit_is_told_so() -> None:
    async def check() -> None:
        with batching(Doubler(), most_bytes=100) as batcher, pytest.raises(TooLargeError):
            await batcher.double(1, size=101)

    run(check())


def test_large_calls_leave_room_for_small_ones() -> None:
    budget = Budget(6400)
    budget.take(5600)
    with pytest.raises(BusyError):
        budget.take(101)
    for _ in range(8):
        budget.take(100)


def test_a_call_whose_caller_is_gone_holds_its_bytes_while_its_batch_runs() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double) as batcher:
            [call] = await submit_all(batcher, [1], size=10)
            call.cancel()
            await asyncio.sleep(0.01)
            assert batcher.budget.used == 10
            double.go.set()
            assert await batcher.double(2) == 4
            assert batcher.budget.used == 0

    run(check())


def test_a_call_that_is_cancelled_as_it_ends_gives_its_bytes_back_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double) as batcher:
            [call] = await submit_all(batcher, [1], size=10)
            give = batcher.budget.give

            def give_and_cancel(size: int) -> None:
                give(size)
                call.cancel()

            monkeypatch.setattr(batcher.budget, "give", give_and_cancel)
            double.go.set()
            await asyncio.wait([call], timeout=30)
            assert call.cancelled()
            assert batcher.budget.used == 0

    run(check())


def test_how_long_the_model_has_been_busy_is_known() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double) as batcher:
            assert batcher.busy_seconds == 0
            calls = await submit_all(batcher, [1])
            assert batcher.busy_seconds > 0
            double.go.set()
            await asyncio.gather(*calls)
            assert batcher.busy_seconds == 0

    run(check())


def test_a_call_that_is_too_late_is_not_run() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double) as batcher:
            calls = await submit_all(batcher, [1])
            late = await submit_all(batcher, [2], deadline=time.monotonic())
            calls += await submit_all(batcher, [3])
            double.go.set()
            with pytest.raises(TooLateError):
                await late[0]
            assert await asyncio.gather(*calls) == [2, 6]
        assert double.batches == [[1], [3]]

    run(check())


def test_a_call_that_could_not_end_in_time_is_not_run() -> None:
    batches: list[list[int]] = []

    def answer(slices: Sequence[list[int]]) -> list[list[int]]:
        batches.extend(slices)
        time.sleep(0.2)
        return double(slices)

    async def check() -> None:
        batcher = Batches(answer)
        assert await batcher.double(1) == 2
        late, in_time = await asyncio.gather(
            batcher.double(2, deadline=time.monotonic() + 0.15),
            batcher.double(3),
            return_exceptions=True,
        )
        assert isinstance(late, TooLateError)
        assert in_time == 6
        batcher.close()

    run(check())
    assert batches == [[1], [3]]


def test_a_model_that_was_slow_once_is_put_to_the_test_again() -> None:
    batches: list[list[int]] = []

    def answer(slices: Sequence[list[int]]) -> list[list[int]]:
        time.sleep(0 if batches else 3)
        batches.append([number for each in slices for number in each])
        return double(slices)

    async def check() -> None:
        batcher = Batches(answer)
        assert await batcher.double(1) == 2
        now = time.monotonic()
        soon, later = await asyncio.gather(
            batcher.double(2, deadline=now + 1.5),
            batcher.double(3, deadline=now + 2),
            return_exceptions=True,
        )
        assert isinstance(soon, TooLateError)  # One is enough for the test.
        assert later == 6
        assert await batcher.double(4, deadline=time.monotonic() + 1.5) == 8
        with pytest.raises(TooLateError):
            await batcher.double(5, deadline=time.monotonic() - 1)
        batcher.close()

    run(check())
    assert batches == [[1], [3], [4]]


def test_answers_of_a_wrong_number_reach_nobody() -> None:
    async def check() -> None:
        batcher = Batches(lambda slices: [[0], *slices])
        with pytest.raises(RuntimeError, match="1 slices got 2 answers"):
            await batcher.double(1)
        batcher.close()

    run(check())


def test_a_call_whose_caller_is_gone_is_not_run() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double) as batcher:
            first, *others = await submit_all(batcher, [1])
            others += await submit_all(batcher, [2, 3])
            others.pop(0).cancel()
            await asyncio.sleep(0.01)
            double.go.set()
            assert await asyncio.gather(first, *others) == [2, 6]
        assert double.batches == [[1], [3]]

    run(check())


def test_a_call_whose_caller_is_gone_makes_room_at_once() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double, queue_calls=1) as batcher:
            calls = await submit_all(batcher, [1])
            [gone] = await submit_all(batcher, [2], size=10)
            gone.cancel()
            await asyncio.sleep(0.01)
            assert batcher.budget.used == 0
            calls += await submit_all(batcher, [3])
            double.go.set()
            assert await asyncio.gather(*calls) == [2, 6]

    run(check())


@pytest.mark.parametrize("is_late", [True, False])
def test_a_call_whose_caller_goes_as_the_next_batch_is_made_costs_the_others_nothing(
    is_late: bool,
) -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double, batch_rows=4) as batcher:
            calls = await submit_all(batcher, [1])
            deadline = time.monotonic() + (0 if is_late else 60)
            [gone] = await submit_all(batcher, [2], deadline=deadline)
            large = asyncio.create_task(batcher.double_all(range(20, 30)))
            await asyncio.sleep(0.01)
            calls += await submit_all(batcher, [3])
            # The batch ends, and the next one is made, before the task of the call hears of it.
            asyncio.get_running_loop().call_soon(double.go.set)
            asyncio.get_running_loop().call_soon(time.sleep, 0.05)
            asyncio.get_running_loop().call_soon(gone.cancel)
            assert await asyncio.gather(*calls) == [2, 6]
            assert await large == [2 * number for number in range(20, 30)]
            assert gone.cancelled()
            assert batcher.budget.used == 0
        assert [2] not in double.batches

    run(check())


def test_calls_that_are_all_cancelled_just_before_their_batch_starts_hold_up_nothing() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double) as batcher:
            [running] = await submit_all(batcher, [1])
            calls = await submit_all(batcher, [2, 3])
            for call in calls:
                call.cancel()
            double.go.set()
            time.sleep(0.1)  # The next batch would start now, before they can leave.
            await asyncio.wait([running, *calls])
            assert await asyncio.wait_for(batcher.double(4), timeout=30) == 8
            assert batcher.budget.used == 0
        assert double.batches == [[1], [4]]

    run(check())


def test_a_call_cancelled_while_it_runs_does_not_disturb_its_neighbours() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double) as batcher:
            cancelled, *others = [
                asyncio.create_task(batcher.double(number)) for number in (1, 2, 3)
            ]
            await asyncio.sleep(0.01)
            cancelled.cancel()
            await asyncio.sleep(0.01)
            double.go.set()
            assert await asyncio.gather(*others) == [4, 6]
            assert await batcher.double(4) == 8

    run(check())


def test_a_call_that_fails_fails_alone() -> None:
    async def check() -> None:
        double = Doubler()
        double.go.set()
        with batching(double) as batcher:
            answers = await asyncio.gather(
                *map(batcher.double, [1, 13, 2, 3]), return_exceptions=True
            )
            assert [answers[0], *answers[2:]] == [2, 4, 6]
            assert isinstance(answers[1], ValueError)
            assert await batcher.double(4) == 8

    run(check())


def test_calls_that_nobody_waits_for_are_not_tried_again_when_a_batch_fails() -> None:
    down = Down()

    async def check() -> None:
        batcher = Batches(down)
        late = [batcher.double(number, deadline=time.monotonic() + 0.1) for number in range(63)]
        ends = await asyncio.gather(*late, batcher.double(63), return_exceptions=True)
        assert [type(end) for end in ends] == [TooLateError] * 63 + [ValueError]
        batcher.close()

    run(check())
    assert down.batches == [64, 1]


def test_the_search_for_the_calls_that_fail_ends_in_time() -> None:
    down = Down()

    async def check() -> None:
        batcher = Batches(down, search_seconds=0.5)
        ends = await asyncio.gather(*map(batcher.double, range(64)), return_exceptions=True)
        assert {str(end) for end in ends} == {"the model is down"}
        batcher.close()

    run(check())
    assert down.batches[:2] == [64, 32]
    assert len(down.batches) < 10  # Of 127 that it would take.


@pytest.mark.parametrize("error", [StopIteration(), SystemExit(), asyncio.CancelledError()])
def test_no_error_of_the_model_ends_more_than_its_call(error: BaseException) -> None:
    def answer(slices: Sequence[list[int]]) -> list[list[int]]:
        if [13] in slices:
            raise error
        return double(slices)

    async def check() -> None:
        batcher = Batches(answer)
        answers = await asyncio.gather(*map(batcher.double, [1, 13, 2]), return_exceptions=True)
        assert [answers[0], answers[2]] == [2, 4]
        assert isinstance(answers[1], RuntimeError)
        assert answers[1].__cause__ is error
        assert await batcher.double(4) == 8
        batcher.close()

    run(check())


def test_a_model_may_use_an_event_loop_of_its_own() -> None:
    async def add(slices: Sequence[list[int]]) -> list[list[int]]:
        return double(slices)

    async def check() -> None:
        batcher = Batches(lambda slices: asyncio.run(add(slices)))
        for number in range(4):
            assert await batcher.double(number) == 2 * number
        batcher.close()

    run(check())


def test_other_work_runs_between_batches_and_is_seen_to_run() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double) as batches:
            first = asyncio.ensure_future(batches.double_all([1]))
            await asyncio.sleep(0.05)
            work = asyncio.ensure_future(batches.run(lambda: list(double.batches)))
            await asyncio.sleep(0.05)
            assert not work.done()
            second = asyncio.ensure_future(batches.double_all([2]))
            double.go.set()
            assert await work == [[1]]
            assert (await first, await second) == ([2], [4])
            with pytest.raises(ValueError, match="13"):
                await batches.run(lambda: double([[13]]))
            assert batches.busy_seconds == 0
            assert await batches.double_all([3]) == [6]

    run(check())


def test_a_call_that_expires_while_its_neighbour_fails_is_told_so() -> None:
    def fail(slices: Sequence[list[int]]) -> list[list[int]]:
        time.sleep(0.2)
        return double(slices)

    async def check() -> None:
        batcher = Batches(fail)
        deadline = time.monotonic() + 0.1
        late, poison = batcher.double(1, deadline=deadline), batcher.double(13)
        outcomes = await asyncio.gather(late, poison, return_exceptions=True)
        assert [type(each) for each in outcomes] == [TooLateError, ValueError]
        batcher.close()

    run(check())


class Counted(Numbers):
    """A call whose size is known, and which remembers how it ended.

    Attributes:
        error: With what it ended; None for all its answers.
    """

    def __init__(self, number: int, size: int, ended: list["Counted"]) -> None:
        super().__init__([number])
        self.size, self.deadline = size, math.inf
        self.error: Exception | None = None
        self._ended = ended

    def is_wanted(self) -> bool:
        return not self.has_ended

    def end(self, error: Exception | None) -> None:
        self.has_ended = True
        self.error = error
        self._ended.append(self)


@pytest.mark.parametrize(
    ("sizes", "refused"),
    [
        ([1] * 8, {}),
        ([1] * 10, {8: QueueFullError, 9: QueueFullError}),
        ([1, 700, 1, 700, 1], {3: BusyError}),
        ([1, 2000, 1], {1: TooLargeError}),
        ([1, 900, 1], {1: TooLargeError}),  # An eighth is left to small calls.
        ([10] * 3, {}),
    ],
)
def test_of_calls_that_enter_together_those_are_refused_for_which_there_is_no_room(
    sizes: list[int], refused: dict[int, type[Exception]]
) -> None:
    double, ended = Doubler(), list[Counted]()

    async def check() -> None:
        with batching(double, most_bytes=1000, queue_calls=8) as batcher:
            first = asyncio.create_task(batcher.double(0))
            await until_async(lambda: bool(double.batches), "the model was busy")
            calls = [Counted(number, size, ended) for number, size in enumerate(sizes)]
            batcher.enter(calls)
            assert {calls.index(call): type(call.error) for call in ended} == refused
            double.go.set()
            await until_async(lambda: len(ended) == len(calls), "all calls had ended")
            await first
            for number, call in enumerate(calls):
                assert number in refused or call.doubles() == [2 * number]
            assert batcher.budget.used == 0

    run(check())


@pytest.mark.parametrize("count", [1, 20])
def test_a_call_that_is_late_and_has_gone_leaves_the_queue_once(count: int) -> None:
    """Its caller gives up just before its deadline, while the event loop is busy."""

    class Slow(Doubler):
        def __call__(self, slices: Sequence[list[int]]) -> list[list[int]]:
            if not self.batches:
                time.sleep(0.2)
                self.batches.append([])
                return double(slices)
            return super().__call__(slices)

    async def check() -> None:
        slow = Slow()
        with batching(slow, batch_rows=8) as batcher:
            await batcher.double(1)
            await asyncio.sleep(0.1)  # It waits for its caller to come back, but not that long.
            first = asyncio.create_task(batcher.double(2))
            await until_async(lambda: len(slow.batches) == 2, "the model is asked")
            deadline = time.monotonic() + 0.15
            late = asyncio.create_task(batcher.double_all(range(count), deadline=deadline))
            await asyncio.sleep(0.01)
            late.cancel()
            slow.go.set()
            time.sleep(0.05)  # The loop is busy as the model becomes idle.
            with pytest.raises(asyncio.CancelledError):
                await late
            assert await first == 4
            assert await batcher.double(5) == 10
            assert slow.batches == [[], [2], [5]]
            queue = batcher._queue
            assert (queue.rows, queue.callers, queue.singles, bool(queue)) == (0, 0, 0, False)

    run(check())
