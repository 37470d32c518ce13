"""What can be measured, step by step: what each step needs, and how it is taken."""

import json
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from . import costs, environments, fairness, growth, mixed, scaling
from .bench import Bench
from .curves import CURVES
from .payloads import PAYLOADS, ROWS, Payload
from .systems import GRPC_ML, SYSTEMS, System

HERE = Path(__file__).resolve().parent
OURS = tuple(system for system in SYSTEMS if system.folder == GRPC_ML)


@dataclass(frozen=True)
class Step:
    """One thing to measure.

    Attributes:
        title: What is said when it begins.
        take: Measures it with systems that are installed, and returns all that came of it.
        systems: What must be installed.
        default: Whether it is taken when none is named.
    """

    title: str
    take: Callable[[Bench], dict[str, Any]]
    systems: Sequence[System] = ()
    default: bool = False


def take_payload(payload: Payload, bench: Bench) -> dict[str, Any]:
    """Return what requests of one kind cost each system that takes them."""
    bench.prepare_files({payload.name: payload.file})
    content = bench.run([payload.name], payload.in_flight, costs.measure)
    return {"title": payload.title, "about": payload.about, **content}


def take_encodings(bench: Bench) -> dict[str, Any]:
    """Return what encodings cost, measured in the generated project."""
    project = environments.of(OURS[0]).env
    environments.add(project, HERE / "encodings.txt")
    command = ["taskset", "--cpu-list", bench.settings.server_cores]
    command += [str(project / "bin" / "python"), str(HERE / "encodings.py")]
    return {"results": json.loads(environments.run(command))}


def needed(names: Set[str], folders: Set[str]) -> list[System]:
    """Return the systems that these steps need, of those in these folders, each once."""
    systems = [system for name in STEPS if name in names for system in STEPS[name].systems]
    return [system for system in dict.fromkeys(systems) if system.folder in folders]


# In the order they are taken in.
STEPS = {
    "systems": Step("One row", Bench.run, SYSTEMS, default=True),
    **{
        name: Step(payload.title, partial(take_payload, payload), payload.systems, default=True)
        for name, payload in PAYLOADS.items()
    },
    "mixed": Step("One row beside 10,000", mixed.run, ROWS.systems, default=True),
    "encodings": Step("Encodings", take_encodings, default=True),
    "growth": Step("Growth", growth.run, [each for curve in CURVES for each in curve.systems]),
    "scaling": Step("Two workers", scaling.run, OURS),
    "fairness": Step("One row beside 200,000", fairness.run, OURS),
}
