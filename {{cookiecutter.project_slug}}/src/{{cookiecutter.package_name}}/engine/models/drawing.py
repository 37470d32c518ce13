"""Draws instances that a schema allows, for models that come without real ones.

They are the same every time. What a number means is not known: so there are rows of several kinds,
small numbers that vary, zeros and ones, of which the model refuses some, an index out of range say.
The last row of some has gaps, which not all models take. Pictures and sounds have a least size, so
what the schema leaves open is of several sizes.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any

import numpy as np

from ..fields.field import Field

WORDS = ["the", "quick", "brown", "fox", "over", "a", "lazy", "dog", "one", "good", "old", "river"]
# The sizes of each dim that a schema leaves open.
SIZES = (4, 64, 512)
# How many rows are drawn, how many numbers they have together, and how many one of them may have.
MOST_ROWS, MOST_NUMBERS, MOST_OF_ROW = 8, 400_000, 1_000_000
SEED = 7

# Returns a number for a field.
Numbers = Callable[[Field, Random], float]
Known = Mapping[str, Sequence[Any]]


def drawn(fields: Sequence[Field], known: Known) -> Iterator[list[dict[str, Any]]]:
    """Yield lists of instances, each of another kind, the best first.

    Args:
        fields: The inputs.
        known: Values that a model was trained with, by the names of some of them.
    """
    choices = {field.name: allowed(field, known.get(field.name, ())) for field in fields}
    is_open = any(None in field.dims for field in fields)
    for size in SIZES if is_open else SIZES[:1]:
        each = sum(math.prod(shape_of(field, size)) for field in fields)
        if each > MOST_OF_ROW and size != SIZES[0]:
            return
        rows = max(1, min(MOST_ROWS, MOST_NUMBERS // each))
        for numbers in (varied, constant(0), constant(1)):
            draw = partial(value_of, size=size, numbers=numbers, random=Random(SEED))
            instances = [
                {field.name: draw(field, choices[field.name]) for field in fields}
                for _ in range(rows)
            ]
            gaps = dict.fromkeys(field.name for field in fields if field.optional)
            if gaps and rows > 1:
                yield [*instances[:-1], {**instances[-1], **gaps}]
            yield instances


def allowed(field: Field, values: Sequence[Any]) -> list[Any]:
    """Return those of some values that a field can have: none if it has labels, or is an array."""
    if field.dims or getattr(field, "labels", None):
        return []
    if field.text_type:
        return [value for value in values if isinstance(value, field.text_type)]
    low, high = span(field, -math.inf, math.inf)
    return [value for value in values if isinstance(value, int | float) and low <= value <= high]


def shape_of(field: Field, size: int) -> list[int]:
    """Return the shape of what is drawn for a field; empty if it is one value."""
    return [size if dim is None else dim for dim in field.dims]


def varied(field: Field, random: Random) -> float:
    """Return a number in the field's range, or a small one if it has none."""
    if field.dtype.kind in "iu":
        low, high = span(field, 0, 3)
        return random.randint(math.ceil(low), math.floor(high))
    low, high = span(field, 0.0, 2.0)
    return round(random.uniform(low, high), 3)


def constant(number: int) -> Numbers:
    """Return what gives one number, or the nearest that a field allows."""

    def same(field: Field, random: Random) -> float:
        low, high = span(field, number, number)
        return min(max(number, low), high)

    return same


def span(field: Field, low: float, high: float) -> tuple[float, float]:
    """Return the ends of what to draw from: as they are given, moved into the field's range."""
    if field.low is not None and field.high is not None:
        return field.low, field.high
    if field.low is not None:
        return field.low, field.low + high - low
    if field.high is not None:
        return field.high - (high - low), field.high
    return low, high


def value_of(
    field: Field, choices: Sequence[Any], size: int, numbers: Numbers, random: Random
) -> Any:
    """Return a value for a field, as callers give it: one of the choices, if it has any."""
    if choices:
        return random.choice(choices)
    labels = getattr(field, "labels", None)
    if labels and not field.dims:
        return random.choice(labels)
    if labels:
        return {label: element_of(field, numbers, random) for label in labels}
    shape = shape_of(field, size)
    if not shape:
        return element_of(field, numbers, random)
    elements = [element_of(field, numbers, random) for _ in range(math.prod(shape))]
    if field.text_type:
        return np.array(elements, np.object_).reshape(shape).tolist()
    return np.array(elements, field.dtype).reshape(shape)


def element_of(field: Field, numbers: Numbers, random: Random) -> Any:
    """Return a value for an element of a field."""
    if field.text_type:
        text = " ".join(random.sample(WORDS, random.randint(2, 8)))
        return text.encode() if field.text_type is bytes else text
    if field.dtype.kind == "b":
        return random.random() < 0.5
    return numbers(field, random)
