"""How long calls of one row wait while another caller sends 10,000 rows at a time, without pause.

Every system serves both kinds of request at once. Calls of one row come at a steady rate, whether
or not earlier ones are answered; the large ones come on a connection of their own.
"""

import json
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import environments, load, machine
from .bench import Bench, StartError, progress_bar
from .checks import CheckError, NotReadyError
from .load import LoadError, Target
from .payloads import ROWS
from .systems import LR, SYSTEMS, System

HERE = Path(__file__).resolve().parent
# Enough for a 99th percentile in seconds, and little enough to leave any server idle for the most.
CALLS_A_SECOND = 200
FIGURES = ("p50_ms", "p99_ms")
# The longest that calls of one row may take after the last one was due.
PATIENCE_SECONDS = 90
# How long h2load may go on; it is stopped when the calls of one row have ended.
ENDLESS = "--duration=1h"
# How each system takes one row.
SMALL = {system.folder: system for system in SYSTEMS if LR in system.models}


def run(bench: Bench) -> dict[str, Any]:
    """Measure each system that takes both, in rounds, and return all that came of it."""
    systems = [each for each in ROWS.systems if each in bench.installed and each.folder in SMALL]
    bench.prepare_files({ROWS.name: ROWS.file})
    rounds: dict[System, list[dict[str, Any]]] = {}
    failures = {system: bench.failures[system, ROWS.name] for system in missing(bench)}
    with progress_bar(bench.console) as progress:
        task = progress.add_task("", total=len(systems) * bench.settings.rounds)
        for number in range(1, bench.settings.rounds + 1):
            for system in systems:
                progress.update(task, description=f"{system.title}, round {number}")
                if system not in failures:
                    try:
                        rounds.setdefault(system, []).append(take_round(bench, system))
                    except (StartError, CheckError, NotReadyError, LoadError) as error:
                        failures[system] = str(error)
                    bench.console.print(said(system, rounds, failures), markup=False)
                progress.advance(task)
    return {
        "machine": machine.describe(),
        "noise": asdict(bench.pace.noise()),
        "calls_a_second": CALLS_A_SECOND,
        "settings": asdict(bench.settings),
        "results": [
            {"system": system.name, "title": system.title, **summarize(rounds[system])}
            for system in systems
            if system not in failures
        ],
        "failures": [
            {"title": system.title, "reason": reason} for system, reason in failures.items()
        ],
    }


def missing(bench: Bench) -> list[System]:
    """Return the systems that could not be installed."""
    failed = [system for system, _ in bench.failures if system not in bench.installed]
    return [system for system in ROWS.systems if system in failed and system.folder in SMALL]


def take_round(bench: Bench, system: System) -> dict[str, Any]:
    """Serve a system, and call it without large requests beside, and with them."""
    with bench.serve(system, ROWS.name) as large:
        small = one_row(bench, system, large)
        bench.pace.wait()
        alone = steady(bench, small)
        with repeated(bench, large) as starts:
            began = time.time()
            beside = steady(bench, small)
            ended = time.time()
    sent = sum(began <= start <= ended for start in starts)
    return {"alone": alone, "beside": beside, "large_a_second": sent / (ended - began)}


def one_row(bench: Bench, system: System, large: Target) -> Target:
    """Return where calls of one row go, once they are answered as they should be."""
    small = SMALL[system.folder]
    parts = urlsplit(large.url)
    message = bench.ask(system, LR, parts.port or 0, small.client)
    url = f"http://{parts.netloc}{small.path}"
    return replace(large, url=url, message=message, content_type=small.content_type)


def steady(bench: Bench, target: Target) -> dict[str, Any]:
    """Call at a steady rate from the load's cores; return the percentiles, and the errors."""
    seconds = bench.settings.seconds
    command = ["taskset", "--cpu-list", bench.settings.load_cores]
    command += [str(environments.tools() / "bin" / "python"), str(HERE / "steady.py")]
    command += [target.protocol, target.url, target.content_type, str(seconds), str(CALLS_A_SECOND)]
    try:
        done = subprocess.run(
            command,
            input=target.message,
            capture_output=True,
            check=True,
            timeout=seconds + PATIENCE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise LoadError(f"calls of one row had no end in {PATIENCE_SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").splitlines()
        raise LoadError(f"calls of one row: {lines[-1] if lines else 'no word'}") from None
    content = json.loads(done.stdout)
    if not content["times_ms"]:
        raise LoadError(f"no call of one row was answered: {content['errors']}")
    p50, p99 = load.percentiles(content["times_ms"])
    return {"p50_ms": p50, "p99_ms": p99, "errors": content["errors"]}


@contextmanager
def repeated(bench: Bench, target: Target) -> Iterator[list[float]]:
    """Send one large request after the other meanwhile.

    What is yielded has the times at which those began that were answered, once it has ended.
    """
    starts: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        options = [*target.options(1), ENDLESS]
        # Its client gives way to that of one row, as the server's part counts.
        command = ["nice", *load.command(target, options, bench.settings.load_cores, Path(folder))]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                yield starts
                if process.poll() is not None:
                    raise LoadError(f"the large requests ended with status {process.returncode}")
            finally:
                process.terminate()
        starts += [start for start, _ in load.read_records(Path(folder, "log"))]


def said(
    system: System, rounds: dict[System, list[dict[str, Any]]], failures: dict[System, str]
) -> str:
    """Return a line about the last round of a system."""
    if system in failures:
        return f"{system.title}: {failures[system]}"
    last = rounds[system][-1]
    p99 = (f"{last[when]['p99_ms']:.2f} ms {when}" for when in ("alone", "beside"))
    return f"{system.title:<36} p99 {', '.join(p99)}; {last['large_a_second']:.1f} large a second"


def summarize(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the medians of the rounds, all errors, and the rounds."""
    errors = [round_[when]["errors"] for round_ in rounds for when in ("alone", "beside")]
    return {
        **{
            when: {key: statistics.median(each[when][key] for each in rounds) for key in FIGURES}
            for when in ("alone", "beside")
        },
        "large_a_second": statistics.median(each["large_a_second"] for each in rounds),
        "errors": sum(map(Counter, errors), Counter()),
        "rounds": list(rounds),
    }
