"""How reports say things: figures, tables, and what a run was measured on."""

from collections.abc import Iterable, Sequence
from typing import Any

from .pace import STEADY


def on(content: dict[str, Any]) -> str:
    """Say what machine it was, and how noisy."""
    machine = content["machine"]
    said = (
        f"{machine['date']}; {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB; {machine['system']}; {machine['h2load']}."
    )
    # Results of runs before noise was measured are kept until their step is taken again.
    return f"{said} {noisy(content['noise'])}" if "noise" in content else said


def noisy(noise: dict[str, float]) -> str:
    """Say how noisy the machine was."""
    return (
        f"Noise: the same work took {noise['slowness']:.2f} times its best at the median and "
        f"{noise['worst_slowness']:.2f} times at the 95th percentile, {noise['unsteady']:.0%} of "
        f"timings were above {STEADY} times; others on this machine kept {noise['others']:.2f} "
        f"cores busy, and other machines took {noise['stolen']:.1%} of the processors' time."
    )


def cell(value: float | str) -> str:
    """Return a figure with as many digits as it is worth."""
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def times(value: float) -> str:
    """Return a ratio."""
    return f"{cell(value)}x"


def table(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; what is not text is to the right."""
    rows = [[text.replace("|", r"\|") for text in line] for line in lines]
    numeric = [
        bool(rows) and all(row[i][:1].isdigit() or not row[i] for row in rows)
        for i in range(len(header))
    ]
    rule = ["---:" if right else "---" for right in numeric]
    return "\n".join(f"| {' | '.join(line)} |" for line in [header, rule, *rows])
