"""The folder of an MLflow model: its files, what its MLmodel says, and what it wants installed."""

import json
import os
import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from ...language.errors import quoted
from ..common.opening import SourceError, opened, unreadable
from ..common.plain import listed, mapping
from ..common.signature import ModelFile, is_gits
from ..common.yaml_text import read_yaml

MAIN = "MLmodel"
MOST_FILES = 10_000
MOST_MAIN = 512 << 10
MOST_TEXT = 1 << 20
SAVE = "save it again with mlflow"
BOUND = r" *(?:===|[<>=!~]=?) *[A-Za-z0-9.*+!_-]+"
REQUIREMENT = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9._-]*)(\[[A-Za-z0-9,._ -]+\])?"
    rf"({BOUND}(?:,{BOUND})*)?( *;[A-Za-z0-9_.'\" <>=!~()-]+)?"
)
LONGEST_REQUIREMENT = 200
VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)+")


def files_of(folder: Path) -> dict[str, ModelFile]:
    """The files of a folder by their places, with the MLmodel first.

    Raises:
        SourceError: If there is anything but plain files and folders in it, or too many of them.
    """
    found: dict[str, ModelFile] = {}
    waiting = [(folder, "")]
    while waiting:
        parent, prefix = waiting.pop()
        for path, is_folder in _entries(parent):
            place = prefix + path.name
            if is_gits(path.name):
                continue  # The folder was in a repository, which is none of the model's.
            if is_folder:
                waiting.append((path, f"{place}/"))
            else:
                found[place] = ModelFile(path, place)
        if len(found) + len(waiting) > MOST_FILES:
            raise SourceError(
                f"the folder has more than {MOST_FILES} files", "name the folder of one model"
            )
    if MAIN not in found:
        raise SourceError("the folder has no MLmodel", "name one that mlflow saved a model into")
    return {MAIN: found[MAIN]} | dict(sorted(found.items()))


def _entries(parent: Path) -> list[tuple[Path, bool]]:
    """What is in a folder, each with whether it is a folder; no more of it than is allowed."""
    found = []
    try:
        with os.scandir(parent) as entries:
            for entry in islice(entries, MOST_FILES + 1):
                is_folder = entry.is_dir(follow_symlinks=False)
                if not is_folder and not entry.is_file(follow_symlinks=False):
                    raise SourceError(
                        f"{quoted(entry.name)} in the folder is a link or a device",
                        "put the file itself there",
                    )
                if not entry.name.isprintable():
                    raise SourceError(
                        f"{quoted(entry.name)} in the folder is no plain name", "rename that file"
                    )
                found.append((Path(entry.path), is_folder))
    except OSError as error:
        raise unreadable(error) from None
    return found


def main_of(files: Mapping[str, ModelFile]) -> dict[str, Any]:
    """What the MLmodel says.

    Raises:
        SourceError: If it says nothing, or too much.
    """
    with opened(files[MAIN].path) as view:
        if len(view) > MOST_MAIN:
            raise SourceError(f"its MLmodel is larger than {MOST_MAIN >> 10} KiB", SAVE)
        try:
            return mapping(read_yaml(view))
        except (SourceError, ValueError):
            raise broken() from None


def broken() -> SourceError:
    """The error of a folder whose MLmodel MLflow did not write."""
    return SourceError("its MLmodel is not as mlflow writes it", SAVE)


def packages_of(
    files: Mapping[str, ModelFile], main: Mapping[str, Any]
) -> tuple[tuple[str, ...], list[str]]:
    """What has to be installed to load the folder, and what to tell of it."""
    lines = _requirements(files)
    packages = {
        found[1].lower().replace("_", "-"): line
        for line in lines
        if len(line) <= LONGEST_REQUIREMENT and (found := REQUIREMENT.fullmatch(line))
    }
    left = [line for line in lines if line not in packages.values()]
    if not {"mlflow", "mlflow-skinny"} & set(packages):
        version = VERSION.fullmatch(str(main.get("mlflow_version", "")))
        packages["mlflow-skinny"] = f"mlflow-skinny=={version[0]}" if version else "mlflow-skinny"
    if "mlflow" not in packages:  # The small one comes without what loading needs.
        packages.setdefault("pandas", "pandas")
    notes = [
        f"{quoted(line)} of its requirements is left out: only packages and versions are taken."
        for line in left[:3]
    ]
    return tuple(packages.values()), notes


def _requirements(files: Mapping[str, ModelFile]) -> list[str]:
    """The lines of requirements.txt, or else those for pip in conda.yaml."""
    if "requirements.txt" in files:
        lines = _text(files["requirements.txt"]).splitlines()
        return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if "conda.yaml" not in files:
        return []
    with opened(files["conda.yaml"].path) as view:
        if len(view) > MOST_MAIN:
            raise SourceError(f"its conda.yaml is larger than {MOST_MAIN >> 10} KiB", SAVE)
        environment = mapping(read_yaml(view))
    dependencies = listed(environment.get("dependencies", []))
    return [
        str(line)
        for each in dependencies
        if isinstance(each, dict)
        for line in listed(each.get("pip", []))
    ]


def example_of(files: Mapping[str, ModelFile]) -> Any:
    """What is saved as an example of the inputs; None if there is none that can be read."""
    for place in ("serving_input_example.json", "input_example.json"):
        if place in files:
            try:
                return json.loads(_text(files[place]))
            except (SourceError, ValueError, RecursionError):
                return None
    return None


def _text(file: ModelFile) -> str:
    with opened(file.path) as view:
        if len(view) > MOST_TEXT:
            raise SourceError(f"its {file.place} is larger than {MOST_TEXT >> 20} MiB", SAVE)
        return bytes(view).decode()
