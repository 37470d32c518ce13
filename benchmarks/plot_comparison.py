"""Draws how two trees compare; runs in an environment of its own.

python plot_comparison.py COMPARISON_JSON PLOT_PNG
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

ROUNDS, MEDIAN, BOUND = "#6baed6", "#08519c", "#d62728"


def main(results: Path, plot: Path) -> None:
    """Draw the ratio of each load: the rounds, and the median with its interval."""
    content = json.loads(results.read_text())
    found = content["results"]
    figure, axis = pyplot.subplots(figsize=(9, 1.5 + 0.55 * len(found)), layout="constrained")
    for row, result in enumerate(found):
        draw(axis, row, result)
    titles = [f"{r['transport']}, {r['model']}, {r['in_flight']} in flight" for r in found]
    axis.set_yticks(range(len(found)), titles)
    axis.invert_yaxis()
    axis.axvline(1, color="black", linewidth=0.8)
    axis.set_xlabel("requests a second, after to before")
    axis.spines[["top", "right"]].set_visible(False)
    handles = dict(zip(*reversed(axis.get_legend_handles_labels()), strict=True))
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=len(handles))
    trees = content["trees"]
    figure.suptitle(f"Before: {trees['before']}\nAfter: {trees['after']}", fontsize=9, wrap=True)
    figure.savefig(plot, dpi=110)


def draw(axis: Any, row: int, result: dict[str, Any]) -> None:
    """Draw one load."""
    ratio, interval = result["ratio"], result["interval"]
    around = [[ratio - interval["low"]], [interval["high"] - ratio]]
    axis.plot(result["ratios"], [row] * len(result["ratios"]), "|", color=ROUNDS, label="rounds")
    axis.errorbar(
        [ratio], [row], xerr=around, fmt="o", color=MEDIAN, capsize=4, label="median, interval"
    )
    if result["bound"] is not None:
        axis.plot([result["bound"]], [row], "D", color=BOUND, markersize=5, label="at least")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
