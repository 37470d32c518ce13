"""How the schema looks in the proto: the fields of messages, enums, and tensor messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..language.fields import Field
from ..language.schema import Schema
from ..printing.text import wrap
from ..printing.words import facts
from .enums import PROTO_WIDTH, TENSORS, Enum, reserved
from .service import Service


@dataclass(frozen=True)
class Proto:
    """The parts of the proto that follow from the schema."""

    service: Service
    enums_of: Mapping[Field, Enum]

    @property
    def title(self) -> str:
        """The comment that opens the file."""
        return wrap(self.service.description or self.service.model_name, "// ", PROTO_WIDTH)

    @property
    def instance(self) -> str:
        """The fields of Instance."""
        return self._values(self.service.input_schema, output=False)

    @property
    def prediction(self) -> str:
        """The fields of Prediction."""
        return self._values(self.service.output_schema, output=True)

    def _values(self, schema: Schema, *, output: bool) -> str:
        lines = []
        for field in schema.fields:
            comment = " ".join(facts(field, output=output)) or f"The {field.name}."
            kind = _instance_type(field, self.enums_of.get(field))
            lines += [_declaration(comment, kind, field)]
        return _message(schema, lines)

    @property
    def instance_columns(self) -> str:
        """The fields of InstanceColumns."""
        return self._columns(self.service.input_schema)

    @property
    def prediction_columns(self) -> str:
        """The fields of PredictionColumns."""
        return self._columns(self.service.output_schema)

    def _columns(self, schema: Schema) -> str:
        lines = []
        for field in schema.fields:
            kind = _column_type(field, self.enums_of.get(field))
            lines += [_declaration(_column_comment(field), kind, field)]
        return _message(schema, lines)

    @property
    def enums(self) -> list[Enum]:
        """The enums, each once, in the order of the schema."""
        return list(dict.fromkeys(self.enums_of.values()))

    @property
    def tensors(self) -> list[tuple[str, str]]:
        """Name and element type of the messages that carry tensors of any shape."""
        needed = {field.element.proto for field in self.service.fields if _varies(field)}
        return [(name, proto) for proto, name in TENSORS.items() if proto in needed]


def _message(schema: Schema, declarations: Iterable[str]) -> str:
    """What is in a message: what it keeps of fields that are gone, then the fields."""
    gone = reserved((each.name, each.number) for each in schema.removed)
    return "\n".join([*filter(None, [gone]), *declarations])


def _declaration(comment: str, kind: str, field: Field) -> str:
    """A field of a message, below its comment."""
    return f"{wrap(comment, '  // ', PROTO_WIDTH)}\n  {kind} {field.name} = {field.number};"


def _varies(field: Field) -> bool:
    """Whether the number of its values differs from instance to instance, or from year to year."""
    return field.kind == "vector" or (field.kind == "tensor" and field.unknown_dims > 0)


def _instance_type(field: Field, enum: Enum | None) -> str:
    """The type of the field in Instance or Prediction."""
    if enum is not None:
        return f"optional {enum.name}"
    if field.kind in ("scalar", "image"):
        return f"optional {field.element.proto}"
    if field.unknown_dims > 1:
        return TENSORS[field.element.proto]
    return f"repeated {field.element.proto}"


def _column_type(field: Field, enum: Enum | None) -> str:
    """The type of the field in InstanceColumns or PredictionColumns."""
    if enum is not None:
        return f"repeated {enum.name}"
    element = field.element.proto
    return f"repeated {TENSORS[element] if _varies(field) else element}"


def _column_comment(field: Field) -> str:
    if _varies(field):
        comment = "One tensor a row."
    elif field.kind == "tensor" and field.size > 1:
        comment = f"{field.size} values a row, one row after the other."
    else:
        comment = "One value a row."
    return comment if field.default is None else f"{comment} May be left out whole."
