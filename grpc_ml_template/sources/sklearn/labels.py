"""Categories and classes of scikit-learn, as the schema language has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...language.characters import refused_character
from ...language.numbers import LABEL
from ..common.tables import MOST_INT64, MOST_KNOWN
from ..pickles.inert import Array

# The default of a text that may be missing.
NO_TEXT = '""'
# How many of the values are told that a model was trained with, and how long these may be.
MOST_TOLD, LONGEST_TOLD = 5, 24


@dataclass(frozen=True)
class Column:
    """What is known of a column of inputs: as `Part` has it, without its name.

    A text whose default is empty may be missing; the model takes that as NaN. Numbers that are
    objects for the model are compared with its categories one by one.
    """

    type: str = "double"
    labels: tuple[str, ...] = ()
    default: str | None = None
    about: str = ""
    known: tuple[str | int | float, ...] = ()
    is_object: bool = False


def values_of(value: object) -> list[Any] | None:
    """The elements of an array, a list or a tuple; None if it is none of these or was not kept."""
    if isinstance(value, Array):
        return value.values
    return list(value) if isinstance(value, list | tuple) else None


def are_labels(texts: Sequence[object]) -> bool:
    """Whether the schema language can hold texts as the labels of an enum."""
    if not 0 < len(texts) <= LABEL.most:
        return False
    held = [text for text in texts if isinstance(text, str) and text.strip()]
    return len(set(held)) == len(texts) and not any(map(refused_character, held))


def category_column(known: list[Any] | None, is_open: bool) -> Column:
    """A column of which the categories are known; others may be in it too if it `is_open`."""
    if known is None:
        return Column("string")
    values = [value for value in known if not is_gap(value)]
    kinds = {type(value) for value in values}
    # None is no gap that a caller could send: frames and numbers have NaN in its place.
    is_gapless = len(values) == len(known) or None in known
    some, about = tuple(values[:MOST_KNOWN]), _told(values)
    if kinds == {bool} and is_gapless:
        return Column("bool")
    if kinds == {int} and is_gapless:
        is_wide = max(values) > MOST_INT64
        return Column("uint64" if is_wide else "int64", about=about, known=some)
    if kinds and kinds <= {int, float, bool}:
        floats = tuple(map(float, some))
        return Column(default=None if is_gapless else "nan", about=about, known=floats)
    if is_open or not are_labels(known):
        texts = tuple(value for value in some if isinstance(value, str))
        default = None if is_gapless else NO_TEXT
        return Column("string", default=default, about=about, known=texts)
    return Column("enum", tuple(known))


def _told(values: Sequence[object]) -> str:
    """Some of the values that a model was trained with, for people."""
    texts = [f"{value:g}" if type(value) is float else str(value) for value in values]
    shown = [text for text in texts if len(text) <= LONGEST_TOLD and not refused_character(text)]
    if not shown:
        return ""
    more = len(texts) - len(shown[:MOST_TOLD])
    return f"Trained with {', '.join(shown[:MOST_TOLD])}{f' and {more} more' if more else ''}"


def is_gap(value: object) -> bool:
    """Whether a value stands for one that is missing."""
    return value is None or (isinstance(value, float) and value != value)
