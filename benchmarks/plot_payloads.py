"""Draws what large requests cost; runs in an environment of its own.

python plot_payloads.py RESULTS_JSON PLOT_PNG
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

PAYLOADS = ("tensor", "jpeg", "batch")
OURS, LIMIT, THEIRS = "#08519c", "#bdbdbd", "#6baed6"


def main(results: Path, plot: Path) -> None:
    """Draw requests a second and processor time, a column a payload."""
    content = json.loads(results.read_text())
    names = [name for name in PAYLOADS if name in content and content[name]["results"]]
    if not names:
        return
    figure, axes = pyplot.subplots(
        2, len(names), figsize=(6.5 * len(names), 8), squeeze=False, layout="constrained"
    )
    for column, name in enumerate(names):
        of_name = content[name]
        titles = {system["name"]: system["title"] for system in of_name["systems"]}
        most = max(result["in_flight"] for result in of_name["results"])
        found = [result for result in of_name["results"] if result["in_flight"] == most]
        found.sort(key=lambda result: result["requests_per_second"])
        bars(axes[0, column], found, titles, "requests_per_second")
        axes[0, column].set(title=f"{of_name['title']}, {most} in flight")
        axes[0, column].set(xlabel="requests a second, logarithmic (more is better)")
        bars(axes[1, column], found, titles, "cpu_us")
        axes[1, column].set(xlabel="server CPU in µs a request, logarithmic (less is better)")
    figure.suptitle("One server core, one load core; bare transports in grey")
    figure.savefig(plot, dpi=110)


def bars(axis: Any, found: list[dict[str, Any]], titles: dict[str, str], key: str) -> None:
    """Draw a bar a system."""
    colors = [color_of(result["system"]) for result in found]
    drawn = axis.barh(range(len(found)), [result[key] for result in found], color=colors)
    axis.bar_label(drawn, fmt="{:,.0f}", fontsize=7, padding=2)
    axis.set_yticks(range(len(found)), [titles[result["system"]] for result in found])
    axis.set_xscale("log")
    axis.margins(x=0.12)
    axis.spines[["top", "right"]].set_visible(False)


def color_of(name: str) -> str:
    """Return the color of a system."""
    if name.startswith("grpc-ml"):
        return OURS
    return LIMIT if name.startswith(("echo", "sink")) else THEIRS


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
