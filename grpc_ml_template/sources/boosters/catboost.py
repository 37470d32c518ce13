"""Models of CatBoost, as ``save_model`` writes them: ``.cbm``.

The facts of such a model::

    {
        "columns": ["age", "color"],  # in the model's order; null if "features" has them all
        "cells": true,                # some of them hold texts
        "answers": [                  # an entry for each output
            {"type": "Class", "place": null},       # how the model is asked, and which number
            {"type": "Probability", "place": null}  # of the answer it is; null for all of it
        ]
    }

Loading one runs nothing: the format has no code.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...language.errors import quoted
from ...language.numbers import LABEL
from ...language.parser import MOST_FIELDS
from ...language.rules import MOST_ELEMENTS
from ..common.opening import SourceError, opened
from ..common.plain import listed, mapping, text
from ..common.signature import ModelFile, Part, Runtime, Signature
from . import columns
from .catboost_file import Column, Saved, load

PACKAGES = ("catboost>=1.2.8",)
CLASSES = ("Logloss", "CrossEntropy", "MultiClass", "MultiClassOneVsAll")
SEVERAL_LABELS = ("MultiLogloss", "MultiCrossEntropy")
RANKS = (
    "YetiRank",
    "YetiRankPairwise",
    "PairLogit",
    "PairLogitPairwise",
    "QueryRMSE",
    "QuerySoftMax",
    "QueryCrossEntropy",
    "GroupQuantile",
    "StochasticFilter",
    "StochasticRank",
    "LambdaMart",
)
# What the trees add up is the logarithm of the answer.
EXPONENTS = ("Poisson", "Tweedie")
CATEGORY = "A category, as text"
UNKNOWN = (
    "The file does not list the categories of {}: an unknown one is answered like one that "
    "training never saw."
)
Answer = tuple[Part, str, int | None]


def read(path: Path) -> Signature:
    """Read a model of CatBoost.

    Raises:
        SourceError: If it is none, or one that cannot be served.
    """
    try:
        with opened(path) as content:
            saved = load(content)
        return _signature(saved, ModelFile(path, "model.cbm"))
    except (KeyError, ValueError):
        raise SourceError(
            "it is no whole model of CatBoost", 'save it with model.save_model("model.cbm")'
        ) from None


def _signature(saved: Saved, file: ModelFile) -> Signature:
    inputs = _inputs(saved.columns)
    answers = _answers(saved)
    facts = {
        "columns": columns.names_of(inputs),
        "cells": any(column.kind != "number" for column in saved.columns),
        "answers": [{"type": type_, "place": place} for _, type_, place in answers],
    }
    notes = [columns.IN_ONE] if columns.names_of(inputs) is None else []
    known = [column.name for column in saved.columns if column.kind == "category"]
    if known:
        shown = ", ".join(map(quoted, known[:5])) + (" and others" if known[5:] else "")
        notes.append(UNKNOWN.format(shown))
    packages = columns.packages(PACKAGES, inputs)
    runtime = Runtime("catboost", facts, packages, (file,))
    outputs = tuple(part for part, _, _ in answers)
    return Signature(inputs, outputs, runtime, tuple(notes))


def _inputs(found: Sequence[Column]) -> tuple[Part, ...]:
    if not found:
        raise ValueError("no columns")
    parts = [_input(column) for column in found]
    are_numbers = all(column.kind == "number" for column in found)
    if are_numbers and (len(found) > MOST_FIELDS or not any(each.is_named for each in found)):
        gaps = "nan" if any(column.has_gaps for column in found) else None
        return (columns.features(len(found), "float", gaps),)
    return columns.together(parts, "float")


def _input(column: Column) -> Part:
    if column.kind == "number":
        return Part(column.name, "float", default="nan" if column.has_gaps else None)
    return Part(column.name, "string", about=CATEGORY if column.kind == "category" else "")


def _answers(saved: Saved) -> list[Answer]:
    """The outputs, each with how the model is asked, and which number of the answer it is."""
    loss, options = _loss(saved)
    if not 1 <= saved.size <= MOST_ELEMENTS:
        raise ValueError("no number of answers")
    names = _class_names(saved)
    if loss in SEVERAL_LABELS:
        return [_all("probabilities", "Probability", saved.size, _of_each(names))]
    if names and loss in CLASSES:
        return _labelled(names, max(saved.size, 2))
    if loss in CLASSES and saved.size == 1:
        return [
            (Part("probability", "double", about="The probability of class 1"), "Probability", 1)
        ]
    if loss in CLASSES:
        return [_all("probabilities", "Probability", saved.size, "Of each class")]
    if loss in RANKS:
        about = "Only its order means something: the highest ranks first"
        return [(Part("score", "double", about=about), "RawFormulaVal", None)]
    if loss == "RMSEWithUncertainty":
        return [
            (Part("prediction", "double", about="The mean"), loss, 0),
            (Part("variance", "double", about="The variance of the data"), loss, 1),
        ]
    type_ = "Exponent" if loss in EXPONENTS else "RawFormulaVal"
    if saved.size == 1:
        return [(Part("prediction", "double"), type_, None)]
    quantiles = options.get("alpha")
    about = f"The quantiles {quantiles}" if loss == "MultiQuantile" and quantiles else ""
    return [_all("predictions", type_, saved.size, about)]


def _loss(saved: Saved) -> tuple[str, dict[str, Any]]:
    """What training made less, with its options; an empty name if the file does not say."""
    loss = saved.json("params").get("loss_function")
    if loss is None:
        return "", {}
    known = mapping(loss)
    return text(known["type"]), mapping(known.get("params", {}))


def _class_names(saved: Saved) -> list[str]:
    """The classes as the library names them when it answers."""
    params = saved.json("class_params")
    is_float = params.get("class_label_type") == "Float"
    names = listed(params.get("class_names", []))
    if not all(isinstance(name, str | int | float) for name in names):
        raise ValueError("a class is no single value")
    return [text(str(float(name) if is_float else name)) for name in names]


def _labelled(names: list[str], size: int) -> list[Answer]:
    if len(set(names)) < len(names) or len(names) != size:
        raise ValueError("not the names of all classes")
    if len(names) > LABEL.most:
        raise SourceError(
            f"it has {len(names)} classes, more than {LABEL.most}", "train it with fewer"
        )
    if not all(name.strip() for name in names):
        raise SourceError("one of its classes has no name", "name it in the training data")
    return [
        (Part("label", "enum", labels=tuple(names)), "Class", None),
        (Part("probabilities", "double", labels_of="label"), "Probability", None),
    ]


def _of_each(names: Sequence[str]) -> str:
    return f"Of each label: {', '.join(names)}" if names else "Of each label"


def _all(name: str, type_: str, size: int, about: str) -> Answer:
    """An output that holds all that the trees answer."""
    return Part(name, "double", (size,), about=about), type_, None
