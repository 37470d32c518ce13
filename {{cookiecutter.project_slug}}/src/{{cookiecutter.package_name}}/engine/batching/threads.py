"""Runs work beside the event loop."""

import asyncio
import concurrent.futures
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


class Threads:
    """Threads that wait for work.

    Args:
        count: How much of it runs at once.
        name: What they are called.
    """

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        for _ in range(count):
            Thread(target=self._serve, name=name, daemon=True).start()

    def put(self, job: Callable[[], None]) -> None:
        """Run a job on a thread; it must not raise anything."""
        self._jobs.put(job)

    def close(self) -> None:
        """End the threads, once the work that runs is done."""
        for _ in range(self._count):
            self._jobs.put(None)

    def _serve(self) -> None:
        while job := self._jobs.get():
            job()
            del job  # Or its data stays in memory until there is another.


async def run_aside(work: Callable[[], Result]) -> Result:
    """Return the result of work on a thread of its own, which the end of the process ends too.

    That of asyncio.to_thread would be waited for, and a model may load for ever.
    """
    outcome: concurrent.futures.Future[Result] = concurrent.futures.Future()
    outcome.set_running_or_notify_cancel()  # It cannot be cancelled any more.

    def load() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    Thread(target=load, name="load", daemon=True).start()
    return await asyncio.wrap_future(outcome)


def do_all(acts: Sequence[Callable[[], None]]) -> None:
    """Do one thing after another, for which the event loop is woken once."""
    for act in acts:
        act()
