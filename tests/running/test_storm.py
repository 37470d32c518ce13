"""Every caller gets its own answer, whatever becomes of the calls of others."""

import multiprocessing
import os
import shutil
import signal
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, wait
from pathlib import Path

import pytest
from baking import HELPERS, bake, compile_stubs
from calling import PATH
from serving import Service, needs_proc
from storm import storm

pytestmark = [pytest.mark.deep, needs_proc]

CONNECTIONS = 4
RELOAD_SECONDS = 0.5
# Longest storm; two million calls take some three minutes on a quiet machine.
MOST_SECONDS = 1500


@pytest.mark.parametrize(
    ("transport", "workers", "calls"),
    [
        ("native", 1, 2_000_000),
        ("native", 2, 2_000_000),
        ("grpcio", 1, 2_000_000),
        ("asyncio", 1, 200_000),
    ],
)
def test_each_call_of_a_storm_has_its_own_answer(
    tmp_path: Path, transport: str, workers: int, calls: int
) -> None:
    project = bake(tmp_path, inputs="x: double", outputs="y: double")
    compile_stubs(project)
    shutil.copyfile(HELPERS / "storm_model.py", project / "src" / "iris_classifier" / "model.py")
    version = tmp_path / "version"
    version.write_text("1")
    variables = {
        "SERVER_TRANSPORT": transport,
        "SERVER_WORKERS": workers,
        "STORM_VERSION": version,
    }
    with Service(project, tmp_path / "log", variables=variables) as service:
        outcomes, faults, reloads = ride_out(service, version, calls)
    print(f"{dict(sorted(outcomes.items()))}, {reloads} reloads")
    assert not faults, f"{len(faults)} are wrong, among them {faults[:5]}"
    assert outcomes.total() == calls
    kinds = {outcome.split(":")[0] for outcome in outcomes}
    assert kinds == {"plain", "cancelled", "expiring", "poison"}
    assert reloads > 1


def ride_out(service: Service, version: Path, calls: int) -> tuple[Counter[str], list[str], int]:
    """Make so many calls over some connections while the model is exchanged again and again."""
    spawn = multiprocessing.get_context("spawn")
    reloads = 0
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        each = calls // CONNECTIONS
        storms = [
            pool.submit(storm, service.address, PATH, each, seed) for seed in range(CONNECTIONS)
        ]
        end = time.monotonic() + MOST_SECONDS
        while not all(each.done() for each in storms):
            assert time.monotonic() < end, f"waited {MOST_SECONDS} s in vain for the calls to end"
            wait(storms, timeout=RELOAD_SECONDS)
            reloads += 1
            version.write_text(str(1 + reloads))
            os.kill(service.pid, signal.SIGHUP)
        results = [each.result() for each in storms]
    outcomes = sum((counts for counts, _ in results), Counter[str]())
    return outcomes, [fault for _, faults in results for fault in faults], reloads
