"""Draws how cost grows; runs in an environment of its own.

python plot_growth.py RESULTS_JSON PLOT_PNG
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

Point = dict[str, Any]
STYLES: dict[str, dict[str, Any]] = {
    "grpc-ml-native": {"color": "#08519c", "marker": "o"},
    "grpc-ml-grpcio": {"color": "#6baed6", "marker": "o"},
    "echo-native": {"color": "#252525", "linestyle": "--"},
    "echo-grpcio": {"color": "#969696", "linestyle": "--"},
    "sink-native": {"color": "#252525", "linestyle": "--"},
    "sink-grpcio": {"color": "#969696", "linestyle": "--"},
    "memory-copy": {"color": "#d62728", "linestyle": ":"},
}
OTHERS = ("#e6550d", "#31a354")
# The first row: how much is done in a second, in the unit that grows.
WORK: dict[str, tuple[str, Callable[[Point], float]]] = {
    "in_flight": ("requests a second", lambda point: float(point["requests_per_second"])),
    "rows": ("rows a second", lambda point: float(point["requests_per_second"] * point["at"])),
    "bytes": ("MB a second", lambda point: point["requests_per_second"] * point["at"] / 1e6),
}


def main(results: Path, plot: Path) -> None:
    """Draw what is done in a second, CPU and the 99th percentile, a column a curve."""
    curves = json.loads(results.read_text())["growth"]["curves"]
    figure, axes = pyplot.subplots(
        3, len(curves), figsize=(6.5 * len(curves), 12), squeeze=False, layout="constrained"
    )
    for column, curve in enumerate(curves):
        label, work = WORK[curve["name"]]
        draw(axes[0, column], curve, label, work)
        draw(axes[1, column], curve, "server CPU in µs a request", lambda point: point["cpu_us"])
        draw(axes[2, column], curve, "99th percentile in ms", lambda point: point.get("p99_ms"))
        axes[0, column].set_title(curve["title"], fontsize=10)
        axes[0, column].legend(fontsize=8)
    figure.suptitle("How cost grows. Limits are dashed: the bare transport; and dotted: a copy")
    figure.savefig(plot, dpi=110)


def draw(axis: Any, curve: dict[str, Any], label: str, value: Callable[[Point], Any]) -> None:
    """Draw a line a system."""
    others = iter(OTHERS)
    for name, title in curve["titles"].items():
        points = [p for p in curve["points"] if p["system"] == name and value(p) is not None]
        style = STYLES.get(name) or {"color": next(others), "marker": "s"}
        axis.plot([p["at"] for p in points], [value(p) for p in points], label=title, **style)
    axis.set(xscale="log", yscale="log", xlabel=curve["unit"], ylabel=label)
    axis.grid(visible=True, color="#eeeeee")
    axis.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
