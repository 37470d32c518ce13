"""The schema language: text in, fields out.

    schema    = field { ("," | ";" | newline) field }      several separators in a row are fine
    field     = name ":" type { modifier }
    type      = scalar | scalar "[" dims "]" | "enum(" label { "," label } ")"
              | "image" | "image[H,W,C]"
    dims      = "" | dim { "," dim }                       dim = whole number or "?"
    modifier  = LOW ".." HIGH | "=" VALUE | "description"  in any order, each at most once
    label     = bare word | "quoted text"

A bare word is anything without blanks, quotes, commas, semicolons or parentheses.
Quoted text may hold line breaks and the escapes \\" \\\\ \\n \\t.
A `#` outside of quotes starts a comment that runs to the end of the line.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace

from . import rules, values
from .errors import AnswerError, quoted, withheld
from .fields import ENUM, IMAGE, SCALARS, Field
from .scanner import NAME, RANGE, REST, SEPARATORS, SINGLE_QUOTES, TYPE, Scanner, SchemaError, Word
from .spelling import json_name

MOST_FIELDS = 2000


def parse(
    text: str, answer: str, *, outputs: bool, taken: Mapping[str, str], file: str = ""
) -> tuple[Field, ...]:
    """The fields of a schema.

    Args:
        text: The schema.
        answer: The question it answers, for the error message.
        outputs: Whether it says what the model answers.
        taken: Names that no field can have, and what each of them is instead.
        file: Where the text is from, if from a file. Messages then tell the line, and show
            nothing of it but the names of fields.
    """
    scanner = Scanner(text.replace("\r\n", "\n"))
    fields: dict[str, Field] = {}
    name, start = "", 0
    try:
        with withheld() if file else nullcontext():
            while _at_field(scanner):
                name, start = "", scanner.at
                name = _name(scanner, taken)
                _check_unique(name, fields)
                fields[json_name(name).lower()] = _field(scanner, name, outputs)
            name = ""
            _check_count(fields)
            if not outputs:
                _check_flags({field.name: field for field in fields.values()})
    except SchemaError as fault:
        line = scanner.text.count("\n", 0, start) + 1
        place = f"{answer}: line {line} of {quoted(file)}" if file else answer
        raise AnswerError(place, fault.fault, fault.fix, name) from None
    return tuple(fields.values())


def _at_field(scanner: Scanner) -> bool:
    scanner.skip(SEPARATORS)
    return bool(scanner.peek())


def _check_unique(name: str, fields: dict[str, Field]) -> None:
    earlier = fields.get(json_name(name).lower())
    if earlier is None:
        return
    same = (
        "the same name" if earlier.name == name else f"the same JSON name as {quoted(earlier.name)}"
    )
    raise SchemaError(f"{same} is used twice", f'rename one, like "{name}_2: float"')


def _check_count(fields: dict[str, Field]) -> None:
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


def _name(scanner: Scanner, taken: Mapping[str, str]) -> str:
    name = scanner.run(NAME).strip()
    if scanner.peek() == '"' and not name:
        text = quoted(scanner.quoted())
        raise SchemaError(
            f"{text} is a text where a name should be", 'write a field like "age: float"'
        )
    if not scanner.take(":"):
        raise SchemaError(f"{quoted(name)} has no colon", 'write "NAME: TYPE", like "age: float"')
    if not name:
        raise SchemaError("there is no name before the colon", 'write one, like "age: float"')
    rules.check_name(name, taken)
    return name


@dataclass
class _Modifiers:
    range: tuple[str, str] | None = None
    default: Word | None = None
    description: str | None = None


def _field(scanner: Scanner, name: str, outputs: bool) -> Field:
    field = _type(scanner, name)
    modifiers = _modifiers(scanner, field)
    if outputs:
        _check_output(field, modifiers)
    if modifiers.description:
        field = replace(field, description=modifiers.description)
    if modifiers.range is not None:
        low, high = values.read_range(field, *modifiers.range)
        field = replace(field, low=low, high=high)
    if modifiers.default is not None:
        field = replace(field, default=values.read_default(field, modifiers.default))
    return field


def _check_output(field: Field, modifiers: _Modifiers) -> None:
    for what, found in (("range", modifiers.range), ("default", modifiers.default)):
        if found is not None:
            raise SchemaError(
                f"outputs take no {what}",
                f"leave it out, like {_example(field)}; if this is a line of a longer paste, "
                'put the schema into a file and answer "@FILE"',
            )


def _type(scanner: Scanner, name: str) -> Field:
    """A field with its type and nothing else yet."""
    scanner.skip()
    word = scanner.run(TYPE)
    scanner.skip()
    if not word:
        raise SchemaError("the type is missing", f'write one after the colon, like "{name}: float"')
    if word == "enum":
        return Field(name, "enum", ENUM, labels=_labels(scanner, name))
    if word == "image":
        return _image(scanner, name)
    if word not in SCALARS:
        raise rules.unknown_type(name, word)
    held = scanner.brackets()
    if held is None:
        return Field(name, "scalar", SCALARS[word])
    return Field(name, "tensor", SCALARS[word], rules.read_dims(held, f"{name}: {word}[3]"))


def _image(scanner: Scanner, name: str) -> Field:
    held = scanner.brackets()
    if held is None:
        return Field(name, "image", IMAGE, (None, None, 3))
    example = f"{name}: image[224,224,3]"
    dims = rules.read_dims(held, example)
    if len(dims) != 3 or None in dims or dims[2] not in (1, 3, 4):
        raise SchemaError(
            f"{quoted('image[' + held + ']')} is not a height, a width and 1, 3 or 4 channels",
            f'write three numbers, like "{example}", or "image" alone for any size',
        )
    return Field(name, "image", IMAGE, dims)


def _labels(scanner: Scanner, name: str) -> tuple[str, ...]:
    example = f'"{name}: enum(low, high)"'
    if not scanner.take("("):
        raise SchemaError("an enum needs labels in parentheses", f"write them, like {example}")
    labels: list[str] = []
    while True:
        scanner.skip(("\n",))
        if not labels and scanner.peek() == ")":
            raise SchemaError("the enum has no labels", f"write at least one, like {example}")
        _add_label(scanner, labels, example)
        scanner.skip(("\n",))
        if scanner.take(")"):
            return tuple(labels)
        if scanner.peek() and not scanner.take(","):
            raise SchemaError(
                f"no comma follows the label {quoted(labels[-1])}",
                f"put commas between labels and quotes around several words, like {example}",
            )


def _add_label(scanner: Scanner, labels: list[str], example: str) -> None:
    if not scanner.peek():
        raise SchemaError('"(" is never closed', f"close it after the labels, like {example}")
    label = scanner.word().text
    if not label.strip():
        raise SchemaError("a label is empty", f"write every label, like {example}")
    if label in labels:
        raise SchemaError(
            f"the label {quoted(label)} is there twice", f"write each once, like {example}"
        )
    labels.append(label)


def _modifiers(scanner: Scanner, field: Field) -> _Modifiers:
    found = _Modifiers()
    while True:
        scanner.skip()
        char = scanner.peek()
        if not char or char in SEPARATORS:
            return found
        if char == '"':
            _check_first(found.description, "description", f"'{field.name}: float \"in cm\"'")
            found.description = scanner.quoted()
        elif scanner.take("="):
            _check_first(found.default, "default", f'"{field.name}: float = 0.5"')
            scanner.skip()
            found.default = scanner.word()
        elif ends := scanner.match(RANGE):
            _check_first(found.range, "range", f'"{field.name}: float 0..100"')
            found.range = (ends[1] or "", ends[2] or "")
        else:
            raise _unknown_modifier(scanner, field)


def _check_first(earlier: object, what: str, example: str) -> None:
    if earlier is not None:
        raise SchemaError(f"a second {what}", f"write only one, like {example}")


def _unknown_modifier(scanner: Scanner, field: Field) -> SchemaError:
    name, char, word = field.name, scanner.peek(), scanner.run(REST)
    if char in ")]":
        return SchemaError(f'"{char}" closes nothing', f"leave it out, like {_example(field)}")
    if char == "[" and field.kind == "tensor":
        return SchemaError(
            "a second pair of brackets", f'write all sizes in one, like "{name}: float[2,3]"'
        )
    if char == "[":
        return SchemaError(
            f"{field.element.name} takes no sizes here", f"leave them out, like {_example(field)}"
        )
    if char == "'":
        return SchemaError(SINGLE_QUOTES, f"write it like '{name}: float \"in cm\"'")
    if ".." in word:
        return SchemaError(
            f"{quoted(word)} is not a range", f'write two numbers, like "{name}: float -1.5..1e3"'
        )
    return SchemaError(
        f"{quoted(word)} is not a range, a default or a quoted text",
        f"write them like '{name}: float 0..100 = 50 \"in cm\"'",
    )


def _example(field: Field) -> str:
    type_name = field.element.name
    return f'"{field.name}: {rules.EXAMPLES.get(type_name, type_name)}"'
