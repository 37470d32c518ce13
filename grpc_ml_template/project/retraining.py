"""The text of a schema, changed as far as another model takes and returns something else."""

import keyword
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..language.declared import DeclaredField, Labels
from ..language.errors import AnswerError
from ..language.numbered_text import BETWEEN, Edit, edited
from ..language.writing import label_text, quoted_text
from ..sources.common.opening import SourceError
from ..sources.common.signature import Part
from ..sources.naming import field_names
from ..sources.schema_text import lines, type_text
from .schemas import names_taken, typed_entries

# A default, behind the limits of a type.
DEFAULT = re.compile(r'[^="]*?(\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,"@]+))')


@dataclass(frozen=True)
class Side:
    """What a model takes, or what it returns.

    Attributes:
        name: Which of both: inputs or outputs.
        before: What the earlier model had, by name; None where its file does not say more.
        after: What the model has now.
        gone: The names of fields that the contract has had once.
    """

    name: str
    before: Mapping[str, Part | None]
    after: Sequence[Part]
    gone: Collection[str]


def retrained(text: str, side: Side) -> str:
    """The text of a schema for the new model.

    What both models have keeps its line, but for a type or labels that are others. What only the
    earlier one had goes, and what is new comes last. Fields of the project's own stay.

    Raises:
        AnswerError: If the text is wrong, or if something of the model cannot be said in it.
    """
    entries = typed_entries(text, side.name, f"schema/{side.name}.txt")
    fields = {e.declared.alias or name: e.declared for name, e in entries.items()}
    try:
        names = _names(side, fields)
        new_lines = lines(side.after, names)
    except SourceError as error:
        raise AnswerError("source", error.fault, error.fix) from None
    typed = typed_entries("\n".join(new_lines.values()), side.name, "")
    parts = {part.name: part for part in side.after}
    edits = [
        *_removals(
            text, [fields[name] for name in fields.keys() & side.before if name not in parts]
        ),
        *_types(text, side, fields, names, {name: typed[names[name]].declared for name in parts}),
        *_defaults(text, side, fields),
        *_remarks(text, side, fields),
    ]
    new = [new_lines[names[name]] for name in parts if name not in fields]
    if new:
        kept = [
            each.end for name, each in fields.items() if name in parts or name not in side.before
        ]
        edits += [_addition(text, max(kept, default=len(text)), new)]
    return edited(text, edits)


def _names(side: Side, fields: Mapping[str, DeclaredField]) -> dict[str, str]:
    """The name of each field of the model: the one that it has in the text, or one that is free."""
    known = {original: each.name for original, each in fields.items()}
    # No file has such a name.
    known |= {f"\0{name}": name for name in side.gone}
    originals = dict.fromkeys([*(part.name for part in side.after), *known])
    taken = {*names_taken(side.name), *keyword.kwlist}
    found = field_names(originals, taken, known, side.name.removesuffix("s"))
    return {part.name: found[part.name] for part in side.after}


def _removals(text: str, gone: Sequence[DeclaredField]) -> Iterator[Edit]:
    for each in gone:
        start = text.rfind("\n", 0, each.start) + 1
        end = text.find("\n", each.end) + 1 or len(text)
        rest = text[each.end : end].lstrip(BETWEEN)
        if not text[start : each.start].strip(BETWEEN) and rest[:1] in ("", "\n", "#"):
            yield Edit(start, end, "")
        else:
            yield Edit(each.start, end - len(rest), "")


def _types(
    text: str,
    side: Side,
    fields: Mapping[str, DeclaredField],
    names: Mapping[str, str],
    typed: Mapping[str, DeclaredField],
) -> Iterator[Edit]:
    """Write types and labels anew that are others than those of the earlier model."""
    for part in side.after:
        each, before = fields.get(part.name), side.before.get(part.name)
        if each is None or _type(each) == _type(typed[part.name]):
            continue
        if before and _said(before) == _said(part):
            continue  # It is the project's own, which the earlier model has been served with.
        if _differ_in_precision(each, typed[part.name]):
            continue  # Callers would read one as the other, and NumPy converts it.
        if each.labels and part.type == "enum":
            new = _enum(text, each.labels, before, part)
        else:
            new = type_text(part, names)
        yield Edit(each.type_start, each.type_end, new)


def _defaults(text: str, side: Side, fields: Mapping[str, DeclaredField]) -> Iterator[Edit]:
    """Leave out the defaults of what may be missing no longer."""
    for part, before, each in _common(side, fields):
        if before.default is not None and part.default is None:
            found = DEFAULT.match(text, each.type_end, each.end)
            if found:
                yield Edit(found.start(1), found.end(1), "")


def _remarks(text: str, side: Side, fields: Mapping[str, DeclaredField]) -> Iterator[Edit]:
    """Write anew what the file of the earlier model said of its fields."""
    for part, before, each in _common(side, fields):
        if before.about and before.about != part.about:
            old, new = quoted_text(before.about), part.about and quoted_text(part.about)
            start = text.find(old, each.type_end, each.end)
            if start >= 0:
                yield Edit(start, start + len(old), new)


def _common(
    side: Side, fields: Mapping[str, DeclaredField]
) -> Iterator[tuple[Part, Part, DeclaredField]]:
    """What both models have: as the new one has it, as the earlier one had, and as the text has."""
    for part in side.after:
        each, before = fields.get(part.name), side.before.get(part.name)
        if each and before:
            yield part, before, each


def _type(declared: DeclaredField) -> object:
    field = declared.field
    assert field
    return field.kind, field.element, field.dims, field.labels_of, {*field.labels}


def _differ_in_precision(one: DeclaredField, other: DeclaredField) -> bool:
    """Whether one has floats of 64 bits, and the other fewer."""
    assert one.field
    assert other.field
    elements = one.field.element, other.field.element
    if {element.kind for element in elements} != {"float"}:
        return False
    is_alike = _type(replace(one, field=replace(one.field, element=elements[1]))) == _type(other)
    return is_alike and elements[0].proto != elements[1].proto


def _said(part: Part) -> object:
    return part.type, part.dims, part.labels, part.labels_of


def _enum(text: str, labels: Labels, before: Part | None, after: Part) -> str:
    """An enum with the labels of the new model; those that it had are written as they were."""
    written = {label.name: text[label.start : label.end] for label in labels.living}
    known = before.labels if before else (*written,)
    wanted = [*after.labels]
    if (*written,) != known:  # In an order of the project's own, or with labels of its own.
        kept = [name for name in written if name in after.labels or name not in known]
        wanted = [*kept, *(name for name in after.labels if name not in (*written, *known))]
    gone = [text[label.start : label.end] for label in labels.declared if label.is_removed]
    return f"enum({', '.join([*(written.get(n) or label_text(n) for n in wanted), *gone])})"


def _addition(text: str, end: int, new: Sequence[str]) -> Edit:
    """Put lines behind the one that ends there."""
    at = text.find("\n", end)
    at = at if at >= 0 else len(text)
    return Edit(at, at, "".join(f"\n{line}" for line in new))
