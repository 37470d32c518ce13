"""Collects concurrent calls into batches for the model.

A batch starts as soon as the model is idle, with all that came in while it was busy. So no call
waits for company, and the busier the model is, the larger its batches are.
"""

import asyncio
import math
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

Call = TypeVar("Call")
Answer = TypeVar("Answer")


class QueueFullError(Exception):
    """Too much is waiting already; the argument is in how many seconds there should be room."""


class TooLateError(Exception):
    """The deadline of a call cannot be met any more."""


@dataclass(frozen=True)
class Limits:
    """How batches are formed, and how much may wait for one."""

    batch_rows: int = 256  # A larger call is a batch of its own.
    batches: int = 1  # That run at once.
    wait_seconds: float = 0.0  # For company, while the model is idle.
    queue_calls: int = 4096
    queue_bytes: int = 256 * 1024 * 1024


@dataclass(eq=False, slots=True)
class Waiting(Generic[Call, Answer]):
    """A call in the queue, and the future that its caller awaits."""

    call: Call
    answer: asyncio.Future[Answer]
    rows: int
    size: int
    group: Hashable
    deadline: float


Batch = list[Waiting[Call, Answer]]
Outcomes = list[Answer | Exception]


class Batcher(Generic[Call, Answer]):
    """Runs calls in batches, in the order they came in, on threads of its own.

    A call that is cancelled leaves the queue. One that makes its batch fail is found by halving
    the batch, so the error reaches its own caller alone.

    Args:
        run: Answers the calls of a batch, in order. May be exchanged at any time.
        limits: How batches are formed.
    """

    def __init__(self, run: Callable[[Sequence[Call]], Sequence[Answer]], limits: Limits) -> None:
        self.run = run
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._queue: dict[Waiting[Call, Answer], None] = {}
        self._queue_rows = self._queue_bytes = 0
        self._idle = limits.batches
        self._waking = False
        self._row_seconds = self._fastest_batch = 0.0
        self._batches: SimpleQueue[Batch[Call, Answer] | None] = SimpleQueue()
        for _ in range(limits.batches):
            Thread(target=self._work, name="model", daemon=True).start()

    async def submit(
        self,
        call: Call,
        *,
        rows: int = 1,
        size: int = 0,
        group: Hashable = None,
        deadline: float = math.inf,
    ) -> Answer:
        """Return the answer to a call.

        Args:
            call: What to ask.
            rows: How many rows of a batch it takes up.
            size: How many bytes it takes up in the queue.
            group: Only calls of one group share a batch.
            deadline: When an answer is of no use any more, on the clock of time.monotonic.

        Raises:
            QueueFullError: If too much is waiting already.
            TooLateError: If the deadline cannot be met any more.
            Exception: What run raises for this call.
        """
        limits = self._limits
        if len(self._queue) >= limits.queue_calls or self._queue_bytes + size > limits.queue_bytes:
            raise QueueFullError(self._queue_rows * self._row_seconds)
        answer: asyncio.Future[Answer] = self._loop.create_future()
        waiting = Waiting(call, answer, rows, size, group, deadline)
        self._queue[waiting] = None
        self._queue_rows += rows
        self._queue_bytes += size
        is_full = self._queue_rows >= limits.batch_rows
        if self._idle and (is_full or not self._waking):
            # Without a wait, too, what comes in together joins before the batch is closed.
            self._waking = True
            self._loop.call_later(0 if is_full else limits.wait_seconds, self._start)
        try:
            return await answer
        except asyncio.CancelledError:
            self._leave(waiting)
            raise

    def close(self) -> None:
        """End the threads, once the batches that run are done."""
        for _ in range(self._limits.batches):
            self._batches.put(None)

    def _leave(self, waiting: Waiting[Call, Answer]) -> None:
        if waiting in self._queue:
            del self._queue[waiting]
            self._queue_rows -= waiting.rows
            self._queue_bytes -= waiting.size

    def _start(self) -> None:
        """Start batches until the queue is empty or as many run as may."""
        self._waking = False
        while self._idle and self._queue:
            if batch := self._take():
                self._idle -= 1
                self._batches.put(batch)

    def _take(self) -> Batch[Call, Answer]:
        """Take the next batch off the queue, and all calls that come too late for it."""
        batch: Batch[Call, Answer] = []
        late: Batch[Call, Answer] = []
        rows, most = 0, self._limits.batch_rows
        earliest_end = time.monotonic() + self._fastest_batch
        for waiting in self._queue:
            if waiting.deadline < earliest_end:
                late.append(waiting)
            elif not batch or (waiting.group == batch[0].group and rows + waiting.rows <= most):
                batch.append(waiting)
                rows += waiting.rows
            if rows >= most:
                break
        for waiting in (*batch, *late):
            self._leave(waiting)
        for waiting in late:
            waiting.answer.set_exception(TooLateError())
        return batch

    def _work(self) -> None:
        """Run batches on a thread."""
        while batch := self._batches.get():
            started = time.monotonic()
            outcomes = self._outcomes([waiting.call for waiting in batch])
            seconds = time.monotonic() - started
            self._loop.call_soon_threadsafe(self._finish, batch, outcomes, seconds)

    def _outcomes(self, calls: Sequence[Call]) -> Outcomes[Answer]:
        """Return the answer or the error of each call."""
        try:
            answers: Outcomes[Answer] = [*self.run(calls)]
            if len(answers) != len(calls):
                raise RuntimeError(f"{len(calls)} calls got {len(answers)} answers")
            return answers
        except Exception as error:
            if len(calls) == 1:
                return [error]
        half = len(calls) // 2
        return [*self._outcomes(calls[:half]), *self._outcomes(calls[half:])]

    def _finish(
        self, batch: Batch[Call, Answer], outcomes: Outcomes[Answer], seconds: float
    ) -> None:
        """Hand out the outcomes of a batch, and start the next one."""
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if waiting.answer.done():
                continue
            if isinstance(outcome, Exception):
                waiting.answer.set_exception(outcome)
            else:
                waiting.answer.set_result(outcome)
        rows = sum(waiting.rows for waiting in batch)
        self._row_seconds += 0.2 * (seconds / rows - self._row_seconds)
        self._fastest_batch = min(self._fastest_batch or seconds, seconds)
        self._idle += 1
        self._start()
