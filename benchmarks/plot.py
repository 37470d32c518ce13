"""Draws the results; runs in an environment of its own.

python plot.py RESULTS_JSON PLOT_PNG
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

MODELS = {"lr": "Logistic regression", "rf": "Random forest of 100 trees"}
COLORS = {64: "#08519c", 8: "#6baed6", 1: "#c6dbef"}
OURS, THEIRS = "#08519c", "black"
HEIGHT = 0.27


def main(results: Path, plot: Path) -> None:
    """Draw requests a second and the 99th percentile, a column a model."""
    content = json.loads(results.read_text())["systems"]
    titles = {system["name"]: system["title"] for system in content["systems"]}
    models = [m for m in MODELS if any(result["model"] == m for result in content["results"])]
    if not models:
        return
    figure, axes = pyplot.subplots(
        2, len(models), figsize=(6.5 * len(models), 11), squeeze=False, layout="constrained"
    )
    for column, model in enumerate(models):
        of_model = [result for result in content["results"] if result["model"] == model]
        bars(axes[0, column], of_model, titles, "requests_per_second")
        axes[0, column].set(title=MODELS[model], xlabel="requests a second (more is better)")
        bars(axes[1, column], of_model, titles, "p99_ms")
        axes[1, column].set(xlabel="99th percentile in ms, logarithmic (less is better)")
        axes[1, column].set(xscale="log", xlim=(0.1, None))
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(COLORS))
    figure.suptitle("One server core, one load core; 64, 8 and 1 requests in flight")
    figure.savefig(plot, dpi=110)


def bars(axis: Any, results: list[dict[str, Any]], titles: dict[str, str], key: str) -> None:
    """Draw a bar a system and number of requests in flight; the fastest system is on top."""
    rates = {r["system"]: r["requests_per_second"] for r in results if r["in_flight"] == 64}
    order = sorted(rates, key=rates.__getitem__)
    for place, in_flight in enumerate(COLORS):
        values = {r["system"]: r[key] for r in results if r["in_flight"] == in_flight}
        positions = [row + HEIGHT * (1 - place) for row in range(len(order))]
        drawn = axis.barh(
            positions,
            [values.get(name, 0) for name in order],
            HEIGHT,
            color=COLORS[in_flight],
            label=f"{in_flight} in flight",
        )
        axis.bar_label(drawn, fmt=figure_of, fontsize=7, padding=2)
    axis.set_yticks(range(len(order)), [titles[name] for name in order])
    for label, name in zip(axis.get_yticklabels(), order, strict=True):
        label.set(color=OURS if name.startswith("grpc-ml") else THEIRS)
        label.set_fontweight("bold" if name.startswith("grpc-ml") else "normal")
    axis.margins(x=0.12)
    axis.spines[["top", "right"]].set_visible(False)


def figure_of(value: float) -> str:
    """Return a figure with as many digits as it is worth."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
