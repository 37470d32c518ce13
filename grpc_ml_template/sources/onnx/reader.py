"""Reads what a model in the ONNX format takes and answers."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...language.parser import MOST_FIELDS
from ...language.rules import MOST_DIMS, MOST_ELEMENTS
from ..common.opening import SourceError, opened
from ..common.signature import Part, Runtime, Signature
from .about import about_outputs, notes_on
from .files import model_files
from .graph import Model, Value, read_model
from .labels import Labels, Tracer
from .mending import mended
from .shapes import Placed, Takes, place_inputs, place_outputs, varies
from .types import OTHERS, TYPES
from .wire import Wire, broken

RUNTIME = "onnxruntime>=1.23"


def read(path: Path) -> Signature:
    """What an ONNX model takes and answers, an instance at a time.

    An output whose shape the file does not tell is taken for a flat list of any length, and the
    notes say so.

    Raises:
        SourceError: If it is no such model, or one that a schema has no words for.
    """
    with opened(path) as content:
        wire = Wire(content)
        model = read_model(wire)
        _check(model)
        takes, inputs = place_inputs(model.inputs)
        outputs = place_outputs(mended(model.outputs, wire, model), takes, inputs)
        for placed in (*inputs, *outputs):
            _check_size(placed)
        answers = _read_outputs(outputs, takes, Tracer(wire, model))
        parts = about_outputs(model.metadata, [part for part, _ in answers])
        facts = {
            "inputs": [_facts_of_input(placed) for placed in inputs],
            "outputs": [facts for _, facts in answers],
            "takes": takes,
            "locale": model.has_locale,
        }
        return Signature(
            inputs=tuple(_part(placed) for placed in inputs),
            outputs=tuple(parts),
            runtime=Runtime(
                kind="onnx",
                facts=facts,
                packages=(RUNTIME,),
                files=model_files(wire, model, path),
            ),
            notes=notes_on(model, takes, inputs, outputs, parts),
        )


def _check(model: Model) -> None:
    """Refuse what cannot be called with the fields of a schema."""
    if model.foreign:
        raise _foreign(*min(model.foreign))
    if not model.outputs:
        raise broken()
    if not model.inputs:
        raise SourceError("it takes no inputs", "export the model with the inputs that vary")
    for side, values in (("input", model.inputs), ("output", model.outputs)):
        if len(values) > MOST_FIELDS:
            raise SourceError(
                f"it has more than {MOST_FIELDS} {side}s",
                "export a model that joins them in tensors",
            )
        names = [value.name for value in values]
        if "" in names or len(set(names)) < len(names):
            raise SourceError(f"two of its {side}s have one name", "give each another name")
        for value in values:
            _check_type(value, f"its {side} {shown(value.name)}", side)
    for value in model.inputs:
        if value.dims is None:
            raise SourceError(
                f"its input {shown(value.name)} has no shape", "export the model with its shapes"
            )


def _foreign(domain: str, operator: str) -> SourceError:
    if domain == "ai.onnx.contrib":
        return SourceError(
            f"it needs onnxruntime-extensions for {shown(operator)}",
            "export the model without the steps of that package, such as a tokenizer",
        )
    return SourceError(
        f"onnxruntime has no operator {shown(operator)} of {shown(domain)}",
        "export the model with the operators of ONNX alone",
    )


def _check_type(value: Value, subject: str, side: str) -> None:
    if value.form == "map" and side == "output":
        return
    if value.form != "tensor":
        raise SourceError(
            f"{subject} is a sequence, a map or optional, not a tensor",
            "export the model with tensors alone; skl2onnx does with options={'zipmap': False}",
        )
    if value.type not in TYPES:
        known = OTHERS.get(value.type)
        raise SourceError(
            f"{subject} is of type {known}" if known else f"{subject} is of an unknown type",
            "cast it to float32 in the model, or to another type that NumPy has",
        )


def _check_size(placed: Placed) -> None:
    subject = f"the shape of {shown(placed.value.name)}"
    if 0 in placed.dims:
        raise SourceError(f"{subject} has a 0 in it", "export the model with sizes from 1 on")
    if len(placed.dims) > MOST_DIMS:
        raise SourceError(f"{subject} has more than {MOST_DIMS} axes", "reshape it in the model")
    if math.prod(dim or 1 for dim in placed.dims) > MOST_ELEMENTS:
        raise SourceError(
            f"{subject} holds more than {MOST_ELEMENTS} elements", "reduce it in the model"
        )


def shown(name: str) -> str:
    """A name as it may stand in a message of one line."""
    return ascii(name[:60])


def _part(placed: Placed) -> Part:
    """The field of a tensor."""
    dims = None if placed.is_column or not placed.dims else placed.dims
    return Part(placed.value.name, TYPES[placed.value.type][0], dims)


def _facts_of_input(placed: Placed) -> dict[str, Any]:
    return {
        "name": placed.value.name,
        "dtype": TYPES[placed.value.type][1],
        "axis": placed.axis,
        "is_column": placed.is_column,
        "rank": placed.rank,
    }


def _read_outputs(
    outputs: Sequence[Placed], takes: Takes, tracer: Tracer
) -> list[tuple[Part, dict[str, Any]]]:
    """The fields of the outputs, each with what the page has to know of it."""
    enums: dict[str, Labels] = {}
    for placed in outputs:
        labels = tracer.labels_of(placed.value.name)
        if takes != "whole" and labels and _may_be_labels(placed, labels):
            enums[placed.value.name] = labels
    return [_read_output(placed, takes, enums, tracer) for placed in outputs]


def _may_be_labels(placed: Placed, labels: Labels) -> bool:
    """Whether an output has one label an instance, whatever shape they are in."""
    word = TYPES.get(placed.value.type, ("", ""))[0]
    fits = word == "string" if labels.form == "text" else word in ("int32", "int64")
    dims = [dim for dim in placed.value.dims or () if dim != 1]
    return placed.value.form == "tensor" and fits and len(dims) <= 1 and all(map(varies, dims))


def _read_output(
    placed: Placed, takes: Takes, enums: dict[str, Labels], tracer: Tracer
) -> tuple[Part, dict[str, Any]]:
    name = placed.value.name
    facts: dict[str, Any] = {
        "name": name,
        "form": placed.value.form,
        "axis": placed.axis,
        "is_column": placed.is_column,
        "rank": placed.rank,
        "labels": None,
    }
    if name in enums:
        labels = enums[name]
        facts |= {"labels": labels.form, "axis": 0, "is_column": False}
        return Part(name, "enum", labels=labels.texts), facts
    if placed.value.form == "map":
        labels_of, keys = _enum_of_map(name, takes, enums, tracer)
        facts |= {"labels": keys.form, "axis": 0}
        return Part(name, "float", labels_of=labels_of), facts
    width = tracer.width_of(name)
    if width and 0 < width <= MOST_ELEMENTS and len(placed.dims) == 1 and placed.axis is not None:
        placed = replace(placed, dims=(width,))
        facts["is_column"] = placed.is_column
    part = _part(placed)
    if labels_of := _enum_of_scores(placed, enums, tracer):
        facts["order"] = [*enums[labels_of].texts]
        return replace(part, dims=None, labels_of=labels_of), facts
    return part, facts


def _enum_of_map(
    name: str, takes: Takes, enums: dict[str, Labels], tracer: Tracer
) -> tuple[str, Labels]:
    """The output whose labels are the keys of a map, and these."""
    keys = tracer.keys_of(name)
    if keys is not None and takes != "whole":
        for enum, labels in enums.items():
            if set(labels.texts) == set(keys.texts) and labels.form == keys.form:
                return enum, keys
    raise SourceError(
        f"its output {shown(name)} has maps, and no other output has their keys, one an instance",
        "export the model with tensors alone; skl2onnx does with options={'zipmap': False}",
    )


def _enum_of_scores(placed: Placed, enums: dict[str, Labels], tracer: Tracer) -> str:
    """The output for each of whose labels another one has a number; empty if that is not sure."""
    name, type_ = placed.value.name, TYPES[placed.value.type][0]
    if type_ not in ("float", "double") or placed.axis != 0 or len(placed.dims) != 1:
        return ""
    for enum, labels in enums.items():
        if placed.dims[0] in (len(labels.texts), None):
            is_sure = tracer.has_scores(name, enum)
            is_named = len(enums) == 1 and "prob" in name.lower()
            if is_sure or (is_sure is None and is_named):
                return enum
    return ""
