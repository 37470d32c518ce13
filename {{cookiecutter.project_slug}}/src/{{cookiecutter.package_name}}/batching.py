"""Collects concurrent calls into batches for the model.

A batch starts as soon as the model is idle, with all that came in while it was busy: the busier
the model is, the larger its batches are. Only after a slow batch there is a moment for those just
answered to call again.
"""

import asyncio
import math
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from .patience import Patience
from .runner import Outcomes, Runner

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


class Batcher(Generic[Call, Answer]):
    """Runs calls in batches, in the order they came in.

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
        self._running: list[float] = []  # When each batch that runs was started.
        self._waking = False
        self._patience = Patience()
        self._enough = limits.batch_rows  # Rows in the queue that end a wait.
        self._hoped_for = 0
        self._runner = Runner(limits.batches)

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
            raise QueueFullError(self._queue_rows * self._runner.pace.row_seconds)
        answer: asyncio.Future[Answer] = self._loop.create_future()
        waiting = Waiting(call, answer, rows, size, group, deadline)
        self._queue[waiting] = None
        self._queue_rows += rows
        self._queue_bytes += size
        is_enough = self._queue_rows >= self._enough
        if self._idle and (is_enough or not self._waking):
            # Without a wait, too, what comes in together joins before the batch is closed.
            self._waking = True
            self._loop.call_later(0 if is_enough else limits.wait_seconds, self._start)
        try:
            return await answer
        finally:
            self._leave(waiting)  # If the call was cancelled before its batch.

    @property
    def busy_seconds(self) -> float:
        """How long the oldest of the batches that run has been running; 0 while none does."""
        return time.monotonic() - min(self._running) if self._running else 0.0

    def close(self) -> None:
        """End what batches run on, once those that run are done."""
        self._runner.close()

    def _leave(self, waiting: Waiting[Call, Answer]) -> None:
        if waiting in self._queue:
            del self._queue[waiting]
            self._queue_rows -= waiting.rows
            self._queue_bytes -= waiting.size

    def _start(self) -> None:
        """Start batches until the queue is empty or as many run as may."""
        if self._hoped_for and self._queue:
            self._patience.learn(were_back=self._queue_rows >= self._hoped_for)
        self._hoped_for = 0
        self._enough = self._limits.batch_rows
        self._waking = False
        while self._idle and self._queue:
            if batch := self._take():
                self._idle -= 1
                calls = [waiting.call for waiting in batch]
                started = time.monotonic()
                self._running.append(started)
                self._runner.start(self.run, calls, partial(self._finish, batch, started))

    def _take(self) -> Batch[Call, Answer]:
        """Take the next batch off the queue, and all calls that come too late for it."""
        batch: Batch[Call, Answer] = []
        late: Batch[Call, Answer] = []
        rows, most = 0, self._limits.batch_rows
        earliest_end = time.monotonic() + self._runner.pace.least_seconds
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

    def _finish(
        self,
        batch: Batch[Call, Answer],
        started: float,
        timed: tuple[Outcomes[Answer], float],
    ) -> None:
        """Hand out the outcomes of a batch, and start the next one."""
        self._running.remove(started)
        outcomes, seconds = timed
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if waiting.answer.done():
                continue
            if isinstance(outcome, Exception):
                waiting.answer.set_exception(outcome)
            else:
                waiting.answer.set_result(outcome)
        rows = sum(waiting.rows for waiting in batch)
        self._runner.pace.learn(rows, seconds)
        self._idle += 1
        self._await_return(rows, self._patience.seconds(seconds))

    def _await_return(self, rows: int, seconds: float) -> None:
        """Start the next batch when those answered are back, or after so long."""
        enough = min(self._queue_rows + rows, self._limits.batch_rows)
        if not seconds or self._queue_rows >= enough:
            self._start()
            return
        self._waking = True
        self._enough = enough
        self._hoped_for = (self._queue_rows + enough) // 2
        # Once the answers have gone out.
        self._loop.call_soon(self._loop.call_later, seconds, self._start)
