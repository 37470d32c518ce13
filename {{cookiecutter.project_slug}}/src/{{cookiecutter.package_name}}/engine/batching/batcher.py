"""Collects concurrent calls into batches for the model.

A batch starts as soon as the model is idle, with all that came in while it was busy: the busier
the model is, the larger its batches are. Only after a slow batch there is a moment for those just
answered to call again. A call of many rows is taken in slices, in turns with the other calls.
"""

import asyncio
import contextlib
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Condition, Thread, get_ident
from typing import Any, Generic, TypeVar

from .budget import Budget, BusyError
from .call import Call, settle
from .pace import Pace
from .patience import Patience
from .queue import Queue
from .run import Run
from .runner import Answering, Outcomes, attempt, find_outcomes
from .threads import do_all

logger = logging.getLogger(__name__)

Slice = TypeVar("Slice")
Answer = TypeVar("Answer")
Result = TypeVar("Result")


# How long a call of many rows goes on while others of that kind wait, if a batch takes less, and how
# long a slice of more rows than a batch may take. Longer, and others wait longer, also those of one
# row; shorter, and more time goes into taking turns, and into what each slice costs beside the model.
TURN_SECONDS = 0.002


class QueueFullError(Exception):
    """Too many calls wait already; the argument is in how many seconds there should be room."""


class TooLateError(Exception):
    """The deadline of a call cannot be met any more."""


@dataclass(frozen=True)
class Limits:
    """How batches are formed, and how many calls may wait for one."""

    batch_rows: int = 256
    slice_rows: int = 0  # Of a call that is alone, if the model is quick; 0 is as in a batch.
    batches: int = 1  # That run at once.
    wait_seconds: float = 0.0  # For company, while the model is idle.
    queue_calls: int = 4096
    search_seconds: float = math.inf  # For the calls that make a batch fail.


# Slices, each with its call and its place among the slices of that.
Batch = list[tuple[Slice, Call, int]]
Ended = list[tuple[Call, Exception | None]]


class Batcher(Generic[Slice, Answer]):
    """Runs calls in batches, in turns, on threads that take them off a queue.

    A call that is cancelled leaves the queue. One that makes its batch fail is found by halving
    the batch, so the error reaches its own caller alone.

    Args:
        answer: Answers the slices of a batch, in order. May be exchanged at any time; calls that
            have answers to some of their rows get the others from the one before.
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
        self._change = Condition()  # Held while any of what follows is looked at or changed.
        self._queue = Queue()
        self._slice_rows = limits.batch_rows
        self._works: deque[Callable[[], None]] = deque()
        self._started: dict[int, float] = {}  # When what runs did, by its thread.
        self._patience = Patience()
        self._pace = Pace()
        self._hold_until = 0.0  # No batch starts before, unless there are rows enough.
        self._enough = limits.batch_rows
        self._hoped_for = 0
        self._is_closed = False
        for _ in range(limits.batches):
            Thread(target=self._serve, name="model", daemon=True).start()

    @property
    def busy_seconds(self) -> float:
        """For how long the oldest of the batches that run has been running; 0 if none does."""
        with self._change:
            started = next(iter(self._started.values()), None)
        return 0.0 if started is None else time.monotonic() - started

    def admit(self, size: int) -> None:
        """Take the bytes of a call from the budget; submit gives them back.

        Raises:
            QueueFullError: If too many calls wait already.
            TooLargeError: If so many bytes never fit into the budget.
            BusyError: If they do not fit for now.
        """
        if not self._has_room():
            raise QueueFullError(self._retry_seconds)
        try:
            self._budget.take(size)
        except BusyError:
            raise BusyError(self._retry_seconds) from None

    async def submit(self, call: Call, *, size: int = 0, deadline: float = math.inf) -> None:
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
        call.size, call.deadline = size, deadline
        call.future = self._loop.create_future()
        self.enqueue([call])
        try:
            await call.future
        except asyncio.CancelledError:
            self.leave(call)
            raise

    def enter(self, calls: Sequence[Call]) -> None:
        """Admit calls whose sizes are known, and put them into the queue; any thread may.

        A call ends when it has all its answers, or with what admit or submit raise. One for which
        nobody waits any more has to leave.
        """
        if calls and not self._budget.has_taken_all([call.size for call in calls]):
            calls = self._admitted(calls)
        if calls:
            self.enqueue(calls)

    def _admitted(self, calls: Sequence[Call]) -> list[Call]:
        """Admit callers one by one; end the calls of those refused, and return the others."""
        refused: Ended = []
        admitted: list[Call] = []
        for call in self._singles(calls):
            try:
                self.admit(call.size)
            except Exception as error:
                call.size = 0
                refused.append((call, error))
            else:
                admitted.append(call)
        self._end(refused)
        return admitted

    def _singles(self, calls: Sequence[Call]) -> list[Call]:
        """Return a call for each caller."""
        with self._change:
            return [single for call in calls for single in call.singles()]

    def enqueue(self, calls: Sequence[Call]) -> None:
        """Put calls that were admitted into the queue; any thread may."""
        refused = []
        with self._change:
            is_first, before = not self._queue, self._queue.rows
            if is_first and not self._hold_until and self._limits.wait_seconds:
                self._hold_until = time.monotonic() + self._limits.wait_seconds
            for call in calls:
                for part in [call] if self._has_room(call.callers) else call.singles():
                    if self._has_room():
                        self._queue.add(part)
                    else:
                        refused.append(part)
            sizes = [call.size for call in refused]
            for call in refused:
                call.size = 0
            if is_first or before < self._enough <= self._queue.rows:
                self._change.notify()
        self._budget.give(sum(sizes))
        self._end([(call, QueueFullError(self._retry_seconds)) for call in refused])

    def leave(self, call: Call, caller: object = None) -> None:
        """Take a call off the queue, and give back its bytes unless a batch still holds them.

        Args:
            call: The call.
            caller: Which of its callers leaves, if it stands for several.
        """
        with self._change:
            before = call.callers
            single = call.single(caller)
            if call in self._queue:
                self._queue.lost(before - call.callers)
                if not call.callers:
                    self._queue.remove(call)
            single.has_ended = True
            self._budget.give(self._release(single))

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return the result of other work, which runs as a batch does; raise what it raises."""
        future: asyncio.Future[Result] = self._loop.create_future()

        def job() -> None:
            results = attempt(lambda _: [work()], [None])
            outcome = results if isinstance(results, Exception) else results[0]
            with self._change:
                del self._started[get_ident()]
            self._on_loop([partial(settle, future, outcome)])

        with self._change:
            self._works.append(job)
            self._change.notify()
        return await future

    def close(self) -> None:
        """End what batches run on, once those that run are done."""
        with self._change:
            self._is_closed = True
            self._change.notify_all()

    @property
    def _retry_seconds(self) -> float:
        """In how many seconds what is in the queue should be answered."""
        return self._queue.rows * self._pace.row_seconds

    def _has_room(self, callers: int = 1) -> bool:
        """Tell whether so many callers more may wait."""
        return self._queue.callers + callers <= self._limits.queue_calls

    def _serve(self) -> None:
        """Run what there is to run, until the end."""
        while job := self._next():
            job()
            del job  # Or its data stays in memory until there is another.

    def _next(self) -> Callable[[], None] | None:
        """Wait until there is something to run, and return it; None at the end."""
        with self._change:
            while not self._is_closed:
                job = self._works.popleft() if self._works else None
                seconds = self._hold_seconds()
                if not job and seconds <= 0:
                    job = self._take()
                if job:
                    self._started[get_ident()] = time.monotonic()
                    if self._queue or self._works:
                        self._change.notify()  # Other threads may go on with these.
                    return job
                self._change.wait(None if seconds == math.inf else seconds)
        return None

    def _hold_seconds(self) -> float:
        """For how long no batch is to start."""
        if not self._queue:
            return math.inf
        if not self._hold_until or self._queue.rows >= self._enough:
            return 0.0
        return self._hold_until - time.monotonic()

    def _release(self, call: Call) -> int:
        """Take a call off the queue; return its bytes unless a batch still holds them."""
        self._queue.remove(call)
        if call.running:
            return 0
        size, call.size = call.size, 0
        return size

    def _take(self) -> Callable[[], None] | None:
        """Take slices of the calls in the queue, and drop all calls that come too late.

        Returns:
            What runs them; None if there are none.
        """
        if self._hoped_for:
            self._patience.learn(were_back=self._queue.rows >= self._hoped_for)
        self._hoped_for = 0
        self._hold_until = 0.0
        self._enough = self._limits.batch_rows
        batch: Batch[Slice] = []
        late: list[Call] = []
        gone: list[Call] = []
        group: Hashable = None
        answer = newest = self.answer
        is_shared = self._queue.singles or self._limits.batches > 1
        most = room = self._limits.batch_rows if is_shared else self._slice_rows
        earliest_end = time.monotonic() + self._pace.least_seconds
        for call in self._queue:
            if not call.is_wanted():
                gone.append(call)
                continue
            if call.deadline < earliest_end:
                late += self._late(call, earliest_end)
                if not call.callers:
                    gone.append(call)
            fits = not batch or (call.group == group and (call.answer or newest) is answer)
            if fits and call.callers and call.deadline >= earliest_end:
                group, answer = call.group, call.answer or newest
                room = add_slice(batch, call.split(room), room)
                if not room:
                    break
        if not batch and (last := self._last_of(late)):
            late.remove(last)
            answer = last.answer or newest
            room = add_slice(batch, last, room)
        for call in late:
            call.has_ended = True
        self._budget.give(sum(map(self._release, (*late, *gone))))
        for _, call, _ in batch:
            call.taken += 1
            call.running += 1
            if call.rows:
                call.answer = answer
        self._queue.took([call for _, call, _ in batch], most - room)
        if not batch and not late:
            return None
        if len(batch) == 1 and batch[0][1].in_runs and self._limits.batches == 1:
            batch = [self._as_run(*batch[0], most - room)]
        return partial(self._run, answer, batch, most - room, late)

    def _late(self, call: Call, end: float) -> Sequence[Call]:
        """Return calls for those callers of a call in the queue who do not wait until then."""
        before = call.callers
        late = call.late(end)
        self._queue.lost(before - call.callers)
        return late

    def _last_of(self, late: Sequence[Call]) -> Call | None:
        """Return the late call that has most time left, if it is to be run all the same.

        A guess that nothing ever puts to the test would refuse all calls for good.
        """
        last = max(late, key=lambda call: call.deadline, default=None)
        if last is None or self._started or last.deadline <= time.monotonic():
            return None
        if last not in self._queue:  # It was taken out of a block.
            self._queue.add(last)
        return last

    def _as_run(self, first: Slice, call: Call, place: int, rows: int) -> tuple[Any, Call, int]:
        """Return the slice of a batch with those after it, and take its call off the queue."""
        self._queue.remove(call)
        most_rows = partial(self._most_rows, call, time.monotonic() + TURN_SECONDS)
        return Run(first, call, rows, most_rows), call, place

    def _run(
        self,
        answer: Answering[Slice, Answer],
        batch: Batch[Slice],
        rows: int,
        late: Sequence[Call],
    ) -> None:
        """Run a batch, and hand out its outcomes."""
        self._end([(call, TooLateError()) for call in late])
        slices = [each for each, _, _ in batch]
        outcomes = attempt(answer, slices) if batch else []
        if isinstance(outcomes, Exception):
            batch = self._of_singles(batch)
            outcomes = self._search(answer, batch, outcomes)
        with self._change:
            seconds = time.monotonic() - self._started.pop(get_ident())
            ended = self._hand_out(batch, outcomes)
            if slices and isinstance(slices[0], Run):
                rows = slices[0].rows  # It has learnt from the others.
                self._learn_slice(rows, seconds)
            elif rows:
                self._pace.learn(rows, seconds)
        self._end(ended)
        with self._change:
            self._await_return(rows, self._patience.seconds(seconds))

    def _of_singles(self, batch: Batch[Slice]) -> Batch[Any]:
        """Return a batch in which each caller has a slice."""
        singles: Batch[Any] = []
        with self._change:
            for each, call, place in batch:
                ones = call.singles()
                is_single = call in ones
                singles += [(each, call, place)] if is_single else [(one, one, 0) for one in ones]
        return singles

    def _search(
        self, answer: Answering[Slice, Answer], batch: Batch[Slice], error: Exception
    ) -> Outcomes[Answer]:
        """Return the outcomes of a batch that has failed as a whole."""
        slices = [each for each, _, _ in batch]
        most = self._limits.search_seconds
        return find_outcomes(answer, slices, error, partial(is_wanted, batch), most)

    def _most_rows(self, call: Call, end: float, rows: int) -> int:
        """Return how many rows the next slice of a call may have; 0 if others come first.

        Args:
            call: The call, which is off the queue.
            end: When its turn is over, if others wait that make runs.
            rows: How many rows it has just been answered.
        """
        now = time.monotonic()
        thread = get_ident()
        self._learn_slice(rows, now - self._started[thread])
        self._started[thread] = now
        queue, is_over = self._queue, now > end
        others = queue.singles or self._works or (queue and is_over) or self._is_closed
        return 0 if others or not is_in_time(call, now) else self._slice_rows

    def _learn_slice(self, rows: int, seconds: float) -> None:
        """Take note of how long a slice took, and make the next ones larger or smaller."""
        self._pace.learn(rows, seconds)
        least, most = self._limits.batch_rows, self._limits.slice_rows
        if seconds > TURN_SECONDS:
            self._slice_rows = max(self._slice_rows // 2, least)
        elif rows >= self._slice_rows and seconds < TURN_SECONDS / 2:
            self._slice_rows = max(min(2 * self._slice_rows, most), least)

    def _hand_out(self, batch: Batch[Slice], outcomes: Outcomes[Answer]) -> Ended:
        """Give each call its outcome; return the calls that end with it."""
        ended: Ended = []
        freed = 0
        for (_, call, place), outcome in zip(batch, outcomes, strict=True):
            call.running -= 1
            if not call.is_wanted():
                freed += self._release(call)
                continue
            error = put(call, place, outcome)
            if error and time.monotonic() >= call.deadline:
                error = TooLateError()  # It was not looked into whether the error is its own.
            if error or not (call.running or call.rows):
                call.has_ended = True
                freed += self._release(call)
                ended.append((call, error))
            elif call.rows and call not in self._queue:  # The rest of a run.
                self._queue.add(call)
        self._budget.give(freed)
        return ended

    def _end(self, ended: Ended) -> None:
        """End calls."""
        rests = []
        for call, error in ended:
            try:
                if rest := call.end(error):
                    rests.append(rest)
            except Exception:  # The thread goes on all the same.
                logger.exception("A call was lost")
        self._on_loop(rests)

    def _on_loop(self, rests: list[Callable[[], None]]) -> None:
        """Do what is left on the event loop, all at once."""
        if rests:
            with contextlib.suppress(RuntimeError):  # The loop has been closed.
                self._loop.call_soon_threadsafe(do_all, rests)

    def _await_return(self, rows: int, seconds: float) -> None:
        """Start no batch before those answered are back, or so long."""
        enough = min(self._queue.rows + rows, self._limits.batch_rows)
        if seconds and self._queue.rows < enough:
            self._enough = enough
            self._hoped_for = (self._queue.rows + enough) // 2
            self._hold_until = time.monotonic() + seconds


def add_slice(batch: Batch[Slice], call: Call, room: int) -> int:
    """Add the next rows of a call to a batch; return for how many more there is room."""
    before = call.rows
    batch.append((call.take(room), call, call.taken))
    return room - (before - call.rows)


def is_wanted(batch: Batch[Slice], place: int) -> bool:
    """Tell whether the caller of a slice still waits; any thread may ask."""
    _, call, _ = batch[place]
    return is_in_time(call, time.monotonic())


def is_in_time(call: Call, now: float) -> bool:
    """Tell whether the caller still waits, and will for a while."""
    return call.is_wanted() and now < call.deadline


def put(call: Call, place: int, outcome: object) -> Exception | None:
    """Give a call the outcome of one of its slices; return the error that ends it, if one does."""
    if isinstance(outcome, Exception):
        return outcome
    try:
        call.put(place, outcome)
    except Exception as error:
        return error
    return None
