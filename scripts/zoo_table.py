"""The page that shows what came of the models of the zoo."""

from collections.abc import Iterator, Mapping, Sequence

from zoo_steps import Result

HEADER = ("Models", "Files", "onnxruntime runs", "generate", "serve", "agree", "agree of those")
STEPS = {
    "run": "onnxruntime alone",
    "generate": "generate",
    "probe": "`probe`",
    "serve": "`serve`",
    "check": "`check`",
    "test": "`tests/test_golden.py`",
}


def share(results: Sequence[Result]) -> float:
    """Return which share agrees of the models that onnxruntime itself runs."""
    run = [result for result in results if result.runs]
    return sum(result.agrees for result in run) / max(1, len(run))


def page(results: Sequence[Result], versions: Mapping[str, str], command: str) -> str:
    """Return the whole page."""
    groups = list(dict.fromkeys(result.model.group for result in results))
    rows = [row(name, [r for r in results if r.model.group == name]) for name in groups]
    rows += [row("all", results)] if len(groups) > 1 else []
    table = [HEADER, ["---", *["---:"] * (len(HEADER) - 1)], *rows]
    made_with = ", ".join(f"{name} {version}" for name, version in versions.items())
    return "\n".join(
        [
            "# ONNX models as they are found",
            "",
            f"Written by `{command}`, with {made_with}.",
            "",
            "For each file a project is made with `source=`, and no other answer. `probe` asks "
            "onnxruntime about rows that are made up, `serve` serves the model, and both `check` "
            "and the project's `tests/test_golden.py` compare what clients get with what "
            "onnxruntime has answered. *onnxruntime runs* counts the files that onnxruntime loads "
            "and runs by itself with numbers that are made up, and *agree of those* is the share "
            "of them that are served and answered the same.",
            "",
            *(f"| {' | '.join(cells)} |" for cells in table),
            "",
            "## Those that do not",
            "",
            *failures(results),
            "",
        ]
    )


def row(name: str, results: Sequence[Result]) -> list[str]:
    """Return the cells of a group."""
    counts = [
        len(results),
        sum(result.runs for result in results),
        sum(result.generates for result in results),
        sum(result.serves for result in results),
        sum(result.agrees for result in results),
    ]
    percent = f"{share(results):.1%}" if counts[1] else ""
    return [name, *map(str, counts), percent]


def failures(results: Sequence[Result]) -> Iterator[str]:
    """Yield a line for each reason, which is that of the first step that failed."""
    names: dict[tuple[str, str, str], list[str]] = {}
    for result in results:
        if not result.agrees:
            key = (result.model.group, *result.first_failure)
            names.setdefault(key, []).append(result.model.name)
    for (group, step, reason), found in names.items():
        yield f"- {group}, {', '.join(found)}: {STEPS[step]}: {plain(reason)}"


def plain(text: str) -> str:
    """Return a text as Markdown that shows it as it is."""
    return f"`{text.replace('`', chr(39))}`"
