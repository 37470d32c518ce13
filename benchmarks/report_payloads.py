"""Says in Markdown what large requests cost each system."""

from collections.abc import Iterable
from typing import Any

from .tables import cell, on, table, times

Result = dict[str, Any]
# Our own, and the columns that compare it with the others.
OURS = {"grpc-ml-native": "native", "grpc-ml-grpcio": "grpcio"}


def payload(content: dict[str, Any]) -> Iterable[str]:
    """Say what requests of one kind cost each system."""
    settings = content["settings"]
    systems = {system["name"]: system for system in content["systems"]}
    found: dict[str, dict[int, Result]] = {}
    for result in content["results"]:
        found.setdefault(result["system"], {})[result["in_flight"]] = result
    yield f"## {content['title']}"
    yield on(content)
    yield (
        f"{content['about']} About {settings['seconds']:g} s after {settings['warm_up']:g} s of "
        f"warm-up, server on core {settings['server_cores']}, load on core "
        f"{settings['load_cores']}; medians of {settings['rounds']} rounds, in which the systems "
        "take turns. CPU is what the server's processes used. Bytes are those of bodies, without "
        "headers; memory is resident, of all processes, at the most in flight."
    )
    if found:
        yield from tables_of(systems, found)
    if content["failures"]:
        yield "Not measured:"
        yield table(
            ("System", "Why"),
            [(systems[each["system"]]["title"], each["reason"]) for each in content["failures"]],
        )


def tables_of(systems: dict[str, Any], found: dict[str, dict[int, Result]]) -> Iterable[str]:
    """Return the table of figures, and that of ratios."""
    in_flight = sorted(next(iter(found.values())), reverse=True)
    most = in_flight[0]
    order = sorted(found, key=lambda name: -found[name][most]["requests_per_second"])
    header = ["System", "Bytes sent", "Bytes back"]
    for number in in_flight:
        header += [f"{number} in flight: requests/s", "p50 ms", "p99 ms", "CPU µs"]
    header += ["Idle MiB", "Peak MiB", "Rounds: requests/s"]
    yield table(header, [line(systems[name]["title"], found[name], in_flight) for name in order])
    ours = [name for name in OURS if name in found]
    if not ours:
        return
    yield (
        f"Ours beside each other system with {most} in flight: how many times its requests a "
        "second, and how many times less CPU a request."
    )
    header = [
        "System",
        *(f"{OURS[name]}: {what}" for name in ours for what in ("requests/s", "CPU")),
    ]
    yield table(
        header,
        [
            (systems[name]["title"], *ratios([found[our][most] for our in ours], found[name][most]))
            for name in order
            if name not in OURS
        ],
    )


def line(title: str, by_number: dict[int, Result], in_flight: list[int]) -> tuple[str, ...]:
    """Return the figures of one system."""
    most = by_number[in_flight[0]]
    figures = [
        cell(by_number[number][key])
        for number in in_flight
        for key in ("requests_per_second", "p50_ms", "p99_ms", "cpu_us")
    ]
    rates = [each["requests_per_second"] for each in most["rounds"]]
    sizes = (f"{most[key]:,.0f}" for key in ("request_bytes", "response_bytes"))
    # Memory before the lightest load, which comes first, and at the heaviest.
    idle = by_number[in_flight[-1]]["idle_mib"]
    memory = f"{idle:,.0f}", f"{most['peak_mib']:,.0f}"
    return title, *sizes, *figures, *memory, f"{cell(min(rates))} to {cell(max(rates))}"


def ratios(ours: list[Result], theirs: Result) -> Iterable[str]:
    """Return by how many times each of ours is ahead, in requests a second and in CPU."""
    for our in ours:
        yield times(our["requests_per_second"] / theirs["requests_per_second"])
        yield times(theirs["cpu_us"] / our["cpu_us"])


def mixed(content: dict[str, Any]) -> Iterable[str]:
    """Say how long calls of one row take beside requests of 10,000."""
    settings = content["settings"]
    yield "## Calls of one row beside requests of 10,000"
    yield on(content)
    yield (
        f"{content['calls_a_second']} calls of one row a second for {settings['seconds']:g} s, "
        "alone, and while another client sends one request of 10,000 rows after the other to the "
        "same server. Times are from when a call was due; medians of the rounds, of which there "
        f"were {settings['rounds']}."
    )
    header = ["System", "Alone: p50 ms", "p99 ms", "Beside: p50 ms", "p99 ms", "Large: requests/s"]
    lines = sorted(content["results"], key=lambda result: result["beside"]["p99_ms"])
    yield table([*header, "Errors"], [mixed_line(result) for result in lines])
    if content["failures"]:
        yield "Not measured:"
        yield table(
            ("System", "Why"), [(each["title"], each["reason"]) for each in content["failures"]]
        )


def mixed_line(result: dict[str, Any]) -> tuple[str, ...]:
    """Return what the table says about a system."""
    figures = [result[when][key] for when in ("alone", "beside") for key in ("p50_ms", "p99_ms")]
    errors = (f"{count:,} {name}" for name, count in result["errors"].items())
    return (
        result["title"],
        *map(cell, figures),
        cell(result["large_a_second"]),
        ", ".join(errors) or "none",
    )
