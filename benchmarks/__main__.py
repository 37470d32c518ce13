"""python -m benchmarks: the generated service beside its peers.

Bakes the default project, installs each peer in an environment of its own, checks the answers of
all with real clients, loads them in turn, and writes tables and a plot to benchmarks/results.
"""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markdown import Markdown

from . import environments, load, report, scaling
from .bench import Bench, Settings
from .systems import SYSTEMS, System

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
STEPS = ("systems", "encodings", "scaling")


def main() -> None:
    """Read the command line and take the steps it asks for."""
    arguments = parse()
    # So that whatever runs is stopped before this does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    console = Console(highlight=False)
    load.find_h2load()
    systems = choose(arguments.peers)
    folder = RESULTS if systems == SYSTEMS else RESULTS / "part"
    content = report.read(folder)
    settings = Settings(
        seconds=arguments.seconds,
        warm_up=arguments.warm_up,
        rounds=arguments.rounds,
        server_cores=arguments.server_cores,
        load_cores=arguments.load_cores,
    )
    bench = Bench(settings, console)
    if arguments.steps != ["encodings"]:
        console.rule("Install")
        bench.install(systems)
    if "systems" in arguments.steps:
        console.rule("Check and load")
        content["systems"] = bench.run()
    if "scaling" in arguments.steps:
        console.rule("Two workers")
        content["scaling"] = scaling.run(bench)
    if "encodings" in arguments.steps:
        console.rule("Encodings")
        content["encodings"] = measure_encodings(settings)
    report.write(folder, content)
    console.print(Markdown(report.markdown(content)))
    console.print(f"Written to {folder}")


def parse() -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    names = ", ".join(system.name for system in SYSTEMS)
    parser.add_argument(
        "--peers",
        default="",
        help=f"only these, with commas between; the generated service is always there: {names}",
    )
    parser.add_argument(
        "--steps",
        nargs="+",
        choices=STEPS,
        default=["systems", "encodings"],
        help="what to measure; the results of other steps are kept",
    )
    parser.add_argument("--seconds", type=float, default=4, help="length of a load")
    parser.add_argument("--warm-up", type=float, default=1, help="seconds before it counts")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each system")
    parser.add_argument("--server-cores", default="0", help="cores of the server")
    parser.add_argument("--load-cores", default="1", help="cores of the load")
    return parser.parse_args()


def choose(peers: str) -> Sequence[System]:
    """Return the systems that are asked for, and our own."""
    if not peers:
        return SYSTEMS
    wanted = {name.strip() for name in peers.split(",")}
    if unknown := wanted - {system.name for system in SYSTEMS}:
        sys.exit(f"benchmarks: there is no peer called {', '.join(sorted(unknown))}")
    return [
        system
        for system in SYSTEMS
        if system.name in wanted or system.folder == environments.GRPC_ML
    ]


def measure_encodings(settings: Settings) -> dict[str, Any]:
    """Return what encodings cost, measured in the generated project."""
    project = environments.bake()
    environments.add(project, HERE / "encodings.txt")
    command = ["taskset", "--cpu-list", settings.server_cores]
    command += [str(project / "bin" / "python"), str(HERE / "encodings.py")]
    return {"results": json.loads(environments.run(command))}


if __name__ == "__main__":
    main()
