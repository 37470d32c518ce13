"""Collects concurrent calls into batches for the model.

A batch starts as soon as the model is idle, with all that came in while it was busy: the busier
the model is, the larger its batches are. Only after a slow batch there is a moment for those just
answered to call again. A call of many rows is taken in slices, in turns with the other calls.
"""

import asyncio
import math
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar

from .budget import Budget, BusyError
from .pace import Pace
from .patience import Patience
from .runner import Outcomes, attempt, timed_outcomes
from .threads import Threads

Slice = TypeVar("Slice")
Answer = TypeVar("Answer")
Result = TypeVar("Result")
Slice_co = TypeVar("Slice_co", covariant=True)
Answer_contra = TypeVar("Answer_contra", contravariant=True)


class QueueFullError(Exception):
    """Too many calls wait already; the argument is in how many seconds there should be room."""


class TooLateError(Exception):
    """The deadline of a call cannot be met any more."""


class Call(Protocol[Slice_co, Answer_contra]):
    """Rows that a caller asks about, of which batches take slices."""

    @property
    def rows(self) -> int:
        """How many rows no batch has taken yet."""

    @property
    def group(self) -> Hashable:
        """What the next rows have in common; only rows of one group share a batch."""

    def take(self, most: int) -> Slice_co:
        """Take the next rows, at least one and at most so many."""

    def put(self, place: int, answer: Answer_contra) -> None:
        """Keep the answer to a slice; they are counted from 0. What this raises, the call does."""


@dataclass(frozen=True)
class Limits:
    """How batches are formed, and how many calls may wait for one."""

    batch_rows: int = 256
    batches: int = 1  # That run at once.
    wait_seconds: float = 0.0  # For company, while the model is idle.
    queue_calls: int = 4096
    search_seconds: float = math.inf  # For the calls that make a batch fail.


@dataclass(eq=False, slots=True)
class Waiting(Generic[Slice, Answer]):
    """A call in the queue, in running batches, or both."""

    call: Call[Slice, Answer]
    end: asyncio.Future[None]
    size: int
    deadline: float
    taken: int = 0  # Slices, so far.
    running: int = 0  # Slices in batches that are not done.


# Slices, each with its call and its place among the slices of that.
Batch = list[tuple[Slice, Waiting[Slice, Answer], int]]


class Batcher(Generic[Slice, Answer]):
    """Runs calls in batches, in turns.

    A call that is cancelled leaves the queue. One that makes its batch fail is found by halving
    the batch, so the error reaches its own caller alone.

    Args:
        answer: Answers the slices of a batch, in order. May be exchanged at any time.
        limits: How batches are formed.
        budget: What calls take their bytes from.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Slice]], Sequence[Answer]],
        limits: Limits,
        budget: Budget,
    ) -> None:
        self.answer = answer
        self._limits = limits
        self._budget = budget
        self._loop = asyncio.get_running_loop()
        self._queue: dict[Waiting[Slice, Answer], None] = {}
        self._queue_rows = 0
        self._started: dict[int, float] = {}  # When each batch did that runs.
        self._waking = False
        self._patience = Patience()
        self._pace = Pace()
        self._enough = limits.batch_rows  # Rows in the queue that end a wait.
        self._hoped_for = 0
        self._threads = Threads(limits.batches, "model")

    @property
    def busy_seconds(self) -> float:
        """For how long the oldest of the batches that run has been running; 0 if none does."""
        started = next(iter(self._started.values()), None)
        return 0.0 if started is None else time.monotonic() - started

    def admit(self, size: int) -> None:
        """Take the bytes of a call from the budget; submit gives them back.

        Raises:
            QueueFullError: If too many calls wait already.
            TooLargeError: If so many bytes never fit into the budget.
            BusyError: If they do not fit for now.
        """
        if len(self._queue) >= self._limits.queue_calls:
            raise QueueFullError(self._retry_seconds)
        try:
            self._budget.take(size)
        except BusyError:
            raise BusyError(self._retry_seconds) from None

    async def submit(
        self, call: Call[Slice, Answer], *, size: int = 0, deadline: float = math.inf
    ) -> None:
        """Return when a call that was admitted has all its answers.

        Args:
            call: What to ask; it is told the answers.
            size: How many bytes were taken from the budget for it.
            deadline: When answers are of no use any more, on the clock of time.monotonic.

        Raises:
            QueueFullError: If others were admitted at the same time, and came first.
            TooLateError: If the deadline cannot be met any more.
            Exception: What answering raises for this call.
        """
        if len(self._queue) >= self._limits.queue_calls:
            self._budget.give(size)
            raise QueueFullError(self._retry_seconds)
        waiting = Waiting(call, self._loop.create_future(), size, deadline)
        self._queue[waiting] = None
        self._queue_rows += call.rows
        is_enough = self._queue_rows >= self._enough
        if self._may_start and (is_enough or not self._waking):
            # Without a wait, too, what comes in together joins before the batch is closed.
            self._waking = True
            self._loop.call_later(0 if is_enough else self._limits.wait_seconds, self._start)
        try:
            await waiting.end
        except asyncio.CancelledError:
            self._leave(waiting)
            raise

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return the result of other work, which runs as a batch does; raise what it raises."""
        end: asyncio.Future[Result] = self._loop.create_future()

        def finish(results: Outcomes[Result] | Exception) -> None:
            del self._started[id(end)]
            if not end.done():
                settle(end, results if isinstance(results, Exception) else results[0])
            self._start()

        self._started[id(end)] = time.monotonic()
        self._threads.start(lambda: attempt(lambda _: [work()], [None]), finish)
        return await end

    def close(self) -> None:
        """End what batches run on, once those that run are done."""
        self._threads.close()

    @property
    def _may_start(self) -> bool:
        return len(self._started) < self._limits.batches

    @property
    def _retry_seconds(self) -> float:
        """In how many seconds what is in the queue should be answered."""
        return self._queue_rows * self._pace.row_seconds

    def _leave(self, waiting: Waiting[Slice, Answer]) -> None:
        """Take a call off the queue, and give back its bytes unless a batch still holds them."""
        if waiting in self._queue:
            del self._queue[waiting]
            self._queue_rows -= waiting.call.rows
        if not waiting.running:
            self._budget.give(waiting.size)
            waiting.size = 0

    def _start(self) -> None:
        """Start batches until the queue is empty or as many run as may."""
        if self._hoped_for and self._queue:
            self._patience.learn(were_back=self._queue_rows >= self._hoped_for)
        self._hoped_for = 0
        self._enough = self._limits.batch_rows
        self._waking = False
        while self._may_start and self._queue:
            batch, rows = self._take()
            if not batch:
                return  # Those that are left have been cancelled, and are about to leave.
            self._started[id(batch)] = time.monotonic()
            slices = [each for each, _, _ in batch]
            seconds = self._limits.search_seconds
            work = partial(timed_outcomes, self.answer, slices, partial(is_wanted, batch), seconds)
            self._threads.start(work, partial(self._finish, batch, rows))

    def _take(self) -> tuple[Batch[Slice, Answer], int]:
        """Take slices of the calls in the queue, and drop all calls that come too late.

        Returns:
            The slices, and how many rows they have.
        """
        batch: Batch[Slice, Answer] = []
        late: list[Waiting[Slice, Answer]] = []
        group: Hashable = None
        most = room = self._limits.batch_rows
        earliest_end = time.monotonic() + self._pace.least_seconds
        for waiting in self._queue:
            call = waiting.call
            if waiting.end.done():
                continue  # Its caller has gone, and its task is about to take it off the queue.
            if waiting.deadline < earliest_end:
                late.append(waiting)
            elif not batch or call.group == group:
                group = call.group
                room = add_slice(batch, waiting, room)
                if not room:
                    break
        if late and not batch and not self._started:
            # A guess that nothing ever puts to the test would refuse all calls for good.
            last = max(late, key=lambda waiting: waiting.deadline)
            if last.deadline > time.monotonic():
                late.remove(last)
                room = add_slice(batch, last, room)
        for waiting in late:
            waiting.end.set_exception(TooLateError())
            self._leave(waiting)
        self._move(batch)
        self._queue_rows -= most - room
        return batch, most - room

    def _move(self, batch: Batch[Slice, Answer]) -> None:
        """Take calls off the queue; what has rows left goes to its end, for calls take turns."""
        queue = self._queue
        for _, waiting, _ in batch:
            waiting.taken += 1
            waiting.running += 1
            del queue[waiting]
            if waiting.call.rows:
                queue[waiting] = None

    def _finish(
        self, batch: Batch[Slice, Answer], rows: int, timed: tuple[Outcomes[Answer], float]
    ) -> None:
        """Hand out the outcomes of a batch, and start the next one."""
        outcomes, seconds = timed
        del self._started[id(batch)]
        for (_, waiting, place), outcome in zip(batch, outcomes, strict=True):
            waiting.running -= 1
            if not waiting.end.done():
                hand_out(waiting, place, outcome)
            if waiting.end.done():
                self._leave(waiting)
        self._pace.learn(rows, seconds)
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


def add_slice(batch: Batch[Slice, Answer], waiting: Waiting[Slice, Answer], room: int) -> int:
    """Add the next rows of a call to a batch; return for how many more there is room."""
    before = waiting.call.rows
    batch.append((waiting.call.take(room), waiting, waiting.taken))
    return room - (before - waiting.call.rows)


def is_wanted(batch: Batch[Slice, Answer], place: int) -> bool:
    """Tell whether the caller of a slice still waits; any thread may ask."""
    _, waiting, _ = batch[place]
    return not waiting.end.done() and time.monotonic() < waiting.deadline


def settle(end: asyncio.Future[Result], outcome: Result | Exception) -> None:
    """End a future with a result or an error."""
    if isinstance(outcome, Exception):
        end.set_exception(outcome)
    else:
        end.set_result(outcome)


def hand_out(waiting: Waiting[Slice, Answer], place: int, outcome: Answer | Exception) -> None:
    """Give a call the outcome of one of its slices; an error or the last answer ends it."""
    try:
        if isinstance(outcome, Exception):
            raise outcome
        waiting.call.put(place, outcome)
    except Exception as error:
        waiting.end.set_exception(error)
    else:
        if not waiting.running and not waiting.call.rows:
            waiting.end.set_result(None)
