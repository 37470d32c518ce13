"""Models of LightGBM, as ``Booster.save_model`` writes them: ``.txt``.

The facts of such a model::

    {
        "columns": ["age", "color"],      # in the model's order; null if "features" has them all
        "categories": {"color": ["red"]}, # of a column: a category's place is its code
        "answer": "probability",          # the name of the only output
        "libgomp": true                   # it needs that library of the system
    }
"""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...language.rules import MOST_ELEMENTS
from ..common.opening import SourceError, opened
from ..common.plain import count
from ..common.signature import ModelFile, Part, Runtime, Signature
from . import columns
from .lightgbm_file import Saved, broken, load

PACKAGES = ("lightgbm>=4,<5",)
UNNAMED = re.compile(r"Column_[0-9]+")
# How the header tells of what a column held: a range, or the codes of categories.
RANGE = re.compile(r"\[([^:]+):([^:]+)\]")
CODES = re.compile(r"-?[0-9]+(?::-?[0-9]+)*")
# What one number of an objective is: the name of the output, and what people should know of it.
ANSWERS = {
    "binary": ("probability", "The probability of class 1"),
    "cross_entropy": ("probability", "A number from 0 to 1"),
    "poisson": ("prediction", "The expected count"),
    "lambdarank": ("score", "Only its order means something: the highest ranks first"),
    "rank_xendcg": ("score", "Only its order means something: the highest ranks first"),
    "": ("score", "As the trees have it: the objective was a function of one's own"),
}
CLASSES = ("multiclass", "multiclassova")
SPACES = (
    "LightGBM writes _ for blanks in the names of columns, so these may differ from those of the "
    "training data."
)


def read(path: Path) -> Signature:
    """Read a model of LightGBM.

    Raises:
        SourceError: If it is none, or one that cannot be served.
    """
    with opened(path) as content:
        saved = load(content)
    try:
        return _signature(saved, ModelFile(path, "model.txt"))
    except (KeyError, ValueError):
        raise broken() from None


def _signature(saved: Saved, file: ModelFile) -> Signature:
    names = saved.header["feature_names"].split(" ")
    infos = saved.header["feature_infos"].split(" ")
    size = count(saved.header["max_feature_idx"]) + 1
    if not len(names) == len(set(names)) == len(infos) == size:
        raise ValueError("names of columns do not fit")
    coded = _coded(saved, infos)
    categories = _categories(saved, names, infos, coded)
    inputs = _inputs(names, infos, coded, categories)
    codes = [names[place] for place in coded if names[place] not in categories]
    output, notes = _output(saved.header)
    facts = {
        "columns": columns.names_of(inputs),
        "categories": categories,
        "answer": output.name,
        "libgomp": True,
    }
    told = [*columns.input_notes(inputs, codes, categories), *notes]
    if any("_" in part.name for part in inputs):
        told.append(SPACES)
    packages = columns.packages(PACKAGES, inputs)
    runtime = Runtime("lightgbm", facts, packages, (file,))
    return Signature(inputs, (output,), runtime, tuple(told))


def _coded(saved: Saved, infos: list[str]) -> list[int]:
    """The places of the columns that the trees take for categories."""
    seen = [place for place, info in enumerate(infos) if CODES.fullmatch(info)]
    if any(place >= len(infos) for place in saved.chosen):
        raise ValueError("a category of no column")
    return sorted({*seen, *saved.chosen})


def _categories(
    saved: Saved, names: list[str], infos: list[str], coded: list[int]
) -> dict[str, list[Any]]:
    """The categories of columns.

    The file has a list for each categorical column of pandas, but not which one that is: it is
    clear only where they are all that the trees take for categories.
    """
    if not saved.categories:
        return {}
    found = dict(zip(coded, saved.categories, strict=False))
    fits = all(_highest_code(infos[place]) < len(values) for place, values in found.items())
    if len(coded) != len(saved.categories) or not fits:
        raise SourceError(
            f"it has the categories of {len(saved.categories)} columns and does not say which ones",
            "train it with all categorical columns as unordered categories of pandas, and no "
            "other categorical_feature",
        )
    return {names[place]: values for place, values in found.items()}


def _highest_code(info: str) -> int:
    return max(map(int, info.split(":"))) if CODES.fullmatch(info) else -1


def _inputs(
    names: list[str], infos: list[str], coded: list[int], categories: Mapping[str, list[Any]]
) -> tuple[Part, ...]:
    if all(UNNAMED.fullmatch(name) for name in names):
        return (columns.features(len(names), "double", "nan"),)
    parts = []
    for place, (name, info) in enumerate(zip(names, infos, strict=True)):
        if name in categories:
            parts.append(columns.category_part(name, categories[name]))
        elif place in coded:
            parts.append(Part(name, "int64"))
        else:
            parts.append(Part(name, "double", default="nan", about=_seen(info)))
    return columns.together(parts, "double")


def _seen(info: str) -> str:
    """What the training data held in a column."""
    ends = RANGE.fullmatch(info)
    if not ends:
        return ""
    low, high = float(ends[1]), float(ends[2])
    return f"{low:g} to {high:g} in training" if math.isfinite(low + high) else ""


def _output(header: Mapping[str, str]) -> tuple[Part, list[str]]:
    objective = (header.get("objective", "").split(" ") or [""])[0]
    size = count(header["num_class"])
    if not 1 <= size <= MOST_ELEMENTS:
        raise ValueError("no number of classes")
    if objective in CLASSES:
        return Part("probabilities", "double", (size,), about="Of each class"), [
            f"The file has no names of classes: the probabilities are of 0 to {size - 1}, in this "
            "order."
        ]
    name, about = ANSWERS.get(objective, ("prediction", ""))
    notes = ["The file has no names of the two classes."] if objective == "binary" else []
    if not objective:
        notes.append(
            "The objective was a function of one's own, which the file does not have: the scores "
            "are as the trees have them."
        )
    if size > 1:
        return Part(f"{name}s", "double", (size,), about=about), notes
    return Part(name, "double", about=about), notes
