"""Collects concurrent calls into batches for the model.

A batch starts as soon as the model is idle and holds all that came in while it was busy, so no
call waits for company and a busy model gets large batches.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

Call = TypeVar("Call")
Answer = TypeVar("Answer")


@dataclass(eq=False, slots=True)
class Waiting(Generic[Call, Answer]):
    """A call in the queue, and the future that its caller awaits."""

    call: Call
    size: int
    group: Hashable
    answer: asyncio.Future[Answer]
    alone: bool = False


class Batcher(Generic[Call, Answer]):
    """Runs calls in batches on a thread of its own, one batch at a time, in the order they came.

    Args:
        run: Answers the calls of a batch, in order.
        max_size: The most rows in a batch; a larger call is a batch of its own.
    """

    def __init__(self, run: Callable[[Sequence[Call]], Sequence[Answer]], max_size: int) -> None:
        self._run = run
        self._max_size = max_size
        self._queue: deque[Waiting[Call, Answer]] = deque()
        self._busy = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")

    async def submit(self, call: Call, size: int = 1, group: Hashable = None) -> Answer:
        """Return the answer to a call.

        Args:
            call: What to ask.
            size: How many rows it takes up in a batch.
            group: Only calls of one group may share a batch.

        Raises:
            Exception: What run raised for this call alone; the other calls of its batch are
                answered as if it had not been there.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._queue.append(Waiting(call, size, group, answer))
        if not self._busy:
            self._busy = True
            # Calls that came in with this one join it before the batch is closed.
            loop.call_soon(self._start)
        return await answer

    def close(self) -> None:
        """Stop the thread once the running batch is done."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _start(self) -> None:
        batch = self._take()
        self._busy = bool(batch)
        if batch:
            calls = [waiting.call for waiting in batch]
            job = asyncio.get_running_loop().run_in_executor(self._thread, self._run, calls)
            job.add_done_callback(lambda job: self._finish(batch, job))

    def _take(self) -> list[Waiting[Call, Answer]]:
        """Take the calls of the next batch off the queue."""
        batch: list[Waiting[Call, Answer]] = []
        left: deque[Waiting[Call, Answer]] = deque()
        rows = 0
        for waiting in self._queue:
            if waiting.answer.done():  # The caller is gone.
                continue
            joins = not batch or (
                rows + waiting.size <= self._max_size
                and waiting.group == batch[0].group
                and not waiting.alone
                and not batch[0].alone
            )
            if joins:
                batch.append(waiting)
                rows += waiting.size
            else:
                left.append(waiting)
        self._queue = left
        return batch

    def _finish(
        self, batch: list[Waiting[Call, Answer]], job: asyncio.Future[Sequence[Answer]]
    ) -> None:
        error = job.exception()
        if error is None:
            for waiting, answer in zip(batch, job.result(), strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(answer)
        elif len(batch) == 1:
            if not batch[0].answer.done():
                batch[0].answer.set_exception(error)
        else:
            # One of them broke the batch; alone, it breaks only its own.
            for waiting in batch:
                waiting.alone = True
            self._queue.extendleft(reversed(batch))
        self._start()
