"""Draws names that schemas may use, hostile ones first of all, and schemas of them."""

import builtins
import io
import keyword
import random
import re
import sys
import tokenize
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from grpc_ml_template.language.errors import AnswerError
from grpc_ml_template.language.rules import FIELD_NAME
from grpc_ml_template.language.spelling import json_name, snake
from grpc_ml_template.project.schemas import parse_schema

SUBJECTS = ["age", "income", "price", "weight", "length", "width", "score", "rate", "area", "load"]
ASPECTS = ["mean", "total", "last", "first", "per_day", "in_cm", "before_2020", "is_known", "ratio"]
KINDS = [
    *["float 0..1", "double = nan", "int32", "int64 0..9 = 3", "uint8", "bool", "bool = true"],
    *['string = ""', "bytes", "float[3]", "string[2]", "int16[?]", "float[?,2]", "image[4,4,3]"],
]
ENUM_EVERY = 4


class Draw(NamedTuple):
    """Names that were drawn: those that schemas may use, and the reasons why others are refused."""

    accepted: list[str]
    refused: dict[str, str]


def identifiers(project: Path) -> set[str]:
    """Return every name in the Python of a project, and every word of its proto."""
    found = set[str]()
    for path in [*project.rglob("*.py"), *project.rglob("*.pyi")]:
        tokens = tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
        found |= {token.string for token in tokens if token.type == tokenize.NAME}
    for path in project.rglob("*.proto"):
        found |= set(re.findall(r"[A-Za-z]\w*", path.read_text()))
    return found


def field_names(project: Path) -> list[str]:
    """Return names from a generated project, Python itself, and ordinary ones."""
    hostile = {*identifiers(project), *dir(builtins), *keyword.kwlist, *keyword.softkwlist}
    hostile |= sys.stdlib_module_names
    ordinary = {f"{subject}_{aspect}" for subject in SUBJECTS for aspect in ASPECTS}
    return sorted({*map(as_field, hostile), *ordinary, *SUBJECTS} - {""})


def as_field(identifier: str) -> str:
    """Return an identifier in the form of a field's name: as it is, if it has it already."""
    name = identifier if FIELD_NAME.fullmatch(identifier) else snake(identifier)
    return name if FIELD_NAME.fullmatch(name) and len(name) <= 50 else ""


def model_names(project: Path) -> list[str]:
    """Return names of models whose classes a generated project has already, or uses."""
    classes = {name for name in identifiers(project) if re.fullmatch(r"([A-Z][a-z]+)+", name)}
    return sorted(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name) for name in classes)


def draw(names: Iterable[str], seed: int) -> Draw:
    """Shuffle names, and tell those that may be a field on both sides of a schema from others."""
    shuffled = list(names)
    random.Random(seed).shuffle(shuffled)
    accepted: dict[str, str] = {}
    refused: dict[str, str] = {}
    for name in shuffled:
        try:
            parse_schema(f"{name}: float", "inputs", outputs=False)
            parse_schema(f"{name}: float", "outputs", outputs=True)
        except AnswerError as error:
            refused[name] = str(error)
        else:
            accepted.setdefault(json_name(name).lower(), name)  # No schema may have both.
    return Draw(list(accepted.values()), refused)


def schema_of(names: Iterable[str], seed: int) -> dict[str, str]:
    """Return a schema with each name once as an input and once as an output."""
    chance = random.Random(seed)
    chosen = list(names)
    inputs = [f"{name}: {input_kind(name, chosen, chance)}" for name in chosen]
    chance.shuffle(chosen)
    outputs = [f"{name}: {output_kind(chosen, chance)}" for name in chosen]
    return {"inputs": "\n".join(inputs), "outputs": "\n".join(outputs)}


def input_kind(name: str, names: list[str], chance: random.Random) -> str:
    """Draw the kind of an input; its labels, if it has some, are names as well."""
    kind = labels(names, chance) if not chance.randrange(ENUM_EVERY) else chance.choice(KINDS)
    return "float" if kind.startswith("bool") and f"no_{name}" in names else kind


def output_kind(names: list[str], chance: random.Random) -> str:
    """Draw the kind of an output."""
    kind = labels(names, chance) if not chance.randrange(ENUM_EVERY) else chance.choice(KINDS)
    return kind.split(" =")[0].split(" 0")[0]


def labels(names: list[str], chance: random.Random) -> str:
    """Draw labels that are called like fields, in one spelling or another."""
    drawn = chance.sample(names, min(3, len(names)))
    return f"enum({', '.join(chance.choice([name, name.title(), name.upper()]) for name in drawn)})"
