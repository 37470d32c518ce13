"""How the schema looks in the proto: enums, tensor messages, and a declaration for each field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .fields import Field
from .names import pascal, upper
from .text import WIDTH, columns, one_line, python_call, python_string, sentence, wrap
from .words import facts

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

# What the generated modules that import the labels' types use beside them.
PYTHON_NAMES = {
    "Annotated",
    "Any",
    "AnyLabel",
    "ArrayLike",
    "AsyncIterable",
    "AsyncIterator",
    "Batch",
    "Callable",
    "Cell",
    "Columns",
    "Console",
    "DTypeLike",
    "Frame",
    "HealthCheckResponse",
    "Inputs",
    "Iterable",
    "Iterator",
    "Literal",
    "Mapping",
    "Metadata",
    "NDArray",
    "NamedTuple",
    "NoReturn",
    "NotRequired",
    "Outputs",
    "Path",
    "Predictions",
    "Protocol",
    "Self",
    "Sequence",
    "Settings",
    "Table",
    "Target",
    "Timeout",
    "TracebackType",
    "TypeVar",
    "TypedDict",
    "ValidationError",
    "Violation",
    "Wait",
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
    def literal(self) -> str:
        """The Python type of the labels."""
        labels = [python_string(value.label) for value in self.values]
        return python_call(0, f"{self.name} = Literal[", labels)

    @property
    def constant(self) -> str:
        """The Python constant that holds the labels."""
        return f"{self.prefix}_LABELS"

    @property
    def constant_line(self) -> str:
        """How it gets its value, laid out as the formatter does."""
        head, value = f"{self.constant}: tuple[{self.name}, ...] = ", f"get_args({self.name})"
        if columns(f"{head}get_args(") <= WIDTH:
            return python_call(0, f"{head}get_args(", [self.name])
        if columns(f"{head}(") <= WIDTH:
            return f"{head}(\n    {value}\n)"
        return f"{self.constant}: tuple[\n    {self.name}, ...\n] = {value}"


@dataclass(frozen=True)
class Declaration:
    """A field of a message: its comment, laid out, and its declaration."""

    comment: str
    text: str


def name_enums(fields: Iterable[Field], taken: Iterable[str]) -> dict[Field, Enum]:
    """The enum of each enum field; an input and an output of one name and labels share theirs.

    Args:
        fields: The inputs and the outputs.
        taken: Names that the generated code has for something else.
    """
    enums: dict[tuple[str, tuple[str, ...]], Enum] = {}
    found: dict[Field, Enum] = {}
    types, values = {*MESSAGES, *PYTHON_NAMES, *taken}, set[str]()
    for field in fields:
        if field.kind == "enum":
            key = (field.name, field.labels)
            if key not in enums:
                name = _unused(pascal(field.name), "Label", types)
                title = sentence(field.description) or f"The labels of {field.name}."
                comment = wrap(title, "// ", PROTO_WIDTH)
                enums[key] = Enum(name, comment, tuple(_enum_values(name, field.labels, values)))
            found[field] = enums[key]
    return found


def _enum_values(name: str, labels: Sequence[str], used: set[str]) -> Iterator[EnumValue]:
    prefix = enum_prefix(name)
    used.add(f"{prefix}_UNSPECIFIED")
    for number, label in enumerate(labels, start=1):
        stem = upper(label) or f"LABEL_{number}"
        yield EnumValue(_unused(f"{prefix}_{stem}", "_LABEL", used), number, label)


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


def _unused(name: str, suffix: str, used: set[str]) -> str:
    """The name, or the first of name + suffix, name + suffix + 2, ... that nobody uses yet."""
    candidate, count = name, 1
    while candidate in used:
        candidate = f"{name}{suffix}{count if count > 1 else ''}"
        count += 1
    used.add(candidate)
    return candidate


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
