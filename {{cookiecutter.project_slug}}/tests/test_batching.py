"""How calls become batches."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from {{ cookiecutter.package_name }}.batching import Batcher, Limits


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
def batching(double: Doubler, max_size: int = 100) -> Iterator[Batcher[int, int]]:
    """Make batches for this function."""
    batcher = Batcher[int, int](double, Limits(batch_rows=max_size))
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

    asyncio.run(check())


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

    asyncio.run(check())


def test_calls_that_come_together_share_a_batch() -> None:
    async def check() -> None:
        double = Doubler()
        double.go.set()
        with batching(double) as batcher:
            assert await asyncio.gather(*map(batcher.submit, [1, 2, 3])) == [2, 4, 6]
        assert double.batches == [[1, 2, 3]]

    asyncio.run(check())


def test_a_batch_has_no_more_rows_than_it_may() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double, max_size=4) as batcher:
            calls = await submit_all(batcher, [1])
            calls += await submit_all(batcher, [2, 3, 4], rows=2)
            double.go.set()
            assert await asyncio.gather(*calls) == [2, 4, 6, 8]
        assert double.batches == [[1], [2, 3], [4]]

    asyncio.run(check())


def test_a_call_larger_than_a_batch_is_a_batch_of_its_own() -> None:
    async def check() -> None:
        double = Doubler()
        with batching(double, max_size=4) as batcher:
            calls = await submit_all(batcher, [1])
            calls += await submit_all(batcher, [2], rows=10)
            calls += await submit_all(batcher, [3])
            double.go.set()
            assert await asyncio.gather(*calls) == [2, 4, 6]
        assert double.batches == [[1], [2], [3]]

    asyncio.run(check())


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

    asyncio.run(check())


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

    asyncio.run(check())


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

    asyncio.run(check())


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

    asyncio.run(check())
