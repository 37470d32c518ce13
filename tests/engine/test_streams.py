"""How far streams are read ahead, and what their requests take up."""

import asyncio
import weakref
from typing import Any

import grpc
import pytest
from engine.batching.budget import Budget, TooLargeError
from engine.serving import streams
from engine.serving.footprint import Footprint
from engine.serving.streams import Requests
from waiting import run


@pytest.fixture(autouse=True)
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let streams be read no further ahead than two requests of 50 bytes."""
    monkeypatch.setattr(streams, "MOST_AHEAD_BYTES", 150)


def requests_of(count: int, size: int, budget: Budget) -> Requests:
    """Return a stream of requests."""

    data = [bytes(size)] * count

    async def read() -> Any:
        return data.pop() if data else grpc.aio.EOF

    return Requests(read, bytes, Footprint(None), budget)


async def take_all(requests: Requests, taken: list[Any]) -> None:
    """Take the requests of a stream."""
    async for request in requests:
        taken.append(request)


def test_a_stream_is_read_on_once_enough_is_answered() -> None:
    async def check() -> None:
        budget, taken = Budget(1000), list[Any]()
        requests = requests_of(4, 50, budget)
        reading = asyncio.create_task(take_all(requests, taken))
        for count in (2, 3, 4):
            for _ in range(10):
                await asyncio.sleep(0)
            assert len(taken) == count
            assert budget.used == 200
            requests.answered()
        await reading

    run(check())


def test_requests_count_until_they_are_answered_or_the_stream_ends() -> None:
    async def check() -> None:
        budget = Budget(1000)
        requests = requests_of(3, 10, budget)
        await take_all(requests, [])
        assert budget.used == 60
        requests.answered()
        assert budget.used == 40
        requests.close()
        assert budget.used == 0

    run(check())


def test_a_request_that_does_not_fit_ends_its_stream() -> None:
    budget = Budget(1000)
    with pytest.raises(TooLargeError):
        run(take_all(requests_of(1, 501, budget), []))
    assert budget.used == 0


def test_a_request_that_does_not_fit_is_not_kept_by_its_error() -> None:
    class Data(bytearray):
        """Bytes that can be watched."""

    data = [Data(501)]
    watch = weakref.ref(data[0])

    async def read() -> Any:
        return data.pop()

    with pytest.raises(TooLargeError) as caught:
        run(take_all(Requests(read, bytes, Footprint(None), Budget(1000)), []))
    assert caught.value
    assert watch() is None
