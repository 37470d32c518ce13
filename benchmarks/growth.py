"""How cost grows with the requests in flight, and with the rows and bytes that a request has.

Each point is one short load: what is around it on the curve tells how far to trust it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.progress import Progress

from . import costs, environments, machine
from .bench import Bench, StartError, progress_bar
from .checks import CheckError, NotReadyError
from .curves import CURVES, VALUES, Curve
from .load import LoadError, Target
from .payloads import ROWS, TENSORS
from .systems import System

HERE = Path(__file__).resolve().parent
# Enough for a point of a curve, of which there are a hundred.
SECONDS, WARM_UP = 1.0, 0.3
FAILURES = (StartError, CheckError, NotReadyError, LoadError)
COPY = "memory-copy"


def run(bench: Bench) -> dict[str, Any]:
    """Measure each curve, and return all that came of it."""
    # What each system is asked at first, and then at each point.
    first = {ROWS.name: ROWS.file, TENSORS.name: TENSORS.file, VALUES: "values-1000"}
    files = [curve.file.format(point) for curve in CURVES if curve.file for point in curve.points]
    bench.prepare_files({**first, **{file: file for file in files}})
    with progress_bar(bench.console) as progress:
        curves = [measure(bench, curve, progress) for curve in CURVES]
    return {
        "machine": machine.describe(),
        "noise": asdict(bench.pace.noise()),
        "settings": {**asdict(bench.settings), "seconds": SECONDS, "warm_up": WARM_UP},
        "curves": curves,
    }


def measure(bench: Bench, curve: Curve, progress: Progress) -> dict[str, Any]:
    """Measure each system of a curve at each point, as far as it gets."""
    systems = [system for system in curve.systems if system in bench.installed]
    task = progress.add_task(curve.unit, total=len(systems))
    points: list[dict[str, Any]] = []
    failures = [
        {"title": system.title, "reason": reason}
        for (system, _), reason in bench.failures.items()
        if system in curve.systems and system not in bench.installed
    ]
    for system in systems:
        progress.update(task, description=f"{curve.unit}: {system.title}")
        try:
            climb(bench, curve, system, points)
        except FAILURES as error:
            failures.append({"title": system.title, "reason": str(error)})
            bench.console.print(f"{system.title}: {error}", markup=False)
        progress.advance(task)
    titles = {system.name: system.title for system in systems}
    if curve.copies:
        points += copies(bench, curve.points)
        titles[COPY] = "Copy in memory"
    return {
        "name": curve.name,
        "title": curve.title,
        "unit": curve.unit,
        "titles": titles,
        "points": points,
        "failures": failures,
    }


def climb(bench: Bench, curve: Curve, system: System, points: list[dict[str, Any]]) -> None:
    """Add what a system costs at each point, up to the first at which it fails."""
    rates = []
    with bench.serve(system, system.models[0]) as target:
        for point, at_point, in_flight in targets(bench, curve, system, target):
            bench.pace.wait()
            cost = costs.measure(at_point, in_flight, SECONDS, WARM_UP, bench.settings.load_cores)
            points.append({"system": system.name, "at": point, **asdict(cost)})
            rates.append(f"{cost.requests_per_second:,.0f}")
    said = f"{system.title:<36} {'  '.join(rates)}  requests/s"
    bench.console.print(said, markup=False, soft_wrap=True)


def targets(
    bench: Bench, curve: Curve, system: System, target: Target
) -> Iterator[tuple[int, Target, int]]:
    """Return each point, with what to load and how many requests are in flight."""
    for point in curve.points_of(system):
        if not curve.file:
            yield point, target, point
            continue
        port = urlsplit(target.url).port or 0
        message = bench.ask(system, curve.file.format(point), port)
        yield point, replace(target, message=message), 1


def copies(bench: Bench, sizes: Sequence[int]) -> list[dict[str, Any]]:
    """Return what a copy in memory costs at each point."""
    command = ["taskset", "--cpu-list", bench.settings.server_cores]
    command += [str(environments.tools() / "bin" / "python"), str(HERE / "memory_copy.py")]
    found = json.loads(environments.run([*command, *map(str, sizes)]))
    return [
        {"system": COPY, "at": size, "requests_per_second": 1e6 / took, "cpu_us": took}
        for size, took in zip(sizes, found, strict=True)
    ]
