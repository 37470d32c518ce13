"""Puts a running server under load, and shows how quickly it answers. ``make load`` runs it.

Each caller sends its next request when the last one is answered. Callers share connections, as
those of a few clients do; nothing is tried again.
"""

import asyncio
import contextlib
import itertools
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any

import grpc
import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from kitchen.engine.commands.console import address, fail
from kitchen.engine.commands.faults import one_line_errors
from kitchen.engine.commands.json_files import read_json
from kitchen.engine.commands.predict import Target
from kitchen.engine.processes import loop
from kitchen.schema import SCHEMA
from kitchen.v1 import service_pb2 as pb

from .examples import INSTANCE, OTHER
from .messages import to_instance
from .running import Stub

CONNECTIONS = 8
OPTIONS = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
TIMEOUT = 10.0
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
BARS, BAR_WIDTH = 12, 40
PERCENTILES = {"p50": 50, "p90": 90, "p99": 99, "max": 100}


class Load:
    """Calls from many callers at once.

    Attributes:
        seconds: How long each call took that was answered.
        errors: How many of the others ended with each status.
    """

    def __init__(self, stubs: Sequence[Any], requests: Sequence[pb.PredictRequest]) -> None:
        self.seconds: list[float] = []
        self.errors: Counter[str] = Counter()
        self._stubs = itertools.cycle(stubs)
        self._requests = itertools.cycle(requests)

    @property
    def calls(self) -> int:
        """How many calls have ended."""
        return len(self.seconds) + self.errors.total()

    async def run(self, concurrency: int, seconds: float) -> None:
        """Call for so long, and show how it goes; Ctrl-C ends it early."""
        callers = [asyncio.create_task(self._call(next(self._stubs))) for _ in range(concurrency)]
        with contextlib.suppress(asyncio.CancelledError):
            await self._show_progress(seconds)
        for caller in callers:
            caller.cancel()
        await asyncio.wait(callers)

    async def _call(self, stub: Any) -> None:
        while True:
            began = time.perf_counter()
            try:
                await stub.Predict(next(self._requests), timeout=TIMEOUT)
                self.seconds.append(time.perf_counter() - began)
            except grpc.RpcError as error:
                self.errors[error.code().name] += 1

    async def _show_progress(self, seconds: float) -> None:
        columns = BarColumn(), TimeRemainingColumn(), TextColumn("{task.description}")
        began = time.monotonic()
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("", total=seconds)
            while (passed := time.monotonic() - began) < seconds:
                await asyncio.sleep(min(0.5, seconds - passed))
                passed = time.monotonic() - began
                rate = self.calls / passed
                state = f"{rate:,.0f} calls a second, {self.errors.total():,} errors"
                progress.update(task, completed=passed, description=state)


async def put_under_load(
    server: str, concurrency: int, seconds: float, requests: Sequence[pb.PredictRequest]
) -> None:
    """Call the server, and print what came of it."""
    async with AsyncExitStack() as stack:
        stubs = []
        for _ in range(min(CONNECTIONS, concurrency)):
            channel = await stack.enter_async_context(grpc.aio.insecure_channel(server, OPTIONS))
            stubs.append(Stub(channel))
        try:
            model = await stubs[0].GetModelMetadata(pb.GetModelMetadataRequest(), timeout=TIMEOUT)
        except grpc.RpcError as error:
            hint = "; make serve starts a server" if error.code() is UNAVAILABLE else ""
            fail(f"{server}: {error.code().name}: {error.details()}{hint}")
        print(f"{model.name}, version {model.version}, {concurrency} callers")
        load = Load(stubs, requests)
        began = time.monotonic()
        await load.run(concurrency, seconds)
        report(load, time.monotonic() - began)


def read_requests(path: Path | None) -> list[pb.PredictRequest]:
    """Return requests with the instances in a JSON file, or with those of the tests."""
    instances: Any = read_json(SCHEMA, path) if path else [INSTANCE, OTHER]
    if isinstance(instances, dict):
        instances = [instances]
    return [pb.PredictRequest(instance=to_instance(instance)) for instance in instances]


def report(load: Load, seconds: float) -> None:
    """Print how many calls there were and how they ended, and how long the answers took."""
    console = Console()
    console.print(f"{load.calls:,} calls in {seconds:.1f} s: {load.calls / seconds:,.0f} a second")
    for code, calls in load.errors.most_common():
        console.print(f"{calls:,} ended with {code}", style="red")
    if load.seconds:
        console.print(latency_table(load.seconds))
        console.print(histogram(load.seconds))


def latency_table(seconds: Sequence[float]) -> Table:
    """Return the percentiles of latencies."""
    table = Table(*PERCENTILES)
    table.add_row(*map(in_ms, np.percentile(seconds, [*PERCENTILES.values()])))
    return table


def histogram(seconds: Sequence[float]) -> Table:
    """Return how many calls took how long, in steps that grow with the time."""
    # Steps of no width, if all calls took the same time, are none that NumPy takes.
    edges = np.geomspace(min(seconds), max(max(seconds), 1.01 * min(seconds)), BARS + 1)
    counts, _ = np.histogram(seconds, edges)
    table = Table(Column("up to", justify="right"), Column("calls", justify="right"), "")
    for edge, count in zip(edges[1:], counts, strict=True):
        bar = "█" * round(BAR_WIDTH * count / counts.max())
        table.add_row(in_ms(edge), f"{count:,}", bar)
    return table


def in_ms(seconds: float) -> str:
    """Return a time as people read it."""
    return f"{1000 * seconds:,.2f} ms"


@one_line_errors()
def main(
    server: Target = None,
    concurrency: Annotated[int, typer.Option(min=1, help="How many callers there are.")] = 64,
    seconds: Annotated[float, typer.Option(min=0.1, help="For how long they call.")] = 10.0,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE|-", help="What to send: an instance or a list.")
    ] = None,
) -> None:
    """Put a running server under load, and show how quickly it answers."""
    loop.run(put_under_load(address(server), concurrency, seconds, read_requests(json)))


if __name__ == "__main__":
    typer.run(main)
