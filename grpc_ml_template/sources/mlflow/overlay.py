"""Puts the columns of an MLflow signature over what the file of the model says."""

from collections.abc import Mapping
from dataclasses import replace

from ...language.parser import MOST_FIELDS
from ..boosters.columns import IN_ONE
from ..boosters.lightgbm import SPACES
from ..common.signature import Part, Runtime, Signature
from .signature import Side

# Notes of what a file has lost, if names are found elsewhere.
LOST_NAMES = (IN_ONE, SPACES)
BOOSTERS = ("xgboost", "lightgbm")
# What a signature knows better than a file that has only floats.
TYPES = ("int32", "int64", "bool", "string")


def overlaid(model: Signature, takes: Side | None) -> Signature:
    """The model with names where its file has none, and with types where it has only floats.

    What the file says itself stays: its precision, its categories and the order of its columns.
    """
    if takes is None or takes.form != "frame" or not takes.named or model.runtime is None:
        return model
    named = _with_names(model, model.runtime, takes)
    categories = model.runtime.facts.get("categories", {})
    types = {
        part.name: part.type
        for part in takes.parts
        if part.name not in takes.optional and part.name not in categories
    }
    return replace(named, inputs=tuple(_typed(part, types) for part in named.inputs))


def _with_names(model: Signature, runtime: Runtime, takes: Side) -> Signature:
    """The model with the names of the signature, if its file has none or these."""
    names = [part.name for part in takes.parts]
    if not _can_rename(model, runtime, names):
        return model
    inputs = _columns(model.inputs)
    if len(inputs) != len(names):
        return model
    renamed = {part.name: name for part, name in zip(inputs, names, strict=True)}
    facts = dict(runtime.facts)
    if runtime.kind == "sklearn":
        facts["takes"] = "columns"
    else:
        facts["columns"], facts["renamed"] = names, True
        facts["categories"] = {
            renamed[name]: values for name, values in facts["categories"].items()
        }
    return replace(
        model,
        inputs=tuple(replace(part, name=renamed[part.name]) for part in inputs),
        runtime=replace(runtime, facts=facts),
        notes=tuple(note for note in model.notes if note not in LOST_NAMES),
    )


def _columns(inputs: tuple[Part, ...]) -> tuple[Part, ...]:
    """The inputs, with one field for all columns taken apart."""
    dims = inputs[0].dims
    if not dims or len(dims) != 1 or not dims[0] or dims[0] > MOST_FIELDS:
        return inputs
    return tuple(replace(inputs[0], name=str(place), dims=None) for place in range(dims[0]))


def _can_rename(model: Signature, runtime: Runtime, names: list[str]) -> bool:
    if runtime.kind == "sklearn":
        return runtime.facts["takes"] in ("array", "columns")
    if runtime.kind not in BOOSTERS:
        return False
    own = [part.name for part in model.inputs]
    return bool(model.inputs[0].dims) or own in (names, [name.replace(" ", "_") for name in names])


def _typed(part: Part, types: Mapping[str, str]) -> Part:
    """A float with the type that the signature has for it, unless that is a float as well."""
    type_ = types.get(part.name, part.type)
    if part.type not in ("float", "double") or part.dims or type_ not in TYPES:
        return part
    return replace(part, type=type_, default=None)
