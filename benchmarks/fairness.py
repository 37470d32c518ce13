"""How long callers of one row wait while another caller asks about many.

Callers of one row come at a steady rate, whether or not earlier ones are answered, as many callers
who know nothing of each other do. The large call comes from a process of its own, on a connection
of its own, and is repeated as soon as it is answered.
"""

import json
import select
import statistics
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import product
from typing import Any
from urllib.parse import urlsplit

from . import machine
from .bench import Bench, StartError, progress_bar
from .checks import CheckError
from .load import LoadError, percentiles
from .systems import GRPC_ML, LR, RF, System

ROWS = 200_000
# Enough for a 99th percentile in seconds, and little enough to leave any server idle for the most.
CALLS_A_SECOND = 200
FIGURES = ("p50_ms", "p99_ms")
# The longest that one large call, or what single ones are left at the end, may take.
PATIENCE_SECONDS = 180


def run(bench: Bench) -> dict[str, Any]:
    """Measure each transport with each model, and return all that came of it."""
    systems = [each for each in bench.installed if each.folder == GRPC_ML and LR in each.models]
    results = []
    with progress_bar(bench.console) as progress:
        pairs = list(product(systems, (LR, RF)))
        task = progress.add_task("", total=len(pairs) * bench.settings.rounds)
        for system, model in pairs:
            result: dict[str, Any] = {"system": system.title, "model": model}
            rounds: list[dict[str, Any]] = []
            try:
                for number in range(1, bench.settings.rounds + 1):
                    title = f"{system.title}, {model}, round {number}"
                    progress.update(task, description=title)
                    rounds.append(take_round(bench, system, model))
                    progress.advance(task)
                result |= summarize(rounds)
            except (StartError, CheckError, LoadError) as error:
                result["reason"] = str(error)
                bench.console.print(f"{system.title}, {model}: {error}", markup=False)
            results.append(result)
    return {
        "machine": machine.describe(),
        "noise": asdict(bench.pace.noise()),
        "rows": ROWS,
        "calls_a_second": CALLS_A_SECOND,
        "seconds": bench.settings.seconds,
        "rounds": bench.settings.rounds,
        "results": results,
    }


def take_round(bench: Bench, system: System, model: str) -> dict[str, Any]:
    """Serve a model, and call it without a large call beside, and with one."""
    slice_ = time_of_slice(bench, system, model)
    with bench.serve(system, model) as target:
        port = str(urlsplit(target.url).port)
        alone = single_calls(bench, system, port)
        with large_calls(bench, system, port) as large:
            beside = single_calls(bench, system, port)
    return {"alone": alone, "beside": beside, "large": large, "slice": slice_}


def time_of_slice(bench: Bench, system: System, model: str) -> dict[str, Any]:
    """Return how many rows a slice of a large call has, and how long the model takes for it."""
    script = bench.script(system, "slice.py", model=model)
    try:
        done = subprocess.run(
            **pinned(script, bench.settings.server_cores), capture_output=True, check=True
        )
    except subprocess.CalledProcessError as error:
        raise LoadError(f"time of a slice: {last_line(error.stderr)}") from None
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def single_calls(bench: Bench, system: System, port: str) -> dict[str, Any]:
    """Call with one row at a steady rate; return the percentiles, and the errors."""
    arguments = (port, str(bench.settings.seconds), str(CALLS_A_SECOND))
    command = pinned(bench.script(system, "single.py", *arguments), bench.settings.load_cores)
    try:
        done = subprocess.run(
            **command,
            capture_output=True,
            check=True,
            timeout=bench.settings.seconds + PATIENCE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise LoadError(f"calls of one row had no end in {PATIENCE_SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        raise LoadError(f"calls of one row: {last_line(error.stderr)}") from None
    content = json.loads(done.stdout)
    if not content["times_ms"]:
        raise LoadError(f"no call of one row was answered: {content['errors']}")
    p50, p99 = percentiles(content["times_ms"])
    return {"p50_ms": p50, "p99_ms": p99, "errors": content["errors"]}


@contextmanager
def large_calls(bench: Bench, system: System, port: str) -> Iterator[dict[str, Any]]:
    """Repeat a large call meanwhile; what is yielded has its times and errors once it has ended."""
    script = bench.script(system, "large.py", port, str(ROWS))
    command = pinned(script, bench.settings.load_cores)
    # Its client gives way to that of one row where they share a core: the server's part counts.
    command["args"] = ["nice", *command["args"]]
    pipe = subprocess.PIPE
    outcome: dict[str, Any] = {}
    with subprocess.Popen(**command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdout
        assert process.stderr
        try:
            if not select.select([process.stdout], [], [], PATIENCE_SECONDS)[0]:
                raise LoadError(f"a large call was not answered in {PATIENCE_SECONDS} s")
            if not process.stdout.readline():
                raise LoadError(f"large calls: {last_line(process.stderr.read())}")
            yield outcome
            output, errors = process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            raise LoadError(f"a large call was not answered in {PATIENCE_SECONDS} s") from None
        finally:
            process.kill()
    if process.returncode:
        raise LoadError(f"large calls: {last_line(errors)}")
    outcome |= json.loads(output)


def pinned(script: dict[str, Any], cores: str) -> dict[str, Any]:
    """Return how to run a script on some cores."""
    return {**script, "args": ["taskset", "--cpu-list", cores, *script["args"]]}


def last_line(output: bytes) -> str:
    """Return the last line of what a process printed."""
    return (output.decode(errors="replace").splitlines() or ["it printed nothing"])[-1]


def summarize(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the medians of the rounds, all errors, and the rounds."""
    singles = {
        when: {key: statistics.median(each[when][key] for each in rounds) for key in FIGURES}
        for when in ("alone", "beside")
    }
    seconds = [each for round_ in rounds for each in round_["large"]["seconds"]]
    errors = [round_[who]["errors"] for round_ in rounds for who in ("alone", "beside", "large")]
    return {
        **singles,
        "slice_rows": rounds[0]["slice"]["rows"],
        "slice_ms": statistics.median(each["slice"]["ms"] for each in rounds),
        "large_seconds": statistics.median(seconds) if seconds else None,
        "errors": sum(map(Counter, errors), Counter()),
        "rounds": rounds,
    }
