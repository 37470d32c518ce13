"""The signature of an MLflow model, which is JSON inside its MLmodel: columns or tensors."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...language.errors import quoted, shown
from ...language.parser import MOST_FIELDS
from ..common.opening import SourceError
from ..common.plain import listed, mapping, text, wholes
from ..common.signature import Part

COLUMNS = {
    "double": "double",
    "float": "float",
    "integer": "int32",
    "long": "int64",
    "boolean": "bool",
    "string": "string",
    "binary": "bytes",
}
TENSORS = {
    "float16": "float16",
    "float32": "float",
    "float64": "double",
    "bool": "bool",
    "str": "string",
    "object": "string",
    "bytes": "bytes",
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}
OPTIONAL = "MLflow takes it as missing too, a schema does not"
INFER = "save it with signature=mlflow.models.infer_signature(inputs, model.predict(inputs))"


@dataclass(frozen=True)
class Side:
    """What a model takes or gives.

    Attributes:
        form: A table, one array, or arrays with names.
        parts: The columns or the arrays.
        named: Whether the signature has their names.
        optional: The columns that MLflow takes as missing.
    """

    form: Literal["frame", "array", "tensors"]
    parts: tuple[Part, ...]
    named: bool
    optional: frozenset[str] = frozenset()


def parsed(value: Any) -> list[dict[str, Any]]:
    """The specifications in a text of JSON; none if there is no text.

    Raises:
        ValueError: If it is something else.
    """
    try:
        specs = json.loads(text(value)) if value is not None else None
    except RecursionError:
        raise ValueError("lists in lists in lists") from None
    return [mapping(spec) for spec in listed(specs or [])]


def side(value: Any, nameless: str) -> Side | None:
    """What a model takes or gives; None if its signature does not say.

    Args:
        value: The text of JSON in the MLmodel.
        nameless: What to call the only part if it has no name.

    Raises:
        SourceError: If a part has no type in the language.
        ValueError: If it is no signature.
    """
    specs = parsed(value)
    if not specs:
        return None
    if len(specs) > MOST_FIELDS:
        raise SourceError(
            f"its {len(specs)} columns are more than {MOST_FIELDS}",
            "save it with a signature of one tensor instead of columns",
        )
    named = all(spec.get("name") not in (None, "") for spec in specs)
    names = [nameless] if len(specs) == 1 else [str(place) for place in range(len(specs))]
    if named:
        names = [text(str(spec["name"])) for spec in specs]
    if len(set(names)) < len(names):
        raise ValueError("a name is there twice")
    are_tensors = {spec.get("type") == "tensor" for spec in specs}
    if are_tensors == {False}:
        optional = frozenset(
            name for name, spec in zip(names, specs, strict=True) if _is_optional(spec)
        )
        parts = tuple(
            _column(name, spec, name in optional) for name, spec in zip(names, specs, strict=True)
        )
        return Side("frame", parts, named, optional)
    if are_tensors != {True} or (not named and len(specs) > 1):
        raise ValueError("tensors among columns, or without names")
    tensors = tuple(_tensor(name, spec) for name, spec in zip(names, specs, strict=True))
    return Side("tensors" if named else "array", tensors, named)


def params_note(value: Any) -> list[str]:
    """What to tell of parameters that a call of MLflow could set."""
    specs = parsed(value)
    if not specs:
        return []
    told = [
        f"{shown(text(spec['name']))} = {json.dumps(spec.get('default'))[:40]}"
        for spec in specs[:5]
    ]
    return [
        f"Its parameters stay at their defaults ({', '.join(told)}"
        f"{', ...' if len(specs) > 5 else ''}): a schema has none."
    ]


def _is_optional(spec: Mapping[str, Any]) -> bool:
    return spec.get("required") is False or spec.get("optional") is True


def _column(name: str, spec: Mapping[str, Any], is_optional: bool) -> Part:
    written = text(spec["type"])
    type_ = COLUMNS.get(written)
    if not type_:
        raise SourceError(
            f"its column {quoted(name)} is of the type {quoted(written)}, which a schema does not have",
            "make it a number or a text before the model, and say so in its signature",
        )
    if not is_optional:
        return Part(name, type_)
    is_float = type_ in ("float", "double")
    return Part(
        name, type_, default="nan" if is_float else None, about="" if is_float else OPTIONAL
    )


def _tensor(name: str, spec: Mapping[str, Any]) -> Part:
    tensor = mapping(spec["tensor-spec"])
    dtype, shape = text(tensor["dtype"]), wholes(tensor["shape"])
    type_ = TENSORS.get(dtype)
    if not type_:
        raise SourceError(
            f"its tensor {quoted(name)} is of {quoted(dtype)}, which a schema does not have",
            "make it one of numbers or texts, and say so in the signature",
        )
    if not shape or shape[0] != -1:
        raise SourceError(
            f"its tensor {quoted(name)} has no axis of instances",
            "save it with a signature whose shapes begin with -1",
        )
    if any(size < 1 and size != -1 for size in shape[1:]):
        raise SourceError(f"its tensor {quoted(name)} has a size of 0", INFER)
    dims = tuple(None if size == -1 else size for size in shape[1:])
    return Part(name, type_, dims or None)
