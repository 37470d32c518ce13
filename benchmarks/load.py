"""Load by h2load, and what came of it."""

import os
import re
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from .systems import GRPC, JSON

TRIES = 3
# Requests for each of those in flight, whose answers are counted before anything is timed.
CHECKED = 10


class LoadError(Exception):
    """Says in one line what is wrong with a load."""


@dataclass(frozen=True)
class Target:
    """Where requests go, and what they are.

    Attributes:
        url: Where they go.
        protocol: gRPC or HTTP.
        message: What each holds.
        connections: The most connections over gRPC, which has many requests at a time on each.
        content_type: What bodies are over HTTP.
        pid: The process that answers, by itself or by those below it.
    """

    url: str
    protocol: str
    message: bytes
    connections: int = 8
    content_type: str = JSON
    pid: int = 0

    def body(self) -> bytes:
        """Return the request's body: gRPC puts a flag and the length before a message."""
        if self.protocol == GRPC:
            return struct.pack(">BI", 0, len(self.message)) + self.message
        return self.message

    def options(self, in_flight: int) -> list[str]:
        """Return h2load's options for so many requests in flight."""
        if self.protocol == GRPC:
            connections = min(in_flight, self.connections)
            return [
                f"--clients={connections}",
                f"--max-concurrent-streams={in_flight // connections}",
                "--header=content-type: application/grpc",
                "--header=te: trailers",
            ]
        return ["--h1", f"--clients={in_flight}", f"--header=content-type: {self.content_type}"]


@dataclass(frozen=True)
class Load:
    """What one load measured."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float


def medians(loads: Sequence[Load]) -> dict[str, float]:
    """Return the median of each figure."""
    figures = [asdict(load) for load in loads]
    return {name: statistics.median(load[name] for load in figures) for name in figures[0]}


class Counts(NamedTuple):
    """What h2load counted; the bytes are those of the bodies of all responses."""

    succeeded: int
    failed: int
    bytes: int


def find_h2load() -> None:
    """Install h2load where that is possible, or stop with a line on how to."""
    if shutil.which("h2load"):
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "--quiet=2"], check=False)
        subprocess.run(["apt-get", "install", "--quiet=2", "--yes", "nghttp2-client"], check=False)
    if not shutil.which("h2load"):
        sys.exit("benchmarks: h2load is missing; install nghttp2-client (Debian, Ubuntu)")


def measure(target: Target, in_flight: int, seconds: float, warm_up: float, cores: str) -> Load:
    """Keep so many requests in flight for a while; the next one follows each response.

    Args:
        target: What to load.
        in_flight: How many requests.
        seconds: How long to count.
        warm_up: How long not to count before.
        cores: The cores to run on.

    Raises:
        LoadError: If requests failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        length = check(target, in_flight, cores, Path(folder))
    options = [f"--duration={seconds * 1000:.0f}ms", f"--warm-up-time={warm_up * 1000:.0f}ms"]
    options += target.options(in_flight)
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory() as folder:
            counts = h2load(target, options, cores, Path(folder), seconds + warm_up + 60)
            # On a machine with no time to spare it may not get round to counting.
            if counts.succeeded:
                # The bytes are those of the warm-up too.
                refuse(counts, short=counts.bytes < counts.succeeded * length)
                p50, p99 = percentiles(read_log(Path(folder) / "log"))
                return Load(counts.succeeded / seconds, p50, p99)
    raise LoadError(f"h2load counted no request in {TRIES} tries")


def check(target: Target, in_flight: int, cores: str, folder: Path) -> int:
    """Return the length of a response, once all are found to have it.

    h2load knows failure over HTTP by its status; over gRPC the status is in trailers, which it
    does not read, and a failure has an empty body.
    """
    one = h2load(target, [*target.options(1), "--requests=1"], cores, folder, timeout=60)
    refuse(one, short=not one.bytes)
    requests = CHECKED * in_flight
    options = [*target.options(in_flight), f"--requests={requests}"]
    counts = h2load(target, options, cores, folder, timeout=120)
    if target.protocol != GRPC:
        refuse(counts, short=False)
        return 0
    refuse(counts, short=counts.bytes != requests * one.bytes)
    return one.bytes


def refuse(counts: Counts, *, short: bool) -> None:
    """Raise LoadError if requests failed, or were answered shorter than they should."""
    if counts.failed:
        raise LoadError(f"{counts.failed} of {counts.succeeded + counts.failed} requests failed")
    if short:
        raise LoadError("some requests were answered with an error")


def command(target: Target, options: list[str], cores: str, folder: Path) -> list[str]:
    """Return the command that sends requests, once their body is in the folder."""
    (folder / "body").write_bytes(target.body())
    arguments = ["taskset", "--cpu-list", cores, "h2load", "--threads=1", *options]
    return [*arguments, f"--data={folder / 'body'}", f"--log-file={folder / 'log'}", target.url]


def h2load(target: Target, options: list[str], cores: str, folder: Path, timeout: float) -> Counts:
    """Run h2load; its log is left in the folder."""
    arguments = command(target, options, cores, folder)
    try:
        done = subprocess.run(
            arguments, capture_output=True, text=True, check=True, timeout=timeout
        )
    except subprocess.TimeoutExpired:
        raise LoadError(f"h2load was not done after {timeout:.0f} s") from None
    except subprocess.CalledProcessError as error:
        raise LoadError(f"h2load ended with status {error.returncode}") from None
    counts = re.search(r"(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", done.stdout)
    data = re.search(r"\((\d+)\) data", done.stdout)
    if not counts or not data:
        raise LoadError("h2load printed no counts")
    succeeded, *failed = map(int, counts.groups())
    # What errored or timed out is in what failed as well.
    return Counts(succeeded, max(failed), int(data[1]))


def read_log(log: Path) -> list[float]:
    """Return the times in h2load's log, in milliseconds."""
    return [1000 * took for _, took in read_records(log)]


def read_records(log: Path) -> list[tuple[float, float]]:
    """Return when each request in h2load's log began, and how long it took, in seconds."""
    lines = (line.split("\t") for line in log.read_text().splitlines())
    return [(int(start) / 1e6, int(took) / 1e6) for start, _, took in lines]


def percentiles(times: Sequence[float]) -> tuple[float, float]:
    """Return the 50th and 99th percentile."""
    if len(times) == 1:
        return times[0], times[0]
    hundredths = statistics.quantiles(times, n=100, method="inclusive")
    return hundredths[49], hundredths[98]
