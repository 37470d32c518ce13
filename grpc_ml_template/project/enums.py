"""The enums of the proto, and the types that hold their labels in Python."""

import keyword
import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from ..language.fields import SCALARS, Field
from ..language.spelling import pascal, upper
from ..printing.text import (
    WIDTH,
    columns,
    one_line,
    python_call,
    python_literal,
    python_string,
    python_tuple,
    sentence,
    wrap,
)
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
    removed: tuple[EnumValue, ...]

    @property
    def reserved(self) -> str:
        """The numbers and names of labels that are gone, which nothing else is to have."""
        return reserved((value.name, value.number) for value in self.removed)

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

    @property
    def numbers(self) -> str:
        """The Python constant that holds the labels' numbers; empty if they go from 1."""
        numbers = [value.number for value in self.values]
        return "" if numbers == [*range(1, len(numbers) + 1)] else f"{self.prefix}_NUMBERS"

    @property
    def numbers_line(self) -> str:
        """How it gets its value; empty if it is not there."""
        if not self.numbers:
            return ""
        numbers = [str(value.number) for value in self.values]
        if len(numbers) == 1:
            return f"{self.numbers} = {python_tuple(numbers)}"
        return python_literal(0, f"{self.numbers} = (", numbers)


def reserved(gone: Iterable[tuple[str, int]]) -> str:
    """The lines that reserve names and numbers, for protoc to refuse them; empty if there are none."""
    lines = [f'  reserved {number};\n  reserved "{name}";\n' for name, number in gone]
    return "".join(lines)


def name_enums(fields: Iterable[Field], service: str) -> dict[Field, Enum]:
    """The enum of each enum field; an input and an output of one name and labels share theirs.

    Args:
        fields: The inputs and the outputs.
        service: The name of the service, which no enum can have too.
    """
    labelled = [field for field in fields if field.kind == "enum"]
    distinct = {_labels_of(field): field for field in reversed(labelled)}
    named = _enum_names([*reversed(distinct.values())], {*MESSAGES, *keyword.kwlist, service})
    used = {f"{enum_prefix(name)}_UNSPECIFIED" for name in named.values()}
    enums = {}
    for field, name in named.items():
        title = sentence(field.description) or f"The labels of {field.name}."
        values, removed = _enum_values(name, field, used)
        enums[_labels_of(field)] = Enum(name, wrap(title, "// ", PROTO_WIDTH), values, removed)
    return {field: enums[_labels_of(field)] for field in labelled}


def _labels_of(field: Field) -> Hashable:
    """What fields have in common that share an enum."""
    return field.name, field.labels, field.label_numbers, field.removed_labels


def _enum_names(fields: Iterable[Field], taken: set[str]) -> dict[Field, str]:
    """A name for the enum of each field, such that not even the names of their values meet."""
    prefixes = set[str]()
    names = {}
    for field in fields:
        free = (name for name in _candidates(pascal(field.name), "Label") if name not in taken)
        names[field] = next(name for name in free if enum_prefix(name) not in prefixes)
        prefixes.add(enum_prefix(names[field]))
    return names


def _enum_values(
    name: str, field: Field, used: set[str]
) -> tuple[tuple[EnumValue, ...], tuple[EnumValue, ...]]:
    """The labels that are there, and those that are gone.

    They are named in the order of their numbers, so that no new label changes the name of another.
    """
    prefix = enum_prefix(name)
    numbers = dict(zip(field.label_numbers, field.labels, strict=True))
    gone = {removed.number: removed.name for removed in field.removed_labels}
    values = dict[int, EnumValue]()
    for number, label in sorted({**numbers, **gone}.items()):
        candidates = _candidates(f"{prefix}_{upper(label) or f'LABEL_{number}'}", "_LABEL")
        value = next(candidate for candidate in candidates if candidate not in used)
        used.add(value)
        values[number] = EnumValue(value, number, label)
    return tuple(map(values.__getitem__, numbers)), tuple(map(values.__getitem__, gone))


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
