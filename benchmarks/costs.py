"""What a request costs a server, besides time: processor time, memory, and bytes on the wire."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from . import load, usage
from .load import Load, Target
from .systems import GRPC

# Requests for each of those in flight that go before anything counts.
CHECKED = 3


@dataclass(frozen=True)
class Cost(Load):
    """What one load measured, and what it took.

    Attributes:
        cpu_us: Processor time of the server's processes a request.
        request_bytes: The body of a request.
        response_bytes: The body of a response.
        idle_mib: Memory of the server's processes before the load.
        peak_mib: Its peak during the load.
    """

    cpu_us: float
    request_bytes: float
    response_bytes: float
    idle_mib: float
    peak_mib: float


class Run(NamedTuple):
    """So many requests, all answered.

    Attributes:
        seconds: From the start of the first to the end of the last.
        times: How long each took, in milliseconds.
        received: The bytes of all bodies of responses.
    """

    seconds: float
    times: list[float]
    received: int


def measure(target: Target, in_flight: int, seconds: float, warm_up: float, cores: str) -> Cost:
    """Send as many requests as take about so long, and count exactly what they cost.

    Unlike a load that is cut off after a time, this leaves no request half done, which matters
    where one takes long.

    Args:
        target: What to load.
        in_flight: How many requests at a time.
        seconds: About how long to count.
        warm_up: About how long not to count before.
        cores: The cores to run on.

    Raises:
        LoadError: If requests failed.
    """
    idle = usage.memory(target.pid).now
    usage.reset_peak(target.pid)
    length = send(target, 1, 1, cores).received
    first = send(target, in_flight, CHECKED * in_flight, cores, length)
    warm = send(target, in_flight, requests_in(warm_up, first, in_flight), cores, length)
    count = requests_in(seconds, warm, in_flight)
    before = usage.cpu_seconds(target.pid)
    run = send(target, in_flight, count, cores, length)
    used = usage.cpu_seconds(target.pid) - before
    p50, p99 = load.percentiles(run.times)
    return Cost(
        requests_per_second=count / run.seconds,
        p50_ms=p50,
        p99_ms=p99,
        cpu_us=1e6 * used / count,
        request_bytes=len(target.body()),
        response_bytes=length,
        idle_mib=idle,
        peak_mib=usage.memory(target.pid).peak,
    )


def requests_in(seconds: float, run: Run, in_flight: int) -> int:
    """Return how many requests take so long at the pace of a run: at least one in each place."""
    return max(in_flight, round(seconds * len(run.times) / run.seconds))


def send(target: Target, in_flight: int, count: int, cores: str, length: int | None = None) -> Run:
    """Send so many requests; each is answered, by so many bytes if that is known.

    Raises:
        LoadError: If requests failed. Over gRPC a failure is an answer without a body.
    """
    options = [*target.options(in_flight), f"--requests={count}"]
    with tempfile.TemporaryDirectory() as folder:
        counts = load.h2load(target, options, cores, Path(folder), timeout=180)
        records = load.read_records(Path(folder) / "log")
    # Over HTTP the status tells, and numbers in JSON may have fewer digits in another batch.
    expected = counts.bytes if length is None else count * length
    wrong = counts.bytes != expected or not counts.bytes
    load.refuse(counts, short=target.protocol == GRPC and wrong)
    ended = max(start + took for start, took in records)
    seconds = ended - min(start for start, _ in records)
    return Run(seconds, [1000 * took for _, took in records], counts.bytes)
