"""How a worker tells its supervisor that it is alive."""

import asyncio
import os
import sys
from collections.abc import Iterator

import pytest
from engine.processes.pulse import Pulse
from engine.processes.words import ALIVE, LOADING
from waiting import in_time, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no workers")

PIPE = 64 * 1024


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The supervisor's end of a pipe, and the worker's."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_a_worker_says_again_and_again_whether_it_loads_a_model(pipe: tuple[int, int]) -> None:
    async def check() -> None:
        reader, writer = pipe
        pulse = Pulse(writer, timeout=0.05)
        beat = asyncio.create_task(pulse.beat())
        for is_loading, word in ((True, LOADING), (False, ALIVE)):
            pulse.loading(is_loading)
            await asyncio.sleep(0.5)
            words = os.read(reader, PIPE).splitlines(keepends=True)
            assert set(words) == {word}
            assert len(words) > 2
        beat.cancel()

    run(check())


def test_a_supervisor_that_does_not_listen_holds_no_worker_up(pipe: tuple[int, int]) -> None:
    pulse = Pulse(pipe[1], timeout=1)

    def say_much() -> None:
        for _ in range(PIPE):
            pulse.say(ALIVE)

    in_time(say_much, "the worker has said more than the pipe takes")
