"""The generated service with one worker and with two, on two cores.

The load has a core of its own where there is a third; else it shares the server's. It takes up a
quarter of a core with one row a request, and hardly any of it with 256.
"""

import base64
import os
import subprocess
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

from .bench import Bench, StartError
from .checks import CheckError
from .load import Load, LoadError, Target, medians
from .processes import descendants
from .systems import GRPC_ML, LR, RF, System

SERVER_CORES = "0-1"
WORKERS = (1, 2)
# Workers share the connections, so there must be many for each to get its part.
CONNECTIONS = 32


@dataclass(frozen=True)
class Requests:
    """What is asked, and how many of it are in flight for each worker."""

    rows: int
    in_flight: int


ONE_ROW, MANY_ROWS = Requests(rows=1, in_flight=64), Requests(rows=256, in_flight=16)


def run(bench: Bench) -> dict[str, Any]:
    """Load each transport with one and with two workers, in turn."""
    load_cores = "2" if (os.cpu_count() or 1) > 2 else SERVER_CORES
    systems = [each for each in bench.installed if each.folder == GRPC_ML and LR in each.models]
    results = []
    for system, model, requests in product(systems, (LR, RF), (ONE_ROW, MANY_ROWS)):
        result = {"system": system.title, "model": model, **asdict(requests)}
        try:
            result["workers"] = measured(bench, system, model, requests, load_cores)
            rates = "  ".join(f"{load['requests_per_second']:>8,.0f}" for load in result["workers"])
            said = f"{rates}  requests/s"
        except (StartError, CheckError, LoadError) as error:
            said = result["reason"] = str(error)
        bench.console.print(f"{system.title:<20} {model} {requests.rows:>4} rows {said}")
        results.append(result)
    return {
        "noise": asdict(bench.pace.noise()),
        "server_cores": SERVER_CORES,
        "load_cores": load_cores,
        "results": results,
    }


def measured(
    bench: Bench, system: System, model: str, requests: Requests, load_cores: str
) -> list[dict[str, float]]:
    """Return the medians of the loads of one worker and of two, which take turns."""
    with ExitStack() as stack:
        targets = []
        for workers in WORKERS:
            before = len(descendants(os.getpid()))
            variables = {"SERVER_WORKERS": str(workers)}
            target = stack.enter_context(bench.serve(system, model, SERVER_CORES, variables))
            if len(descendants(os.getpid())) - before < workers:
                raise StartError(f"SERVER_WORKERS={workers} started one process")
            targets.append(asking(bench, system, target, requests))
        loads: list[list[Load]] = [[] for _ in WORKERS]
        for _ in range(bench.settings.rounds):
            for workers, target, turns in zip(WORKERS, targets, loads, strict=True):
                turns.append(bench.load(target, workers * requests.in_flight, load_cores))
    return [medians(turns) for turns in loads]


def asking(bench: Bench, system: System, target: Target, requests: Requests) -> Target:
    """Return where to send such requests."""
    target = replace(target, connections=CONNECTIONS)
    if requests.rows == 1:
        return target
    script = bench.script(system, "batch.py", str(bench.answers_file), str(requests.rows))
    printed = subprocess.run(**script, capture_output=True, check=True).stdout
    url = target.url.replace("/Predict", "/BatchPredict")
    return replace(target, url=url, message=base64.b64decode(printed))
