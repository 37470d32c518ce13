"""What a new model makes of the golden rows of the one before it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..calling.conversion import Conversion
from ..calling.errors import CallError
from ..fields.schema import Schema
from ..fields.violations import Violation
from ..serving.batches import Batches
from .comparing import ATOL, RTOL, are_numbers
from .golden import Golden, Row

# How many rows, and how many outputs, are told one by one.
MOST_SHOWN = 10


def fitting(schema: Schema, golden: Golden) -> tuple[Golden, list[str]]:
    """Return the golden rows that fit a schema still, and why the others do not.

    Inputs that the schema has no more are left out of them. Rows that were never answered are
    somebody's own, and stay as they are.
    """
    if len(golden.answers) != len(golden.instances):
        return golden, []
    names = {field.name for field in schema.inputs}
    instances, answers, dropped = [], [], []
    for row, (instance, answer) in enumerate(zip(golden.instances, golden.answers, strict=True)):
        kept = {name: value for name, value in instance.items() if name in names}
        if found := faults(schema, kept):
            dropped.append(f"golden row {row} does not fit any more, and is dropped: {found[0]}")
        else:
            instances.append(kept)
            answers.append(answer)
    fit = replace(golden, instances=instances, answers=answers)
    return fit, [*few(dropped, "rows are dropped")]


def faults(schema: Schema, instance: Row) -> Sequence[Violation]:
    """Return what is wrong with an instance, as a client and a server say."""
    try:
        message = Conversion(schema).to_instance(instance)
    except CallError as error:
        return error.violations
    return Batches(schema).check(message)


def moves(before: Sequence[Row], after: Sequence[Row]) -> list[str]:
    """Say by how much answers to the same instances are other ones than before, a line an output."""
    if not before or len(before) != len(after):
        return []
    pairs = [*zip(before, after, strict=True)]
    lines = [
        f"{name} {said}"
        for name in after[0]
        if name in before[0] and (said := moved([(old[name], new[name]) for old, new in pairs]))
    ]
    return [*few(lines, "outputs have moved")] or [
        f"the answers to {len(after)} golden rows are as they were"
    ]


def moved(pairs: Sequence[tuple[Any, Any]]) -> str:
    """Say by how much the values of an output are other ones; nothing if they are the same."""
    arrays = [common(*pair) for pair in pairs]
    if all(a.shape == b.shape and are_numbers(a, b) for a, b in arrays):
        if all(np.allclose(b, a, RTOL, ATOL, equal_nan=True) for a, b in arrays):
            return ""
        distances = np.concatenate([distance(a, b).ravel() for a, b in arrays])
        return f"moved by at most {np.max(distances):.2g} (mean {np.mean(distances):.2g})"
    others = sum(not np.array_equal(a, b) for a, b in arrays)
    return f"differs in {others} of {len(arrays)} golden rows" if others else ""


def common(before: Any, after: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return two values as arrays; of vectors, the numbers of the labels that both have."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        labels = [label for label in after if label in before]
        return np.array([before[each] for each in labels]), np.array(
            [after[each] for each in labels]
        )
    return np.asarray(before), np.asarray(after)


def distance(before: NDArray[Any], after: NDArray[Any]) -> NDArray[Any]:
    """Return how far numbers are apart; NaN is nowhere near a number."""
    is_same = (before == after) | (np.isnan(before) & np.isnan(after))
    apart = np.abs(np.subtract(after, before, dtype=np.float64))
    return np.where(is_same, 0, np.nan_to_num(apart, nan=np.inf))


def few(lines: Sequence[str], what: str) -> Iterator[str]:
    """Yield the first lines, and how many there are in all."""
    yield from lines[:MOST_SHOWN]
    if len(lines) > MOST_SHOWN:
        yield f"... {len(lines)} {what} in all"
