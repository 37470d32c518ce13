"""python -m benchmarks: the generated service beside its peers, or beside itself at another commit.

Bakes the generated projects, installs each peer in an environment of its own, checks the answers of
all with real clients, loads them in turn, and writes tables and plots to benchmarks/results.
With --before it does so for this tree and another commit's.
"""

import argparse
import signal
import sys
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from . import comparison, environments, load, pairs, report, trees
from .bench import Bench, Settings
from .steps import STEPS, needed
from .systems import GRPC_ML, SYSTEMS

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
PART = RESULTS / "part"
PEERS = {"seconds": 4.0, "warm_up": 1.0, "rounds": 3}
# Short loads keep the two trees' turns close together; a round has four of them.
COMPARISON = {"seconds": 1.5, "warm_up": 0.5, "rounds": 9}
FAILURES = (comparison.ComparisonError, environments.InstallError, load.LoadError, trees.TreeError)


def main() -> None:
    """Read the command line and take the steps it asks for."""
    arguments = parse()
    # So that whatever runs is stopped before this does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    console = Console(highlight=False)
    load.find_h2load()
    if arguments.before:
        sys.exit(compare(arguments, console))
    measure(arguments, console)


def measure(arguments: argparse.Namespace, console: Console) -> None:
    """Measure the generated service and its peers, and write the results."""
    folders = choose(arguments.peers)
    folder = PART if arguments.peers else RESULTS
    content = report.read(folder)
    bench = Bench(settings_of(arguments), console)
    names = arguments.steps or [name for name, step in STEPS.items() if step.default]
    systems = needed(set(names), folders)
    if systems:
        console.rule("Install")
        bench.install(systems)
    for name, step in STEPS.items():
        if name in names:
            console.rule(step.title)
            content[name] = step.take(bench)
            # So that a step that fails loses none before it.
            report.write(folder, content)
    console.print(Markdown(report.markdown(content)))
    console.print(f"Written to {folder}")


def compare(arguments: argparse.Namespace, console: Console) -> int:
    """Measure this tree beside another commit; return 1 if a bound is missed, 2 on failure."""
    bench = Bench(settings_of(arguments), console)
    transports = arguments.transports or ["native"]
    try:
        content = comparison.run(bench, arguments.before, transports, arguments.at_least or {})
        report.write_comparison(PART, content)
    except FAILURES as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    print(report.comparison(content))
    print(f"Written to {PART}/comparison.md, .json and .png")
    return int(any(result["verdict"] == pairs.MISSED for result in content["results"]))


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Return how to measure: as the command line says, or as is best for what is measured."""
    given = vars(arguments)
    defaults = COMPARISON if arguments.before else PEERS
    chosen = {name: given[name] for name in defaults if given[name] is not None}
    return Settings(
        **{**defaults, **chosen},
        server_cores=arguments.server_cores,
        load_cores=arguments.load_cores,
    )


def parse() -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    names = ", ".join(system.name for system in SYSTEMS)
    parser.add_argument("--seconds", type=float, help=f"length of a load ({default('seconds')})")
    parser.add_argument(
        "--warm-up", type=float, help=f"seconds before it counts ({default('warm_up')})"
    )
    parser.add_argument("--rounds", type=int, help=f"turns of each system ({default('rounds')})")
    parser.add_argument("--server-cores", default="0", help="cores of the server (0)")
    parser.add_argument("--load-cores", default="1", help="cores of the load (1)")
    peers = parser.add_argument_group("beside peers")
    peers.add_argument(
        "--peers",
        default="",
        help=f"only these, with commas between; the generated service is always there: {names}",
    )
    peers.add_argument(
        "--steps",
        nargs="+",
        choices=STEPS,
        help=f"what to measure ({', '.join(name for name, step in STEPS.items() if step.default)}); "
        "the results of other steps are kept",
    )
    commit = parser.add_argument_group("beside another commit")
    commit.add_argument("--before", metavar="REF", help="the commit to compare this tree with")
    commit.add_argument(
        "--transports", nargs="+", choices=comparison.TRANSPORTS, help="on which (native)"
    )
    commit.add_argument(
        "--at-least",
        type=bounds,
        metavar="RATIO",
        help="what part of the commit's requests a second this tree should reach; exit with 1 if "
        "one is missed. 0.95 is for all loads; 0.95,lr-1=0.88 has another one for one of "
        + ", ".join(comparison.MEASURES),
    )
    arguments = parser.parse_args()
    if arguments.before and (arguments.peers or arguments.steps):
        parser.error("--before goes without --peers and --steps")
    if not arguments.before and (arguments.transports or arguments.at_least):
        parser.error("--transports and --at-least go with --before")
    return arguments


def default(name: str) -> str:
    """Return the defaults of a setting, for the help."""
    return f"{PEERS[name]:g}, with --before {COMPARISON[name]:g}"


def bounds(text: str) -> dict[str, float]:
    """Return the bound of each measure that has one: RATIO is that of all, NAME=RATIO of one."""
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = part.strip().rpartition("=")
        if name and name not in comparison.MEASURES:
            known = ", ".join(comparison.MEASURES)
            raise argparse.ArgumentTypeError(f"there is no load called {name}; there are {known}")
        try:
            bound = float(value)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{part} is no ratio like 0.95 or lr-1=0.88") from None
        names = [name] if name else [each for each in comparison.MEASURES if each not in found]
        found |= dict.fromkeys(names, bound)
    return found


def choose(peers: str) -> set[str]:
    """Return the folders of the systems that are asked for, and of our own."""
    folders = {system.name: system.folder for system in SYSTEMS}
    wanted = {name.strip() for name in peers.split(",")} if peers else set(folders)
    if unknown := wanted - set(folders):
        sys.exit(f"benchmarks: there is no peer called {', '.join(sorted(unknown))}")
    return {GRPC_ML, *(folders[name] for name in wanted)}


if __name__ == "__main__":
    main()
