"""Waits that end, for tests that run within one process."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

Result = TypeVar("Result")

# Longest that a test waits for one thing.
WAIT_SECONDS = 50.0


def until(is_so: Callable[[], bool], what: str) -> None:
    """Wait until something is so; fail with what was waited for if that takes too long."""
    end = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < end, f"waited {WAIT_SECONDS:.0f} s in vain until {what}"
        time.sleep(0.01)


async def until_async(is_so: Callable[[], bool], what: str) -> None:
    """Wait as until does, and let others run on the event loop meanwhile."""
    end = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < end, f"waited {WAIT_SECONDS:.0f} s in vain until {what}"
        await asyncio.sleep(0.01)


def in_time(work: Callable[[], Result], what: str) -> Result:
    """Return what the work returns; fail if it takes too long.

    It runs on a daemon thread, which holds up nothing, not even the end of the tests, if it never
    ends.
    """
    done: Future[Result] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    until(done.done, what)
    return done.result()


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end on an event loop of its own.

    Fails if that takes too long, or if a callback fails, as the timeout of a test makes one that
    hangs: the loop would only log it.
    """

    async def main() -> Result:
        faults: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
        task = asyncio.ensure_future(coroutine)
        await asyncio.wait([task], timeout=WAIT_SECONDS)
        assert task.done(), f"waited {WAIT_SECONDS:.0f} s in vain until {coroutine} has ended"
        assert not faults, faults
        return task.result()

    return asyncio.run(main())
