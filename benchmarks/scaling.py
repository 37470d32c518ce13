"""The generated service with one worker and with two, on two cores.

The load has a core of its own where there is a third; else it shares them with the server, and
the figures say more of their ratio than of themselves.
"""

import os
from dataclasses import asdict, replace
from itertools import product
from typing import Any

from .bench import Bench, StartError
from .checks import CheckError
from .environments import GRPC_ML
from .load import LoadError
from .processes import descendants
from .systems import LR, RF, System

SERVER_CORES = "0-1"
IN_FLIGHT = 64
# Workers share the connections, so there must be many for each to get its part.
CONNECTIONS = 32


def run(bench: Bench) -> dict[str, Any]:
    """Load each transport with each number of workers."""
    load_cores = "2" if (os.cpu_count() or 1) > 2 else SERVER_CORES
    results = []
    for system in bench.installed:
        if system.folder == GRPC_ML:
            for model, workers in product((LR, RF), (1, 2)):
                result = {"system": system.title, "model": model, "workers": workers}
                result |= measured(bench, system, model, workers, load_cores)
                bench.console.print(*result.values(), soft_wrap=True)
                results.append(result)
    return {"server_cores": SERVER_CORES, "load_cores": load_cores, "results": results}


def measured(
    bench: Bench, system: System, model: str, workers: int, load_cores: str
) -> dict[str, Any]:
    """Return what a load measured, or the reason why there was none."""
    try:
        variables = {"SERVER_WORKERS": str(workers)}
        with bench.serve(system, model, SERVER_CORES, variables) as target:
            if len(descendants(os.getpid())) < workers:
                raise StartError(f"SERVER_WORKERS={workers} started one process")
            target = replace(target, connections=CONNECTIONS)
            return asdict(bench.load(target, IN_FLIGHT, load_cores))
    except (StartError, CheckError, LoadError) as error:
        return {"reason": str(error)}
