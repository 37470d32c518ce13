"""Writes numbers into the text of a schema, and lines for what is gone."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from .declared import Declared, DeclaredField, Labels
from .writing import label_text, quoted_text

# What may stand between two fields of one line, and around them.
BETWEEN = " \t\r,;"


class Edit(NamedTuple):
    """Text that takes the place of another one."""

    start: int
    end: int
    text: str


def numbered(
    text: str,
    declared: Sequence[DeclaredField],
    removed: Mapping[str, int],
    removed_labels: Mapping[str, Mapping[str, int]],
) -> str:
    """Return the text with the numbers of all that is declared, and of what is gone.

    A text of one line gets a line a field, since it is to be edited.

    Args:
        text: The text as it was read.
        declared: What it declares, with its numbers.
        removed: The numbers of all fields that are gone.
        removed_labels: The numbers of all labels that are gone, by the fields that had them.
    """
    edits = [*_numbers(declared)]
    for each in declared:
        if each.labels:
            edits += _lost_labels(each.labels, removed_labels[each.name])
    if "\n" not in text.strip():
        edits += _line_breaks(text, declared)
    written = edited(text, edits).strip("\n")
    known = {each.name for each in declared}
    lost = [f"-{name} @{number}" for name, number in removed.items() if name not in known]
    return "\n".join([written, *lost])


def _numbers(declared: Sequence[DeclaredField]) -> Iterator[Edit]:
    for each in declared:
        if not each.has_number:
            yield Edit(each.number_at, each.number_at, f" @{each.number}")
        if each.labels:
            for label in each.labels.declared:
                yield from _number_of(label)


def _number_of(label: Declared) -> Iterator[Edit]:
    if label.has_number:
        return
    if label.is_bare and label.name.startswith("-"):  # With a number, it would be one that is gone.
        yield Edit(label.start, label.number_at, f"{quoted_text(label.name)} @{label.number}")
    else:
        yield Edit(label.number_at, label.number_at, f" @{label.number}")


def _lost_labels(labels: Labels, removed: Mapping[str, int]) -> Iterator[Edit]:
    known = {label.name for label in labels.declared}
    for name, number in removed.items():
        if name not in known:
            yield Edit(labels.end, labels.end, f", -{label_text(name)} @{number}")


def _line_breaks(text: str, declared: Sequence[DeclaredField]) -> Iterator[Edit]:
    first, last = declared[0], declared[-1]
    yield Edit(0, first.start, "")
    for before, after in pairwise(declared):
        yield Edit(before.end, after.start, "\n")
    rest = text[last.end :].strip(BETWEEN + "\n")
    yield Edit(last.end, len(text), f"  {rest}" if rest else "")


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text with edits that do not overlap; of two at one place, the first comes first."""
    parts, at = list[str](), 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])
