"""Models of XGBoost, as ``save_model`` writes them: ``.ubj`` and ``.json``.

The facts of such a model::

    {
        "columns": ["age", "color"],      # in the model's order; null if "features" has them all
        "categories": {"color": ["red"]}, # of a column: a category's place is its code
        "answer": "probability",          # the name of the only output
        "whole": false,                   # whether it is a class, which the library gives as float
        "rounds": 0,                      # how many rounds of trees answer; 0 is all of them
        "linear": false                   # whether it cannot predict in place, as gblinear cannot
    }
"""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from ...language.rules import MOST_ELEMENTS
from ..common.opening import SourceError, opened
from ..common.plain import count, listed, mapping, text, texts, wholes
from ..common.signature import ModelFile, Part, Runtime, Signature
from . import columns
from .xgboost_file import broken, load

FLOATS = ("float", "q")
TYPES = {"float": "float", "q": "float", "int": "int64", "i": "bool", "c": "int64"}
# What one number of an objective is: the name of the output, and what people should know of it.
ANSWERS = {
    "binary:logistic": ("probability", "The probability of class 1"),
    "binary:logitraw": ("score", "The log odds of class 1"),
    "binary:hinge": ("label", "The class, 0 or 1"),
    "reg:logistic": ("prediction", "A number from 0 to 1"),
    "count:poisson": ("prediction", "The expected count"),
    "survival:cox": ("hazard_ratio", "The higher, the sooner the event"),
    "survival:aft": ("prediction", "The expected time until the event"),
}
RANK = ("score", "Only its order means something: the highest ranks first")
CLASSES = ("binary:hinge", "multi:softmax")
OLDEST = (3, 0)
# More quantiles than these say little in the description of a field.
MOST_ALPHAS = 20


def read(path: Path) -> Signature:
    """Read a model of XGBoost.

    Raises:
        SourceError: If it is none, or one that cannot be served.
    """
    with opened(path) as content:
        model, place = load(content)
    try:
        return _signature(model, ModelFile(path, place))
    except (KeyError, ValueError):
        raise broken() from None


def _signature(model: Mapping[str, Any], file: ModelFile) -> Signature:
    learner = mapping(model["learner"])
    booster = mapping(learner["gradient_booster"])
    trees = mapping(mapping(booster.get("gbtree", booster))["model"])
    is_linear = "weights" in trees
    names = texts(learner.get("feature_names", []))
    categories = _categories(trees, names)
    # A linear model takes a missing value for 0.
    inputs, codes = _inputs(learner, names, categories, None if is_linear else "nan")
    output, notes = _output(learner)
    rounds, stopped = _rounds(mapping(learner["attributes"]))
    facts = {
        "columns": columns.names_of(inputs),
        "categories": categories,
        "answer": output.name,
        "whole": output.type == "int32",
        "rounds": rounds,
        "linear": is_linear,
    }
    packages = columns.packages(_packages(wholes(model["version"])), inputs)
    runtime = Runtime("xgboost", facts, packages, (file,))
    told = [*columns.input_notes(inputs, codes, categories), *notes, *stopped]
    return Signature(inputs, (output,), runtime, tuple(told))


def _categories(trees: Mapping[str, Any], names: list[str]) -> dict[str, list[Any]]:
    """The categories of columns; files before XGBoost 3.1 have none."""
    encoded = listed(mapping(trees.get("cats", {})).get("enc", []))
    found = [decoded(mapping(each)) for each in encoded]
    if any(found) and not names:
        raise SourceError(
            "it has categories and no names of columns", "train it with a pandas DataFrame"
        )
    if any(found) and len(found) != len(names):
        raise ValueError("categories do not fit the columns")
    return {name: values for name, values in zip(names, found, strict=False) if values}


def decoded(encoded: Mapping[str, Any]) -> list[Any]:
    """The categories of a column: whole numbers, or texts that lie behind one another."""
    values = wholes(encoded["values"])
    if "offsets" not in encoded:
        return values
    ends = wholes(encoded["offsets"])
    if ends != sorted(ends) or any(end < 0 for end in ends):
        raise ValueError("categories end before they begin")
    joined = bytes(value & 255 for value in values)  # The library writes signed characters.
    if not joined.isascii():
        # It counts characters and writes bytes, so that the end is cut off: they are not known.
        return []
    return [joined[start:end].decode() for start, end in pairwise(ends)]


def _inputs(
    learner: Mapping[str, Any],
    names: list[str],
    categories: Mapping[str, list[Any]],
    default: str | None,
) -> tuple[tuple[Part, ...], list[str]]:
    """The inputs, and the columns whose categories the file does not list."""
    size = count(mapping(learner["learner_model_param"])["num_feature"])
    types = texts(learner.get("feature_types", [])) or ["float"] * len(names)
    if not names:
        codes = [f"column {place}" for place, kind in enumerate(types) if kind == "c"]
        return (columns.features(size, "float", default),), codes
    if not len(names) == len(types) == len(set(names)) == size:
        raise ValueError("names and types of columns do not fit")
    parts = []
    for name, kind in zip(names, types, strict=True):
        if kind == "c" and name in categories:
            parts.append(columns.category_part(name, categories[name]))
        else:
            parts.append(Part(name, TYPES[kind], default=default if kind in FLOATS else None))
    codes = [
        name
        for name, kind in zip(names, types, strict=True)
        if kind == "c" and name not in categories
    ]
    return columns.together(parts, "float"), codes


def _output(learner: Mapping[str, Any]) -> tuple[Part, list[str]]:
    sizes, objective = mapping(learner["learner_model_param"]), mapping(learner["objective"])
    name = text(objective["name"])
    classes, targets = count(sizes["num_class"]), count(sizes.get("num_target", "1"))
    if not max(classes, targets) <= MOST_ELEMENTS:
        raise ValueError("more answers than a field holds")
    if name == "multi:softprob" and classes:
        return Part("probabilities", "float", (classes,), about="Of each class"), [
            f"The file has no names of classes: the probabilities are of 0 to {classes - 1}, in "
            "this order."
        ]
    if name == "multi:softmax":
        about = f"The number of the class, 0 to {classes - 1}"
        return Part("label", "int32", about=about), [
            "The file has no names of classes, only their numbers."
        ]
    alphas = text(mapping(objective.get("quantile_loss_param", {})).get("quantile_alpha", ""))
    numbers = [f"{float(alpha):g}" for alpha in alphas.strip("[]").split(",") if alpha]
    about = f"At {', '.join(numbers)}" if 0 < len(numbers) <= MOST_ALPHAS else ""
    if max(targets, classes) > 1:
        many = {"reg:quantileerror": "quantiles", "binary:logistic": "probabilities"}
        dims = (max(targets, classes),)
        return Part(many.get(name, "predictions"), "float", dims, about=about), []
    answer, known = RANK if name.startswith("rank:") else ANSWERS.get(name, ("prediction", about))
    return Part(answer, "int32" if name in CLASSES else "float", about=known), []


def _rounds(attributes: Mapping[str, Any]) -> tuple[int, list[str]]:
    """How many rounds answer, as the library's own classes have it, and what to tell of it."""
    if "best_iteration" not in attributes:
        return 0, []
    best = count(attributes["best_iteration"]) + 1
    if "scikit_learn" in attributes:
        return best, [f"Training stopped early: the best {best} rounds of trees answer."]
    return 0, [
        f"Training stopped early, and all rounds of trees answer: save booster[:{best}] for the "
        "best ones only."
    ]


def _packages(version: list[int]) -> tuple[str, ...]:
    """The library as old as the file or newer; the small build of it where there is one."""
    low = max(OLDEST, (version[0], version[1])) if len(version) == 3 else OLDEST
    bounds = f">={low[0]}.{low[1]},<{low[0] + 1}"
    return (
        f"xgboost-cpu{bounds}; sys_platform != 'darwin'",
        f"xgboost{bounds}; sys_platform == 'darwin'",
    )
