"""What a user should be told of an ONNX model."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..common.signature import Part
from .graph import Model
from .shapes import Placed, Takes

# Enough to know the labels by.
LONGEST_ABOUT = 120
# The oldest operators that onnxruntime says it has.
OLDEST_OPSET = 7


def about_outputs(metadata: Mapping[str, str], parts: Sequence[Part]) -> list[Part]:
    """The outputs, with the classes that the metadata have as many of as an output has numbers."""
    names = _names_of_ultralytics(metadata.get("names", ""))
    letters = metadata.get("character", "").split("\n")
    # PaddleOCR's models put a blank before their characters, and a space behind.
    sizes = {len(letters) + 1, len(letters) + 2} if len(letters) > 1 else set()
    described = []
    for part in parts:
        if names and part.dims == (len(names),):
            part = replace(part, about=_in_order(names))
        elif part.dims and len(part.dims) == 2 and part.dims[1] in sizes:
            part = replace(part, about=_in_order(["(none)", *letters]))
        described.append(part)
    return described


def _names_of_ultralytics(text: str) -> list[str]:
    """The classes in a Python dict from their places to their names."""
    try:
        names = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return []
    if not isinstance(names, dict) or set(names) != set(range(len(names))):
        return []
    if not all(isinstance(name, str) for name in names.values()):
        return []
    return [names[place] for place in range(len(names))]


def _in_order(names: Sequence[str]) -> str:
    words = ["".join(filter(str.isprintable, " ".join(name.split()))) for name in names[:20]]
    while len(words) > 1 and len(", ".join(words)) > LONGEST_ABOUT:
        words.pop()
    listed = ", ".join(words)[:LONGEST_ABOUT]
    return f"In the order of {listed}{', ...' if len(words) < len(names) else ''}"


def _notes_on_calls(takes: Takes, inputs: Sequence[Placed]) -> list[str]:
    if takes != "batch":
        return [
            "The shapes of the model have no axis for several instances, so it is called for one "
            "at a time; an export with a first axis that varies is faster."
        ]
    shared = [placed.value.name for placed in inputs if placed.axis is None]
    return [f"Only instances with the same {_listed(shared)} run together."] if shared else []


def notes_on(
    model: Model,
    takes: Takes,
    inputs: Sequence[Placed],
    outputs: Sequence[Placed],
    parts: Sequence[Part],
) -> tuple[str, ...]:
    """Sentences about what the model cannot do as it is, and what the file does not tell."""
    notes = _notes_on_calls(takes, inputs)
    flat = [
        part.name
        for part, placed in zip(parts, outputs, strict=True)
        if placed.rank is None and part.dims
    ]
    if flat:
        notes.append(
            f"The file has no shape of {_listed(flat)}, which become flat lists; run "
            "onnx.shape_inference.infer_shapes on the model to have their shapes."
        )
    if any(placed.value.form == "map" for placed in outputs):
        notes.append(
            "The model answers with a map an instance, which is slow for many labels; skl2onnx "
            "exports an array with options={'zipmap': False}."
        )
    if model.has_locale:
        notes.append(
            "The model changes the case of text in a locale that many systems lack; it is loaded "
            "with C.UTF-8 instead."
        )
    if 0 < model.opset < OLDEST_OPSET:
        notes.append(
            f"The operators of the model are of opset {model.opset}, of which onnxruntime lacks "
            "some; onnx.version_converter converts it."
        )
    return tuple(notes)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(ascii(name[:60]) for name in names[:5]) + (", ..." if len(names) > 5 else "")
