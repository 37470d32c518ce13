"""The README's tables of fields."""

from collections.abc import Iterable, Sequence

from ..language.fields import Field
from ..printing.text import markdown
from ..printing.words import default_words, range_words, type_words

# Kinds whose ranges and defaults are those of each value.
MANY = ("tensor", "vector")
ALIAS = "Original name"


def input_table(fields: Sequence[Field]) -> str:
    """The inputs, a row each; a column that says nothing is left out."""
    all_required = all(field.required for field in fields)
    rows = [
        (_name(f), _alias(f), _type(f), _values(f), default, _meaning(f))
        for f in fields
        for default in ["" if all_required else _default(f)]
    ]
    return _table(("Input", ALIAS, "Type", "Values", "Default", "Meaning"), rows)


def output_table(fields: Iterable[Field]) -> str:
    """The outputs, a row each."""
    rows = [(_name(f), _alias(f), _type(f), _values(f), _meaning(f)) for f in fields]
    return _table(("Output", ALIAS, "Type", "Values", "Meaning"), rows)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    columns = [c for c in zip(header, *rows, strict=True) if any(c[1:])]
    first, *others = zip(*columns, strict=True)
    lines = [first, ["---"] * len(first), *others]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _name(field: Field) -> str:
    return f"`{field.name}`"


def _alias(field: Field) -> str:
    return markdown(field.alias)


def _type(field: Field) -> str:
    return f"`{type_words(field)}`"


def _values(field: Field) -> str:
    if field.kind == "enum":
        return ", ".join(map(_label, field.labels))
    words = range_words(field)
    return markdown(f"each {words}" if words and field.kind in MANY else words)


def _label(label: str) -> str:
    return markdown(f'"{label}"' if "," in label or not label.strip() else label)


def _meaning(field: Field) -> str:
    return markdown(field.description)


def _default(field: Field) -> str:
    if field.required:
        return "required"
    words = markdown(default_words(field))
    return f"each {words}" if field.kind in MANY else words
