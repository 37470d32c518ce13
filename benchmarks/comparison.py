"""This tree beside another commit: both are served at the same time, and loaded in turn.

So what slows the machine down for a while slows both of them down, and their ratio stays.
"""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

from . import environments, machine, trees
from .bench import Bench, StartError, progress_bar
from .checks import CheckError
from .environments import Installation
from .load import Load, Target, measure, medians
from .pairs import AFTER, BEFORE, TURNS, interval, ratio
from .systems import GRPC_ML, LR, RF, SYSTEMS

# How many requests are in flight with each model.
IN_FLIGHT = {LR: (64, 8, 1), RF: (64,)}
TRANSPORTS = {
    system.environment["SERVER_TRANSPORT"]: system for system in SYSTEMS if system.folder == GRPC_ML
}
MEASURES = tuple(f"{model}-{number}" for model, numbers in IN_FLIGHT.items() for number in numbers)


class ComparisonError(Exception):
    """Says in one line why the trees cannot be compared."""


@dataclass(frozen=True)
class Case:
    """One thing that is measured of both trees."""

    transport: str
    model: str
    in_flight: int

    @property
    def name(self) -> str:
        """What a bound calls it; the same on every transport."""
        return f"{self.model}-{self.in_flight}"


# The loads of each tree in a round.
Round = dict[str, list[Load]]


def run(
    bench: Bench, ref: str, transports: Sequence[str], bounds: Mapping[str, float]
) -> dict[str, Any]:
    """Measure the working tree beside a commit, and return all that came of it.

    Args:
        bench: How to measure.
        ref: The commit.
        transports: On which transports.
        bounds: What part of the commit's requests a second a measure should reach at least.
    """
    with trees.of_commit(ref) as other:
        bench.prepare()
        both = {BEFORE: other, AFTER: trees.working()}
        installed: dict[str, Installation] = {}
        for name, tree in both.items():
            bench.console.print(f"{name}: {tree.description}", markup=False)
            installed[name] = environments.bake(tree.folder)
        rounds = take_turns(bench, installed, transports)
    return {
        "machine": machine.describe(),
        "noise": asdict(bench.pace.noise()),
        "settings": asdict(bench.settings),
        "trees": {name: tree.description for name, tree in both.items()},
        "versions": {name: environments.versions(each.env) for name, each in installed.items()},
        "results": [summarize(each, rounds[each], bounds.get(each.name)) for each in rounds],
    }


def take_turns(
    bench: Bench, installed: Mapping[str, Installation], transports: Sequence[str]
) -> dict[Case, list[Round]]:
    """Load both trees on each transport with each model, round after round."""
    rounds: dict[Case, list[Round]] = {}
    numbers = range(1, bench.settings.rounds + 1)
    with progress_bar(bench.console) as progress:
        task = progress.add_task("", total=len(transports) * len(MEASURES) * len(numbers))
        for transport, model in product(transports, IN_FLIGHT):
            progress.update(task, description=f"start {transport}, {model}")
            with serve_both(bench, installed, transport, model) as targets:
                for number, in_flight in product(numbers, IN_FLIGHT[model]):
                    progress.update(task, description=f"{transport}, {model}, round {number}")
                    case = Case(transport, model, in_flight)
                    rounds.setdefault(case, []).append(take_round(bench, targets, in_flight))
                    progress.advance(task)
    return rounds


@contextmanager
def serve_both(
    bench: Bench, installed: Mapping[str, Installation], transport: str, model: str
) -> Iterator[dict[str, Target]]:
    """Serve both trees at the same time, and stop both after."""
    with ExitStack() as stack:
        targets = {}
        for name, each in installed.items():
            system = replace(TRANSPORTS[transport])
            bench.installed[system] = each
            try:
                targets[name] = stack.enter_context(bench.serve(system, model))
            except (StartError, CheckError) as error:
                raise ComparisonError(f"{name}, {transport}, {model}: {error}") from None
        yield targets


def take_round(bench: Bench, targets: Mapping[str, Target], in_flight: int) -> Round:
    """Load both trees in turn, each twice."""
    settings = bench.settings
    bench.pace.wait()
    loads: Round = {name: [] for name in targets}
    for name in TURNS:
        load = measure(
            targets[name], in_flight, settings.seconds, settings.warm_up, settings.load_cores
        )
        loads[name].append(load)
    return loads


def summarize(case: Case, rounds: Sequence[Round], bound: float | None) -> dict[str, Any]:
    """Return how the trees compare in one case, and the rounds that tell it."""
    ratios = [
        ratio(*([load.requests_per_second for load in loads[name]] for name in (BEFORE, AFTER)))
        for loads in rounds
    ]
    found = interval(ratios)
    return {
        **asdict(case),
        "ratio": statistics.median(ratios),
        "interval": found._asdict(),
        "bound": bound,
        "verdict": None if bound is None else found.verdict(bound),
        "ratios": ratios,
        **{name: medians([load for loads in rounds for load in loads[name]]) for name in TURNS},
        "rounds": [
            {name: [asdict(load) for load in each] for name, each in loads.items()}
            for loads in rounds
        ],
    }
