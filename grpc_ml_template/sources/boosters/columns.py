"""The inputs of boosted trees: a field a column of the table, or one for all of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...language.characters import refused_character
from ...language.errors import quoted
from ...language.numbers import LABEL
from ...language.parser import MOST_FIELDS
from ...language.rules import MOST_ELEMENTS
from ..common.opening import SourceError
from ..common.plain import texts
from ..common.signature import Part
from ..common.tables import MOST_INT64, MOST_KNOWN, PANDAS

# What the categories of a column may be, and the field of each kind.
KINDS: tuple[tuple[tuple[type, ...], str], ...] = (
    ((bool,), "bool"),
    ((int,), "int64"),
    ((int, float), "double"),
)
IN_ONE = (
    "The columns travel as one list, in the order of training: the file has no names for them, or "
    f"more than {MOST_FIELDS}."
)
NO_MISSING = (
    "Categories are required. Where some are missing, answer inputs='NAME: string = \"\"' for their "
    "column: an empty text is a missing one."
)


def category_part(name: str, values: Sequence[Any]) -> Part:
    """The field of a column with categories: an enum of texts, numbers as they are.

    A text that cannot be a label, such as an empty one, makes the column a plain string.

    Raises:
        SourceError: If the categories are of several kinds.
        ValueError: If one is there twice, or is no single value.
    """
    if not all(isinstance(value, str | int | float) for value in values):
        raise ValueError("a category is no single value")
    if len(set(values)) < len(values):
        raise ValueError("a category is there twice")
    if all(isinstance(value, str) for value in values):
        texts(list(values))
        are_labels = all(value.strip() and not refused_character(value) for value in values)
        is_enum = are_labels and 1 <= len(values) <= LABEL.most
        if is_enum:
            return Part(name, "enum", labels=tuple(values))
        return _known(name, "string", values)
    for types, kind in KINDS:
        if all(type(value) in types and abs(value) <= MOST_INT64 for value in values):
            return _known(name, kind, values)
    raise SourceError(
        f"the categories of {quoted(name)} are of several kinds",
        "make all of them texts before training",
    )


def _known(name: str, kind: str, values: Sequence[Any]) -> Part:
    about = "A category that the model was trained with"
    return Part(name, kind, about=about, known=tuple(values[:MOST_KNOWN]))


def features(size: int, kind: str, default: str | None) -> Part:
    """The field of all columns at once, for a model that knows no names of them.

    Raises:
        ValueError: If there are none, or more than a field holds.
    """
    if not 1 <= size <= MOST_ELEMENTS:
        raise ValueError("no number of columns")
    return Part("features", kind, (size,), default=default)


def together(parts: Sequence[Part], kind: str) -> tuple[Part, ...]:
    """The columns as they are, or as one field if they are more than fields and all alike.

    Raises:
        SourceError: If they are more than a schema has fields, and differ.
    """
    if len(parts) <= MOST_FIELDS:
        return tuple(parts)
    if {part.type for part in parts} != {kind}:
        raise SourceError(
            f"its {len(parts)} columns are more than {MOST_FIELDS}, and of several types",
            "train it with fewer columns, or with numbers only",
        )
    return (features(len(parts), kind, parts[0].default),)


def names_of(parts: Sequence[Part]) -> list[str] | None:
    """The columns in the order of the model; None if one field holds them all."""
    return None if any(part.dims for part in parts) else [part.name for part in parts]


def packages(of_model: Sequence[str], parts: Sequence[Part]) -> tuple[str, ...]:
    """What has to be installed: what the model needs, and what library.py makes its frames with."""
    return (*of_model, PANDAS) if names_of(parts) else tuple(of_model)


def input_notes(parts: Sequence[Part], codes: Sequence[str], known: Mapping[str, Any]) -> list[str]:
    """What to tell of the inputs.

    Args:
        parts: The inputs.
        codes: The columns of categories that the file does not list.
        known: Those that it does.
    """
    notes = []
    if names_of(parts) is None:
        notes.append(IN_ONE)
    if codes:
        notes.append(
            f"The file does not list the categories of {', '.join(map(quoted, codes[:5]))}"
            f"{' and others' if len(codes) > 5 else ''}: send their codes as in training, since "
            "an unknown one is answered as if it were missing."
        )
    if known:
        notes.append(NO_MISSING)
    return notes
