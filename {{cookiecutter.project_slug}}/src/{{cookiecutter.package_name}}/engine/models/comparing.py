"""Holds what a service predicts against what the model's library answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# How far numbers may be apart: by this share of them, and by this much where they are near 0.
RTOL, ATOL = 1e-5, 1e-6


@dataclass(frozen=True)
class Difference:
    """A value that is another one than it should be.

    Attributes:
        row: The number of the instance.
        path: The output, and in it the label or the place.
        got, expected: The values.
    """

    row: int
    path: str
    got: Any
    expected: Any

    def __str__(self) -> str:
        return f"row {self.row}: {self.path}: expected {self.expected!r}, got {self.got!r}"


def differences(
    predictions: Sequence[Any], answers: Sequence[Mapping[str, Any]]
) -> list[Difference]:
    """Return where predictions are others than a library's answers, row by row."""
    return [
        Difference(row, *found)
        for row, (prediction, answer) in enumerate(zip(predictions, answers, strict=True))
        for name, expected in answer.items()
        for found in different(name, getattr(prediction, name), expected)
    ]


def different(path: str, got: Any, expected: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield path and values where something is not what it should be."""
    if isinstance(expected, Mapping):
        for label in {**expected, **got}:
            yield from different(f"{path}[{label!r}]", got.get(label), expected.get(label))
        return
    one, other = np.asarray(got), np.asarray(expected)
    if one.shape != other.shape or not are_numbers(one, other):
        if not np.array_equal(one, other):
            yield path, got, expected
        return
    if not np.allclose(one, other, RTOL, ATOL, equal_nan=True):
        worst = np.unravel_index(np.argmax(np.abs(one - other)), one.shape)
        place = f"{path}{[*map(int, worst)]}" if worst else path
        yield place, one[worst].item(), other[worst].item()


def are_numbers(*arrays: Any) -> bool:
    """Tell whether all arrays hold floats or what can be compared with them."""
    kinds = {array.dtype.kind for array in arrays}
    return "f" in kinds and kinds <= set("fiu")


def furthest(one: Any, other: Any) -> float:
    """Return by how much the floats of two lists of columns are apart at most, as a share.

    A share is taken of the number itself, or of ATOL / RTOL where it is less: up to RTOL, there are
    no differences. What is no float must be equal; otherwise they are infinitely far apart.
    """
    if len(one) != len(other):
        return np.inf
    return max((apart(a, b) for a, b in zip(one, other, strict=True)), default=0.0)


def apart(one: Any, other: Any) -> float:
    """Return by how much two columns are apart."""
    if isinstance(one, list) or isinstance(other, list):
        return furthest([*one], [*other])
    a, b = np.asarray(one), np.asarray(other)
    if a.shape != b.shape:
        return np.inf
    if not are_numbers(a, b):
        return 0.0 if np.array_equal(a, b) else np.inf
    is_same = (a == b) | (np.isnan(a) & np.isnan(b))
    shares = np.abs(a - b) / np.maximum(np.abs(b), ATOL / RTOL)
    return float(np.max(np.where(is_same, 0, np.nan_to_num(shares, nan=np.inf)), initial=0))
