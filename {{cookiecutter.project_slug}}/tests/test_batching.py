{% set s = service(cookiecutter) %}
"""How calls become batches."""

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

{{ s.test_batching_import }}
from {{ s.package }}.patience import Patience

from .running import run


class Doubler:
    """Doubles numbers, once it is let go; remembers the batches that it got."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = threading.Event()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        self.go.wait(timeout=10)
        if 13 in numbers:
            raise ValueError("13 cannot be doubled")
        return [2 * number for number in numbers]


@contextmanager
def batching(double: Doubler, **limits: Any) -> Iterator[Batcher[int, int]]:
    """Make batches for this function."""
    batcher = Batcher[int, int](double, Limits(**limits))
    try:
        yield batcher
    finally:
        double.go.set()
        batcher.close()


async def submit_all(
    batcher: Batcher[int, int], numbers: Sequence[int], **options: Any
) -> list[asyncio.Task[int]]:
    """Submit numbers, one call each, and let them reach the queue."""
    calls = [asyncio.create_task(batcher.submit(number, **options)) for number in numbers]
    await asyncio.sleep(0.01)
    return calls


def test_a_call_to_an_idle_model_waits_for_no_other() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double) as batcher:
            double.go.set()
            assert await asyncio.wait_for(batcher.submit(1), timeout=10) == 2

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
            assert await asyncio.gather(*map(batcher.submit, [1, 2, 3])) == [2, 4, 6]
        assert double.batches == [[1, 2, 3]]

    run(check())


def test_callers_that_ask_again_at_once_end_up_in_one_batch() -> None:
    batches: list[int] = []

    def double(numbers: Sequence[int]) -> list[int]:
        batches.append(len(numbers))
        time.sleep(0.05)
        return [2 * number for number in numbers]

    async def check() -> None:
        batcher = Batcher[int, int](double, Limits())

        async def ask(number: int) -> None:
            for _ in range(3):
                assert await batcher.submit(number) == 2 * number

        first = asyncio.create_task(ask(1))
        await asyncio.sleep(0.01)
        await asyncio.gather(first, *map(ask, [2, 3, 4]))
        batcher.close()

    run(check())
    assert batches == [1, 4, 4, 3]


def test_after_a_wait_in_vain_the_next_batch_starts_at_once() -> None:
    batches: list[list[int]] = []

    def double(numbers: Sequence[int]) -> list[int]:
        batches.append(list(numbers))
        time.sleep(0.1)
        return [2 * number for number in numbers]

    async def check() -> None:
        batcher = Batcher[int, int](double, Limits())
        calls = await submit_all(batcher, [1, 2, 3, 4])
        [fifth] = await submit_all(batcher, [5])
        while len(batches) == 1:  # The first four do not return.
            await asyncio.sleep(0.005)
        calls += await submit_all(batcher, [6])
        await fifth
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
            calls += await submit_all(batcher, [2, 3, 4], rows=2)
            double.go.set()
            assert await asyncio.gather(*calls) == [2, 4, 6, 8]
        assert double.batches == [[1], [2, 3], [4]]

    run(check())


def test_a_call_that_has_no_room_in_a_batch_waits_for_the_next() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double, batch_rows=4) as batcher:
            calls = await submit_all(batcher, [1])
            calls += await submit_all(batcher, [2, 3], rows=3)
            double.go.set()
            assert await asyncio.gather(*calls) == [2, 4, 6]
        assert double.batches == [[1], [2], [3]]

    run(check())


def test_a_call_larger_than_a_batch_is_a_batch_of_its_own() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double, batch_rows=4) as batcher:
            calls = await submit_all(batcher, [1])
            calls += await submit_all(batcher, [2], rows=10)
            calls += await submit_all(batcher, [3])
            double.go.set()
            assert await asyncio.gather(*calls) == [2, 4, 6]
        assert double.batches == [[1], [2], [3]]

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
            assert await asyncio.wait_for(asyncio.gather(*calls), timeout=10) == [2, 4]
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


@pytest.mark.parametrize("limits", [{"queue_calls": 2}, {"queue_bytes": 20}])
def test_a_call_is_refused_while_the_queue_is_full(limits: dict[str, int]) -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double, **limits) as batcher:
            calls = await submit_all(batcher, [1], size=10)
            calls += await submit_all(batcher, [2, 3], size=10)
            with pytest.raises(QueueFullError):
                await batcher.submit(4, size=10)
            double.go.set()
            assert await asyncio.gather(*calls) == [2, 4, 6]
            assert await batcher.submit(4, size=10) == 8

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

    def double(numbers: Sequence[int]) -> list[int]:
        batches.append(list(numbers))
        time.sleep(0.2)
        return [2 * number for number in numbers]

    async def check() -> None:
        batcher = Batcher[int, int](double, Limits())
        assert await batcher.submit(1) == 2
        with pytest.raises(TooLateError):
            await batcher.submit(2, deadline=time.monotonic() + 0.15)
        batcher.close()

    run(check())
    assert batches == [[1]]


def test_answers_of_a_wrong_number_reach_nobody() -> None:
    async def check() -> None:
        batcher = Batcher[int, int](lambda numbers: [0, *numbers], Limits())
        with pytest.raises(RuntimeError, match="1 calls got 2 answers"):
            await batcher.submit(1)
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


def test_a_call_cancelled_while_it_runs_does_not_disturb_its_neighbours() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double) as batcher:
            cancelled, *others = [
                asyncio.create_task(batcher.submit(number)) for number in (1, 2, 3)
            ]
            await asyncio.sleep(0.01)
            cancelled.cancel()
            await asyncio.sleep(0.01)
            double.go.set()
            assert await asyncio.gather(*others) == [4, 6]
            assert await batcher.submit(4) == 8

    run(check())


def test_a_call_that_fails_fails_alone() -> None:
    async def check() -> None:
        double = Doubler()
        double.go.set()
        with batching(double) as batcher:
            answers = await asyncio.gather(
                *map(batcher.submit, [1, 13, 2, 3]), return_exceptions=True
            )
            assert [answers[0], *answers[2:]] == [2, 4, 6]
            assert isinstance(answers[1], ValueError)
            assert await batcher.submit(4) == 8

    run(check())


@pytest.mark.parametrize("error", [StopIteration(), SystemExit(), asyncio.CancelledError()])
def test_no_error_of_the_model_ends_more_than_its_call(error: BaseException) -> None:
    def double(numbers: Sequence[int]) -> list[int]:
        if 13 in numbers:
            raise error
        return [2 * number for number in numbers]

    async def check() -> None:
        batcher = Batcher[int, int](double, Limits())
        answers = await asyncio.gather(*map(batcher.submit, [1, 13, 2]), return_exceptions=True)
        assert [answers[0], answers[2]] == [2, 4]
        assert isinstance(answers[1], RuntimeError)
        assert answers[1].__cause__ is error
        assert await batcher.submit(4) == 8
        batcher.close()

    run(check())


def test_only_a_call_alone_on_a_quick_model_needs_no_thread() -> None:
    threads: list[bool] = []

    def double(numbers: Sequence[int]) -> list[int]:
        threads.append(threading.current_thread() is not threading.main_thread())
        if 13 in numbers:
            time.sleep(0.1)
        return [2 * number for number in numbers]

    async def check() -> None:
        batcher = Batcher[int, int](double, Limits())
        for number in (1, 2):  # The first one tells how quick it is.
            assert await batcher.submit(number) == 2 * number
        await asyncio.gather(*map(batcher.submit, [3, 4]))
        await batcher.submit(5, rows=2)
        await batcher.submit(13)
        await batcher.submit(6)
        batcher.close()

    run(check())
    assert threads == [True, False, True, True, False, True]


def test_a_model_that_needs_a_thread_answers_every_call() -> None:
    async def add(numbers: Sequence[int]) -> list[int]:
        return [number + number for number in numbers]

    def double(numbers: Sequence[int]) -> list[int]:
        added = add(numbers)
        try:
            return asyncio.run(added)  # Fails on a thread with an event loop.
        finally:
            added.close()

    async def check() -> None:
        batcher = Batcher[int, int](double, Limits())
        for number in range(4):
            assert await batcher.submit(number) == 2 * number
        batcher.close()

    run(check())
