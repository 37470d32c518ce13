"""Tells whether others slow the machine down: a virtual one may lose half its pace for minutes."""

import os
import resource
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

# Well above what timings of the same work differ by on a machine left alone.
STEADY = 1.2
WAIT_SECONDS = 4


@dataclass(frozen=True)
class Noise:
    """How noisy the machine was during a run.

    Attributes:
        slowness: Median of how many times longer than at best the same work took.
        worst_slowness: Its 95th percentile.
        unsteady: The share of these timings that were above STEADY.
        stolen: The share of the processors' time that other virtual machines took.
        others: How many processors other processes of this machine kept busy.
    """

    slowness: float
    worst_slowness: float
    unsteady: float
    stolen: float
    others: float


@dataclass(frozen=True)
class Times:
    """Seconds since some time: of the clock, and of all processors together."""

    clock: float
    busy: float
    stolen: float
    ours: float


class Pace:
    """The pace of this machine, in times of its best, since this was made."""

    def __init__(self) -> None:
        self._began = times()
        self._timings = [work() for _ in range(20)]

    def slowness(self) -> float:
        """Return how many times longer the same work takes now than it did at best."""
        self._timings.append(work())
        return self._timings[-1] / min(self._timings)

    def wait(self) -> None:
        """Wait until the machine is at its best, though not for ever."""
        deadline = time.monotonic() + WAIT_SECONDS
        while self.slowness() > STEADY and time.monotonic() < deadline:
            time.sleep(0.2)

    def noise(self) -> Noise:
        """Return how noisy it was until now."""
        best = min(self._timings)
        slowness = sorted(each / best for each in self._timings)
        began, ended = self._began, times()
        clock = ended.clock - began.clock
        busy, ours = ended.busy - began.busy, ended.ours - began.ours
        return Noise(
            slowness=statistics.median(slowness),
            worst_slowness=slowness[int(0.95 * len(slowness))],
            unsteady=sum(each > STEADY for each in slowness) / len(slowness),
            stolen=(ended.stolen - began.stolen) / clock / (os.cpu_count() or 1),
            others=max(0.0, (busy - ours) / clock),
        )


def times() -> Times:
    """Return the times until now; ours are those of this process and of all that it has ended."""
    # From proc(5): user, nice, system, idle, iowait, irq, softirq, steal.
    fields = Path("/proc/stat").read_text().split()[1:9]
    user, nice, system, _, _, irq, softirq, stolen = (
        int(field) / os.sysconf("SC_CLK_TCK") for field in fields
    )
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return Times(
        clock=time.monotonic(),
        busy=user + nice + system + irq + softirq,
        stolen=stolen,
        ours=sum(each.ru_utime + each.ru_stime for each in used),
    )


def work() -> float:
    """Return how many seconds some work takes."""
    started = time.perf_counter()
    sum(i * i for i in range(500_000))
    return time.perf_counter() - started
