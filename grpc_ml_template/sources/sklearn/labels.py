"""Categories and classes of scikit-learn, as the schema language has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...language.characters import refused_character
from ...language.numbers import LABEL
from ..pickles.inert import Array

# The default of a text that may be missing.
NO_TEXT = '""'


@dataclass(frozen=True)
class Column:
    """What is known of a column of inputs: as `Part` has it, without its name.

    A text whose default is empty may be missing; the model takes that as NaN.
    """

    type: str = "double"
    labels: tuple[str, ...] = ()
    default: str | None = None


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
    kinds = {type(value) for value in known if not is_gap(value)}
    is_gapless = not any(map(is_gap, known))
    if kinds == {bool} and is_gapless:
        return Column("bool")
    if kinds == {int} and is_gapless:
        return Column("int64")
    if kinds and kinds <= {int, float, bool}:
        return Column(default=None if is_gapless else "nan")
    if is_open or not are_labels(known):
        return Column("string", default=None if is_gapless else NO_TEXT)
    return Column("enum", tuple(known))


def is_gap(value: object) -> bool:
    """Whether a value stands for one that is missing."""
    return value is None or (isinstance(value, float) and value != value)
