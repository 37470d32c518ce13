"""How the schema looks in the proto: the fields of messages, enums, and tensor messages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..language.fields import Field
from ..printing.text import wrap
from ..printing.words import facts
from .enums import PROTO_WIDTH, TENSORS, Enum
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
        return "\n".join(self._values(self.service.input_fields, output=False))

    @property
    def prediction(self) -> str:
        """The fields of Prediction."""
        return "\n".join(self._values(self.service.output_fields, output=True))

    def _values(self, fields: tuple[Field, ...], *, output: bool) -> Iterator[str]:
        for number, field in enumerate(fields, start=1):
            comment = " ".join(facts(field, output=output)) or f"The {field.name}."
            kind = _instance_type(field, self.enums_of.get(field))
            yield _declaration(comment, kind, field.name, number)

    @property
    def instance_columns(self) -> str:
        """The fields of InstanceColumns."""
        return "\n".join(self._columns(self.service.input_fields))

    @property
    def prediction_columns(self) -> str:
        """The fields of PredictionColumns."""
        return "\n".join(self._columns(self.service.output_fields))

    def _columns(self, fields: tuple[Field, ...]) -> Iterator[str]:
        for number, field in enumerate(fields, start=1):
            kind = _column_type(field, self.enums_of.get(field))
            yield _declaration(_column_comment(field), kind, field.name, number)

    @property
    def enums(self) -> list[Enum]:
        """The enums, each once, in the order of the schema."""
        return list(dict.fromkeys(self.enums_of.values()))

    @property
    def tensors(self) -> list[tuple[str, str]]:
        """Name and element type of the messages that carry tensors of any shape."""
        needed = {field.element.proto for field in self.service.fields if _varies(field)}
        return [(name, proto) for proto, name in TENSORS.items() if proto in needed]


def _declaration(comment: str, kind: str, name: str, number: int) -> str:
    """A field of a message, below its comment."""
    return f"{wrap(comment, '  // ', PROTO_WIDTH)}\n  {kind} {name} = {number};"


def _varies(field: Field) -> bool:
    """Whether the shape of the field's tensor differs from instance to instance."""
    return field.kind == "tensor" and field.unknown_dims > 0


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
