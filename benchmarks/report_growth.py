"""Says in Markdown how cost grows."""

from collections.abc import Iterable
from typing import Any

from .tables import cell, on, table

FIGURES = {
    "requests_per_second": "Requests a second",
    "p99_ms": "99th percentile in ms",
    "cpu_us": "Server CPU in µs a request",
    "peak_mib": "Peak memory in MiB",
}


def growth(content: dict[str, Any]) -> Iterable[str]:
    """Say what each system does at each point of each curve."""
    settings = content["settings"]
    yield "## How cost grows"
    yield on(content)
    yield (
        f"Each point is one load of about {settings['seconds']:g} s after "
        f"{settings['warm_up']:g} s of warm-up. Rows and bytes grow with one request in flight. "
        "The limits are bare transports, which are sent the same bytes, and a copy in memory."
    )
    yield "![How cost grows](growth.png)"
    for curve in content["curves"]:
        yield f"### {curve['title']}"
        for key, said in FIGURES.items():
            yield f"{said}:"
            yield figures(curve, key)
        if curve["failures"]:
            yield "Not measured to the end:"
            failures = [(each["title"], each["reason"]) for each in curve["failures"]]
            yield table(("System", "Why"), failures)


def figures(curve: dict[str, Any], key: str) -> str:
    """Return the table of one figure: a line a system, a column a point."""
    # A copy in memory has not all figures.
    found = {(each["system"], each["at"]): each[key] for each in curve["points"] if key in each}
    points = sorted({at for _, at in found})
    return table(
        ("System", *(f"{at:,}" for at in points)),
        [
            (title, *(cell(found[name, at]) if (name, at) in found else "" for at in points))
            for name, title in curve["titles"].items()
        ],
    )
