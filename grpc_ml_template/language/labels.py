"""The labels of an enum: read, with their numbers."""

import re

from .declared import Declared, Labels
from .errors import quoted
from .numbers import LABEL, read_number
from .scanner import Scanner, SchemaError

# What looks like a label with its number.
NUMBERED = re.compile(r"@[0-9]+$")


def read_labels(scanner: Scanner, name: str) -> Labels:
    """The labels in the parenthesis that starts here."""
    example = f'"{name}: enum(low, high)"'
    if not scanner.take("("):
        raise SchemaError("an enum needs labels in parentheses", f"write them, like {example}")
    labels = Labels()
    while True:
        scanner.skip(("\n",))
        if not labels.declared and scanner.peek() == ")":
            raise SchemaError("the enum has no labels", f"write at least one, like {example}")
        labels.declared.append(_label(scanner, labels, example))
        labels.end = scanner.end
        scanner.skip(("\n",))
        if scanner.take(")"):
            break
        if scanner.peek() and not scanner.take(","):
            raise SchemaError(
                f"no comma follows the label {quoted(labels.declared[-1].name)}",
                f"put commas between labels and quotes around several words, like {example}",
            )
    if not labels.living:
        raise SchemaError("all its labels are gone", f"leave at least one, like {example}")
    return labels


def _label(scanner: Scanner, earlier: Labels, example: str) -> Declared:
    if not scanner.peek():
        raise SchemaError('"(" is never closed', f"close it after the labels, like {example}")
    start = scanner.at
    word = scanner.word()
    is_removed = word.text == "-" and not word.quoted and scanner.peek() == '"'
    if is_removed:  # What is gone, and takes quotes.
        word = scanner.word()
    text = word.text
    at = scanner.at
    scanner.skip(("\n",))
    number = read_number(scanner, LABEL)
    if not word.quoted and NUMBERED.search(text):
        name, _, digits = text.rpartition("@")
        raise SchemaError(
            f"{quoted(text)} is a label, or one with a number",
            f'put a blank before the number, like "{name} @{digits}", or the label into quotes',
        )
    if number and not word.quoted and text.startswith("-"):
        text, is_removed = text.removeprefix("-"), True
    label = Declared(text, start, scanner.end, at, number, number > 0, is_removed, not word.quoted)
    _check(label, earlier, example)
    return label


def _check(label: Declared, earlier: Labels, example: str) -> None:
    if not label.name.strip():
        raise SchemaError("a label is empty", f"write every label, like {example}")
    if label.name in [each.name for each in earlier.declared]:
        raise SchemaError(
            f"the label {quoted(label.name)} is there twice", f"write each once, like {example}"
        )
