"""How the schema looks in the proto: enums, tensor messages, and a declaration for each field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from ..language.fields import Field
from ..language.names import PYTHON_KEYWORDS, pascal, upper
from ..printing.text import WIDTH, columns, one_line, python_call, python_string, sentence, wrap
from ..printing.words import facts

PROTO_WIDTH = 80
TENSORS = {
    "float": "FloatTensor",
    "double": "DoubleTensor",
    "int32": "Int32Tensor",
    "int64": "Int64Tensor",
    "uint32": "Uint32Tensor",
    "uint64": "Uint64Tensor",
    "bool": "BoolTensor",
    "string": "StringTensor",
    "bytes": "BytesTensor",
}
MESSAGES = {
    "BatchPredictRequest",
    "BatchPredictResponse",
    "FieldViolation",
    "GetModelMetadataRequest",
    "GetModelMetadataResponse",
    "Instance",
    "InstanceColumns",
    "InvalidInstance",
    "PredictRequest",
    "PredictResponse",
    "Prediction",
    "PredictionColumns",
    "StreamPredictRequest",
    "StreamPredictResponse",
    *TENSORS.values(),
}


@dataclass(frozen=True)
class EnumValue:
    """One label: its name in the proto, its number there, and the label itself."""

    name: str
    number: int
    label: str

    @property
    def comment(self) -> str:
        """The label, as a comment on one line."""
        return f'"{one_line(self.label)}".'


@dataclass(frozen=True)
class Enum:
    """An enum of the proto and the constants that hold its labels in Python."""

    name: str
    title: str
    values: tuple[EnumValue, ...]

    @property
    def prefix(self) -> str:
        """What the names of all values begin with."""
        return enum_prefix(self.name)

    @property
    def type(self) -> str:
        """The name of the Python type of the labels, which ends as no other name there does."""
        return f"{self.name}Label"

    @property
    def literal(self) -> str:
        """How the Python type of the labels is made."""
        labels = [python_string(value.label) for value in self.values]
        return python_call(0, f"{self.type} = Literal[", labels)

    @property
    def constant(self) -> str:
        """The Python constant that holds the labels."""
        return f"{self.prefix}_LABELS"

    @property
    def constant_line(self) -> str:
        """How it gets its value, laid out as the formatter does."""
        head, value = f"{self.constant}: tuple[{self.type}, ...] = ", f"get_args({self.type})"
        if columns(f"{head}get_args(") <= WIDTH:
            return python_call(0, f"{head}get_args(", [self.type])
        if columns(f"{head}(") <= WIDTH:
            return f"{head}(\n    {value}\n)"
        return f"{self.constant}: tuple[\n    {self.type}, ...\n] = {value}"


@dataclass(frozen=True)
class Declaration:
    """A field of a message: its comment, laid out, and its declaration."""

    comment: str
    text: str


def name_enums(fields: Iterable[Field], service: str) -> dict[Field, Enum]:
    """The enum of each enum field; an input and an output of one name and labels share theirs.

    Args:
        fields: The inputs and the outputs.
        service: The name of the service, which no enum can have too.
    """
    labelled = [field for field in fields if field.kind == "enum"]
    distinct = {(field.name, field.labels): field for field in reversed(labelled)}
    named = _enum_names([*reversed(distinct.values())], {*MESSAGES, *PYTHON_KEYWORDS, service})
    used = {f"{enum_prefix(name)}_UNSPECIFIED" for name in named.values()}
    enums = {}
    for field, name in named.items():
        title = sentence(field.description) or f"The labels of {field.name}."
        values = tuple(_enum_values(name, field.labels, used))
        enums[field.name, field.labels] = Enum(name, wrap(title, "// ", PROTO_WIDTH), values)
    return {field: enums[field.name, field.labels] for field in labelled}


def _enum_names(fields: Iterable[Field], taken: set[str]) -> dict[Field, str]:
    """A name for the enum of each field, such that not even the names of their values meet."""
    prefixes = set[str]()
    names = {}
    for field in fields:
        free = (name for name in _candidates(pascal(field.name), "Label") if name not in taken)
        names[field] = next(name for name in free if enum_prefix(name) not in prefixes)
        prefixes.add(enum_prefix(names[field]))
    return names


def _enum_values(name: str, labels: Sequence[str], used: set[str]) -> Iterator[EnumValue]:
    prefix = enum_prefix(name)
    for number, label in enumerate(labels, start=1):
        stem = upper(label) or f"LABEL_{number}"
        candidates = _candidates(f"{prefix}_{stem}", "_LABEL")
        value = next(candidate for candidate in candidates if candidate not in used)
        used.add(value)
        yield EnumValue(value, number, label)


def _candidates(name: str, suffix: str) -> Iterator[str]:
    yield name
    yield f"{name}{suffix}"
    yield from (f"{name}{suffix}{number}" for number in count(2))


def enum_prefix(name: str) -> str:
    """The name in upper snake case, word for word as buf lint has it."""
    prefix = name[0]
    for before, letter, after in zip(name, name[1:], [*name[2:], ""], strict=False):
        if letter.isupper() and (
            before.islower() or (after and not after.isupper() and not after.isdigit())
        ):
            prefix += "_"
        prefix += letter
    return prefix.upper()


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
