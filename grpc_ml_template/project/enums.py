"""The enums of the proto, and the types that hold their labels in Python."""

import keyword
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from ..language.fields import SCALARS, Field
from ..language.spelling import pascal, upper
from ..printing.text import WIDTH, columns, one_line, python_call, python_string, sentence, wrap
from .templates import PROTO, text_of

PROTO_WIDTH = 80
# The message of tensors, for each type that elements travel as.
TENSORS = {each.proto: f"{each.proto.capitalize()}Tensor" for each in SCALARS.values()}
MESSAGES = {*TENSORS.values(), *re.findall(r"^message (\w+)", text_of(PROTO), re.MULTILINE)}


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


def name_enums(fields: Iterable[Field], service: str) -> dict[Field, Enum]:
    """The enum of each enum field; an input and an output of one name and labels share theirs.

    Args:
        fields: The inputs and the outputs.
        service: The name of the service, which no enum can have too.
    """
    labelled = [field for field in fields if field.kind == "enum"]
    distinct = {(field.name, field.labels): field for field in reversed(labelled)}
    named = _enum_names([*reversed(distinct.values())], {*MESSAGES, *keyword.kwlist, service})
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
