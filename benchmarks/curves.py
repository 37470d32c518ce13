"""What grows: how many requests are in flight, how many rows or bytes each has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from .payloads import OF_NAME, ROWS, TENSORS, VECTOR, ours
from .systems import TRANSPORTS, System

# The default is 64 MiB with what goes around it, and the service keeps several copies.
ROOM = {"SERVER_MAX_MESSAGE_BYTES": str(2**27), "SERVER_MAX_IN_FLIGHT_BYTES": str(2**30)}
VALUES = "values"


@dataclass(frozen=True)
class Curve:
    """One thing that grows.

    Attributes:
        name: Short, for the results.
        title: What the report calls it.
        unit: What the points count.
        points: How many, from few to many.
        systems: What is measured; the bare transports are its limits.
        file: What payload_files.py calls the content at a point, with the point for the braces;
            empty where each request is one row, and the points are how many are in flight.
        last: The last point of systems that take too long at the next.
        copies: Whether a copy in memory is a limit, too.
    """

    name: str
    title: str
    unit: str
    points: Sequence[int]
    systems: Sequence[System]
    file: str = ""
    last: Mapping[str, int] = field(default_factory=dict)
    copies: bool = False

    def points_of(self, system: System) -> list[int]:
        """Return the points at which a system is measured."""
        last = self.last.get(system.name, self.points[-1])
        return [point for point in self.points if point <= last]


def of_payload(systems: Sequence[System], *names: str) -> list[System]:
    """Return some of a payload's systems."""
    return [system for system in systems if system.name in names]


def vector(transport: str) -> System:
    """Return the project that takes as many values as there are."""
    system = ours(transport, VECTOR, VALUES)
    return replace(
        system,
        environment={**system.environment, **ROOM},
        configuration=f"{system.configuration}, {', '.join(f'{k}={v}' for k, v in ROOM.items())}",
    )


OURS = [f"grpc-ml-{transport}" for transport in TRANSPORTS]
ECHOES = [f"echo-{transport}" for transport in TRANSPORTS]
SINKS = [f"sink-{transport}" for transport in TRANSPORTS]

CURVES = (
    Curve(
        name="in_flight",
        title="Requests in flight, of one row for the logistic regression",
        unit="in flight",
        points=(1, 4, 16, 64, 256, 1024),
        systems=[OF_NAME[name] for name in (*OURS, *ECHOES, "mosec", "fastapi")],
    ),
    Curve(
        name="rows",
        title="Rows a request, for the logistic regression",
        unit="rows",
        points=(1, 10, 100, 1_000, 10_000, 100_000),
        systems=of_payload(ROWS.systems, *OURS, *ECHOES, "fastapi-rows-json", "fastapi-rows-numpy"),
        file="rows-{}",
    ),
    Curve(
        name="bytes",
        title="Bytes a request, of float32 whose largest is the answer",
        unit="bytes",
        points=(1_000, 10_000, 100_000, 1_000_000, 10_000_000, 64_000_000),
        systems=[
            *map(vector, TRANSPORTS),
            *of_payload(TENSORS.systems, *SINKS, "fastapi-tensor-json", "fastapi-tensor-numpy"),
        ],
        file="values-{}",
        last={"fastapi-tensor-json": 1_000_000},
        copies=True,
    ),
)
