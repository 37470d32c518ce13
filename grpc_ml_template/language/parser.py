"""The schema language: text in, fields out.

    schema    = entry { ("," | ";" | newline) entry }      several separators in a row are fine
    entry     = field | "-" name number                    one that is gone, and whose number stays
    field     = name [ "as" "original name" ] ":" type { modifier }
    type      = scalar | scalar "[" dims "]" | scalar "[" name "]"
              | "enum(" label { "," label } ")" | "image" | "image[H,W,C]"
    dims      = "" | dim { "," dim }                       dim = whole number or "?"
    modifier  = LOW ".." HIGH | "=" VALUE | "description" | number
                                                           in any order, each at most once
    label     = text [ number ] | "-" text number          one that is gone
    text      = bare word | "quoted text"
    number    = "@" whole number

A bare word is anything without blanks, quotes, commas, semicolons or parentheses.
Quoted text may hold line breaks and the escapes \\" \\\\ \\n \\t.
A `#` outside of quotes starts a comment that runs to the end of the line.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace

from . import rules
from .declared import DeclaredField, Labels
from .errors import AnswerError, quoted, withheld
from .field_reader import read_field
from .fields import Field, Removed
from .names import check_aliases, check_unique, read_names
from .numbered_text import numbered
from .numbers import FIELD, LABEL, give_numbers, read_number
from .scanner import REST, SEPARATORS, Scanner, SchemaError
from .schema import Numbers, Schema, Taken
from .spelling import json_name
from .vectors import with_labels

MOST_FIELDS = 2000
GONE = re.compile(r"[^\s@,;:\"#]*")
NOTHING = Taken()


def parse(
    text: str,
    answer: str,
    *,
    outputs: bool,
    taken: Mapping[str, str],
    file: str = "",
    hides_text: bool = False,
    numbers: Taken = NOTHING,
) -> Schema:
    """What a text declares.

    Args:
        text: The schema.
        answer: The question it answers, for the error message.
        outputs: Whether it says what the model answers.
        taken: Names that no field can have, and what each of them is instead.
        file: Where the text is from, if from a file. Messages then tell the line.
        hides_text: Whether messages show nothing of the text but the names of fields.
        numbers: Those of the contract so far. What had one keeps it, and what is in the contract
            only is gone.

    Raises:
        AnswerError: If something in the text is wrong.
    """
    reader = _Reader(Scanner(text.replace("\r\n", "\n")), taken, outputs)
    with _told(reader, answer, file, hides_text=hides_text):
        reader.read()
        return reader.schema(numbers)


@dataclass(frozen=True)
class Entry:
    """A field as it is written in a schema.

    Attributes:
        text: What is written.
        declared: What it declares, and where; it has no numbers but those that are written.
    """

    text: str
    declared: DeclaredField


def entries(
    text: str,
    answer: str,
    *,
    outputs: bool,
    taken: Mapping[str, str],
    file: str = "",
    hides_text: bool = False,
) -> dict[str, Entry]:
    """Each field that a text declares, by its name; the text may be a part of a schema.

    Arguments and errors are those of ``parse``.
    """
    reader = _Reader(Scanner(text.replace("\r\n", "\n")), taken, outputs)
    with _told(reader, answer, file, hides_text=hides_text):
        reader.read()
    return reader.entries()


@contextmanager
def _told(reader: "_Reader", answer: str, file: str, *, hides_text: bool) -> Iterator[None]:
    """Tell where a text is wrong."""
    try:
        with withheld() if hides_text else nullcontext():
            yield
    except SchemaError as fault:
        at = fault.at or reader.at
        line = reader.scanner.text.count("\n", 0, at.start) + 1
        place = f"{answer}: line {line} of {quoted(file)}" if file else answer
        raise AnswerError(place, fault.fault, fault.fix, at.name) from None


class _Reader:
    """Reads what is declared.

    Attributes:
        scanner: The place in the text.
        at: What is being read, or was read last.
    """

    def __init__(self, scanner: Scanner, taken: Mapping[str, str], outputs: bool) -> None:
        """Start where the scanner is."""
        self.scanner = scanner
        self.at = DeclaredField("", 0)
        self._declared: list[DeclaredField] = []
        self._taken = taken
        self._outputs = outputs

    def read(self) -> None:
        """Read all that the text declares."""
        names = dict[str, str]()
        while self._at_declaration():
            self.at = DeclaredField("", self.scanner.at)
            if self.scanner.take("-"):
                _read_removed(self.scanner, self.at)
                check_unique(self.at.name, names)
            else:
                self.at.name, self.at.alias = read_names(self.scanner, self._taken)
                check_unique(self.at.name, names)
                read_field(self.scanner, self.at, self._outputs)
            names[json_name(self.at.name).lower()] = self.at.name
            self.at.end = self.scanner.end
            self._declared.append(self.at)
        self._check_all()

    def _at_declaration(self) -> bool:
        self.scanner.skip(SEPARATORS)
        return bool(self.scanner.peek())

    def _check_all(self) -> None:
        """Refuse what is wrong with all fields together."""
        self.at = DeclaredField("", self.at.start)
        fields = [each.field for each in self._declared if each.field]
        _check_count(fields)
        check_aliases(self._declared)
        if not self._outputs:
            _check_flags({field.name: field for field in fields})

    def entries(self) -> dict[str, Entry]:
        """What was read of each field."""
        text = self.scanner.text
        return {d.name: Entry(text[d.start : d.end], d) for d in self._declared if d.field}

    def schema(self, numbers: Taken) -> Schema:
        """What was read, with numbers: where none is written, that of the contract or a new one."""
        removed = give_numbers(self._declared, numbers.fields, FIELD)
        self._check_gone(removed)
        removed_labels = dict[str, Mapping[str, int]]()
        for each in self._declared:
            self.at = each
            if each.labels:
                before = numbers.labels.get(each.name, Numbers())
                removed_labels[each.name] = give_numbers(each.labels.declared, before, LABEL)
                _take_labels(each, each.labels, removed_labels[each.name])
        return Schema(
            tuple(self._fields()),
            tuple(Removed(name, number) for name, number in removed.items()),
            numbered(self.scanner.text, self._declared, removed, removed_labels),
        )

    def _check_gone(self, removed: Mapping[str, int]) -> None:
        """Refuse a name that is in JSON what one that is gone was."""
        gone = {json_name(name).lower(): name for name in removed}
        for each in self._declared:
            name = gone.get(json_name(each.name).lower(), each.name)
            if name != each.name:
                raise SchemaError(
                    f"the same JSON name as {quoted(name)} had, which is gone",
                    f'choose another one, like "{each.name}_2"',
                    each,
                )

    def _fields(self) -> Iterator[Field]:
        """The fields with their numbers, vectors with the labels of their enums."""
        enums = {each.name: each.field for each in self._declared if each.field and each.labels}
        for each in self._declared:
            self.at = each
            if each.field:
                field = replace(each.field, number=each.number)
                yield with_labels(field, enums) if field.labels_of else field


def _take_labels(declared: DeclaredField, labels: Labels, removed: Mapping[str, int]) -> None:
    """Give an enum's field its labels' numbers."""
    assert declared.field
    declared.field = replace(
        declared.field,
        label_numbers=tuple(label.number for label in labels.living),
        removed_labels=tuple(Removed(name, number) for name, number in removed.items()),
    )


def _check_count(fields: Sequence[Field]) -> None:
    if not fields:
        raise SchemaError("the schema is empty", 'write at least one field, like "age: float"')
    if len(fields) > MOST_FIELDS:
        raise SchemaError(
            f"{len(fields)} fields are more than {MOST_FIELDS}",
            f'use a tensor instead, like "features: float[{len(fields)}]"',
        )


def _check_flags(fields: Mapping[str, Field]) -> None:
    """Refuse an input whose option on the command line is the one that says no to another."""
    for name, field in fields.items():
        if field.element.kind == "bool" and not field.dims and f"no_{name}" in fields:
            raise SchemaError(
                f"{quoted(f'no_{name}')} is on the command line what says no to {quoted(name)}",
                f'rename one, like "without_{name}: bool"',
            )


def _read_removed(scanner: Scanner, declared: DeclaredField) -> None:
    """Read the rest of a line for what is gone."""
    scanner.skip()
    name = scanner.run(GONE)
    declared.name, declared.is_removed = name, True
    example = f'"-{name if rules.FIELD_NAME.fullmatch(name) else "age"} @2"'
    if not rules.FIELD_NAME.fullmatch(name):
        raise SchemaError(
            f"{quoted(name)} after a minus is no name of a field that is gone",
            f"write name and number, like {example}",
        )
    declared.number_at = scanner.end
    scanner.skip()
    declared.number = read_number(scanner, FIELD)
    declared.has_number = declared.number > 0
    scanner.skip()
    if scanner.peek() and scanner.peek() not in SEPARATORS:
        raise SchemaError(
            f"{quoted(scanner.run(REST))} follows what is gone",
            f"leave name and number, like {example}",
        )
