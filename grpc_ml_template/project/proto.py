"""How the schema looks in the proto: enums, tensor messages, and a declaration for each field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..language.fields import Field
from ..printing.text import wrap
from ..printing.words import facts
from .enums import PROTO_WIDTH, TENSORS, Enum


@dataclass(frozen=True)
class Declaration:
    """A field of a message: its comment, laid out, and its declaration."""

    comment: str
    text: str


def tensor_messages(fields: Iterable[Field]) -> list[tuple[str, str]]:
    """Name and element type of each tensor message that the fields need."""
    needed = {field.element.proto for field in fields if is_variable(field)}
    return [(name, proto) for proto, name in TENSORS.items() if proto in needed]


def is_variable(field: Field) -> bool:
    """Whether the shape of the field's tensor differs from instance to instance."""
    return field.kind == "tensor" and field.unknown_dims > 0


def instance_declaration(
    field: Field, number: int, enum: Enum | None, *, output: bool
) -> Declaration:
    """The field in Instance or Prediction."""
    return Declaration(
        wrap(" ".join(facts(field, output=output)) or f"The {field.name}.", "  // ", PROTO_WIDTH),
        f"{_instance_type(field, enum)} {field.name} = {number};",
    )


def _instance_type(field: Field, enum: Enum | None) -> str:
    if enum is not None:
        return f"optional {enum.name}"
    if field.kind in ("scalar", "image"):
        return f"optional {field.element.proto}"
    if field.unknown_dims > 1:
        return TENSORS[field.element.proto]
    return f"repeated {field.element.proto}"


def columns_declaration(field: Field, number: int, enum: Enum | None) -> Declaration:
    """The field in InstanceColumns or PredictionColumns."""
    if enum is not None:
        element = enum.name
    elif is_variable(field):
        element = TENSORS[field.element.proto]
    else:
        element = field.element.proto
    comment = wrap(_column_comment(field), "  // ", PROTO_WIDTH)
    return Declaration(comment, f"repeated {element} {field.name} = {number};")


def _column_comment(field: Field) -> str:
    if is_variable(field):
        comment = "One tensor a row."
    elif field.kind == "tensor" and field.size > 1:
        comment = f"{field.size} values a row, one row after the other."
    else:
        comment = "One value a row."
    return comment if field.default is None else f"{comment} May be left out whole."
