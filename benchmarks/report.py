"""Writes the results: JSON with all there is, Markdown tables, and a plot."""

import json
from collections.abc import Iterable, Set
from pathlib import Path
from typing import Any

from . import environments, report_growth, report_payloads
from .payloads import PAYLOADS
from .systems import MODELS, NOOP
from .tables import cell, noisy, on, table, times

HERE = Path(__file__).resolve().parent
HEADER: tuple[str, ...] = ("64 in flight: requests/s", "p50 ms", "p99 ms")
HEADER += ("8 in flight: requests/s", "p50 ms", "p99 ms")
HEADER += ("1 in flight: requests/s", "p50 ms", "p99 ms")
COLUMNS = (64, 8, 1)
# What draws each plot, and the steps whose results are in it.
PLOTS: dict[str, tuple[str, Set[str]]] = {
    "throughput.png": ("plot.py", {"systems"}),
    "payloads.png": ("plot_payloads.py", PAYLOADS.keys()),
    "growth.png": ("plot_growth.py", {"growth"}),
}
ECHOES = ("echo-native", "echo-grpcio")
# Those that most of a call's time is spent in.
LIBRARIES = ("grpcio", "pygrpc-native", "protobuf", "numpy", "scikit-learn", "uvloop")


def read(folder: Path) -> dict[str, Any]:
    """Return the results of an earlier run, whose steps are kept until they are taken again."""
    file = folder / "results.json"
    return dict(json.loads(file.read_text())) if file.exists() else {}


def write(folder: Path, content: dict[str, Any]) -> None:
    """Write the results."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "results.json"
    file.write_text(json.dumps(content, indent=1) + "\n")
    (folder / "results.md").write_text(markdown(content))
    for plot, (script, steps) in PLOTS.items():
        if content.keys() & steps:
            draw(script, file, folder / plot)


def draw(script: str, results: Path, plot: Path) -> None:
    """Draw results by one of the scripts."""
    python = str(environments.tools() / "bin" / "python")
    environments.run([python, str(HERE / script), str(results), str(plot)])


def write_comparison(folder: Path, content: dict[str, Any]) -> None:
    """Write what `--before` measured."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "comparison.json"
    file.write_text(json.dumps(content, indent=1) + "\n")
    (folder / "comparison.md").write_text(comparison(content))
    draw("plot_comparison.py", file, folder / "comparison.png")


def markdown(content: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    parts = ["# Benchmark results", "Written by `make bench`; do not edit."]
    if "systems" in content:
        parts += systems(content["systems"])
    found = [content[name] for name in PAYLOADS if name in content]
    if found:
        parts.append("![Requests a second and CPU, of large requests](payloads.png)")
    for payload in found:
        parts += report_payloads.payload(payload)
    if "mixed" in content:
        parts += report_payloads.mixed(content["mixed"])
    if "growth" in content:
        parts += report_growth.growth(content["growth"])
    if "scaling" in content:
        parts += scaling(content["scaling"])
    if "fairness" in content:
        parts += fairness(content["fairness"])
    if "encodings" in content:
        parts += encodings(content["encodings"])
    return "\n\n".join(parts) + "\n"


def systems(content: dict[str, Any]) -> Iterable[str]:
    """Say how fast each system is with each model."""
    settings = content["settings"]
    titles = {system["name"]: system["title"] for system in content["systems"]}
    protocols = {system["name"]: system["protocol"] for system in content["systems"]}
    yield on(content)
    yield (
        f"Server on core {settings['server_cores']}, load (h2load) on core "
        f"{settings['load_cores']}; {settings['seconds']:g} s after "
        f"{settings['warm_up']:g} s of warm-up; medians of {settings['rounds']} rounds, in which "
        "the systems take turns. A load was repeated when others slowed the machine down. Every "
        "request is one row; every system's answers to 150 rows were compared with scikit-learn's "
        "before. Over gRPC requests share up to 8 connections; over HTTP/1.1 each in flight has "
        "its own."
    )
    if any(result["model"] != NOOP for result in content["results"]):
        yield "![Requests a second, and the 99th percentile](throughput.png)"
    for model, title in MODELS.items():
        rates = rows_of(content, model)
        if rates:
            yield f"## {title}"
            lines = [
                (titles[name], protocols[name], *figures)
                for name, figures in sorted(rates.items(), key=lambda item: -item[1][0])
            ]
            yield table(("System", "Protocol", *HEADER), [tuple(map(cell, line)) for line in lines])
        if model == NOOP:
            yield from shares(rates)
        elif rates:
            echoes = rows_of(content, NOOP)
            yield from lead(
                rates, {name: echoes[name] for name in ECHOES if name in echoes}, titles
            )
    if content["failures"]:
        yield "## Not measured"
        yield table(
            ("System", "Model", "Why"),
            [(titles[f["system"]], f["model"], f["reason"]) for f in content["failures"]],
        )
    yield "## The systems"
    yield table(
        ("System", "Versions", "Configuration"),
        [
            (
                system["title"],
                ", ".join(
                    f"{name} {system['versions'][name]}"
                    for name in system["packages"]
                    if name in system["versions"]
                ),
                system["configuration"],
            )
            for system in content["systems"]
        ],
    )


def rows_of(content: dict[str, Any], model: str) -> dict[str, tuple[float, ...]]:
    """Return each system's figures with a model, in the order of the table's columns."""
    found: dict[tuple[str, int], dict[str, float]] = {
        (result["system"], result["in_flight"]): result
        for result in content["results"]
        if result["model"] == model
    }
    names = dict.fromkeys(name for name, _ in found)
    keys = ("requests_per_second", "p50_ms", "p99_ms")
    return {
        name: tuple(found[name, in_flight][key] for in_flight in COLUMNS for key in keys)
        for name in names
    }


def lead(
    rates: dict[str, tuple[float, ...]],
    echoes: dict[str, tuple[float, ...]],
    titles: dict[str, str],
) -> Iterable[str]:
    """Say how far ahead the generated service is of each other system, and of echoes."""
    most, one = HEADER.index("64 in flight: requests/s"), HEADER.index("1 in flight: requests/s")
    ours = {name: title for name, title in report_payloads.OURS.items() if name in rates}
    others = {**{name: each for name, each in rates.items() if name not in ours}, **echoes}
    if not ours or not others:
        return
    yield (
        "Ours beside each other system: how many times its requests a second with 64 in flight, "
        "and what part of its p50 with 1 in flight. Echoes have no model."
    )
    header = ["System"]
    for title in ours.values():
        header += [f"{title}: 64 in flight, requests/s", "1 in flight, p50"]
    lines = []
    for name, theirs in sorted(others.items(), key=lambda item: -item[1][most]):
        line = [titles[name]]
        for our in ours:
            line.append(times(rates[our][most] / theirs[most]))
            line.append(times(rates[our][one + 1] / theirs[one + 1]))
        lines.append(line)
    yield table(header, lines)


def shares(rates: dict[str, tuple[float, ...]]) -> Iterable[str]:
    """Say what part of its bare transport's echo the generated service reaches."""
    lines = []
    for transport in ("native", "grpcio"):
        ours, echo = rates.get(f"grpc-ml-{transport}"), rates.get(f"echo-{transport}")
        if ours and echo:
            parts = (f"{ours[i] / echo[i]:.0%}" for i in range(0, len(ours), 3))
            lines.append((transport, *parts))
    if lines:
        yield "The generated service's share of its bare transport's echo, in requests a second:"
        yield table(("Transport", *(f"{n} in flight" for n in COLUMNS)), lines)


def scaling(content: dict[str, Any]) -> Iterable[str]:
    """Say what a second worker brings."""
    yield "## Two workers on two cores"
    yield "With the same number of requests in flight for each worker."
    if "noise" in content:
        yield noisy(content["noise"])
    if content["load_cores"] == content["server_cores"]:
        yield (
            "The load runs on the same two cores, where requests of one row cost it about a "
            "quarter of one, so those of many rows say more."
        )
    yield table(
        ("System", "Model", "Rows a request", "In flight", "1 worker, req/s", "2 workers", "Ratio"),
        [
            (
                result["system"],
                MODELS[result["model"]],
                str(result["rows"]),
                f"{result['in_flight']} a worker",
                *rates_of_workers(result),
            )
            for result in content["results"]
        ],
    )


def rates_of_workers(result: dict[str, Any]) -> tuple[str, str, str]:
    """Return the requests a second with one worker and with two, and how they compare."""
    if "reason" in result:
        return result["reason"], "", ""
    one, two = (workers["requests_per_second"] for workers in result["workers"])
    return cell(one), cell(two), times(two / one)


def fairness(content: dict[str, Any]) -> Iterable[str]:
    """Say how long calls of one row take beside a large one."""
    yield f"## Calls of one row beside one of {content['rows']:,}"
    yield on(content)
    yield (
        f"{content['calls_a_second']} calls of one row a second for {content['seconds']:g} s, "
        "alone, and while another process repeats a large BatchPredict. Times are from when a call "
        f"was due; medians of the rounds, of which there were {content['rounds']}. A slice is what "
        "the model gets of a large call at once, as many rows as a quick model answers within a "
        "millisecond, and its time is what the model takes for it."
    )
    header = ["System", "Model", "Alone: p50 ms", "p99 ms", "Beside: p50 ms", "p99 ms"]
    header += ["Slice: rows", "ms", "p99 beside, in slices", "Large call: s", "rows/s", "Errors"]
    yield table(header, [fairness_line(result, content["rows"]) for result in content["results"]])


def fairness_line(result: dict[str, Any], rows: int) -> tuple[str, ...]:
    """Return what the table says about a system with a model."""
    start = result["system"], MODELS[result["model"]]
    if "reason" in result:
        return *start, *[""] * 9, result["reason"]
    waits = [
        cell(result[when][key]) for when in ("alone", "beside") for key in ("p50_ms", "p99_ms")
    ]
    took = result["slice_ms"]
    slices = str(result["slice_rows"]), cell(took), times(result["beside"]["p99_ms"] / took)
    seconds = result["large_seconds"]
    large = (cell(seconds), cell(rows / seconds)) if seconds else ("", "")
    errors = (f"{count:,} {code}" for code, count in result["errors"].items())
    return *start, *waits, *slices, *large, ", ".join(errors) or "none"


def encodings(content: dict[str, Any]) -> Iterable[str]:
    """Say what each encoding costs."""
    yield "## Encodings"
    yield "From NumPy to bytes and back, best of five runs on one core."
    yield table(
        ("What", "Encoding", "Bytes", "Encode µs", "Decode µs"),
        [
            (
                result["what"],
                result["encoding"],
                f"{result['bytes']:,}",
                cell(result["encode_us"]),
                cell(result["decode_us"]),
            )
            for result in content["results"]
        ],
    )


def comparison(content: dict[str, Any]) -> str:
    """Return what `--before` measured, as Markdown."""
    settings, trees = content["settings"], content["trees"]
    parts = [
        "# Before and after",
        f"Before: {trees['before']}  \nAfter: {trees['after']}",
        on(content),
        f"Both are served on core {settings['server_cores']} and loaded in turn from core "
        f"{settings['load_cores']}, in {settings['rounds']} rounds of before, after, after, "
        f"before; each load is {settings['seconds']:g} s after {settings['warm_up']:g} s of "
        "warm-up. Ratios are of requests a second, after to before. Of the rounds' ratios there "
        f"are the median, its {content['results'][0]['interval']['coverage']:.0%} confidence "
        "interval, and the least and the largest.",
        differing_versions(content["versions"]),
    ]
    header = ["Load", "Before: req/s", "p99 ms", "After: req/s", "p99 ms"]
    header += ["Ratio", "Interval", "Rounds", "At least"]
    parts.append(table(header, [comparison_line(result) for result in content["results"]]))
    if any(result["verdict"] for result in content["results"]):
        parts.append(
            "A bound is met by an interval above it, missed by one below it, and left open by one "
            "around it: more rounds make that narrower."
        )
    return "\n\n".join(parts) + "\n"


def comparison_line(result: dict[str, Any]) -> tuple[str, ...]:
    """Return what the table says about one load of both trees."""
    figures = [
        cell(result[tree][key])
        for tree in ("before", "after")
        for key in ("requests_per_second", "p99_ms")
    ]
    interval, ratios = result["interval"], result["ratios"]
    return (
        f"{result['transport']}, {MODELS[result['model']]}, {result['in_flight']} in flight",
        *figures,
        f"{result['ratio']:.3f}",
        f"{interval['low']:.3f} to {interval['high']:.3f}",
        f"{min(ratios):.3f} to {max(ratios):.3f}",
        f"{result['bound']:g}: {result['verdict']}" if result["verdict"] else "",
    )


def differing_versions(versions: dict[str, dict[str, str]]) -> str:
    """Say which packages are not the same in both environments."""
    before, after = versions["before"], versions["after"]
    differing = [
        f"{name} {before.get(name, 'missing')} before, {after.get(name, 'missing')} after"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
    if not differing:
        main = [f"{name} {after[name]}" for name in LIBRARIES if name in after]
        return f"The same packages in both environments, among them {', '.join(main)}."
    return f"Packages that differ: {'; '.join(differing)}."
