"""How a model takes the instances of a batch: one by one, or together.

Columns have the instances along the first axis, and so do the answers to them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[Any]]
# Asks the model about rows that may travel together, and returns its outputs in their order.
Ask = Callable[[Columns], Sequence[Any]]


@dataclass(frozen=True)
class OneByOne:
    """Each instance is a call of its own, which is right for every model."""

    code = "takes.OneByOne()"

    def __call__(
        self, ask: Ask, columns: Columns, alike: Sequence[str] = (), at_most: int = 0
    ) -> list[Any]:
        """Return the model's outputs for all rows; see ``Together``."""
        return joined([ask(part(columns, row, row + 1)) for row in range(count(columns))])


@dataclass(frozen=True)
class Together:
    """All instances of a batch are one call.

    Attributes:
        exactly: How many rows a call has to have, if the model takes no other number. What is
            lacking is filled up with the last row, and its answers are dropped.
    """

    exactly: int = 0

    @property
    def code(self) -> str:
        """The expression that makes it."""
        return f"takes.Together(exactly={self.exactly})" if self.exactly else "takes.Together()"

    def __call__(
        self, ask: Ask, columns: Columns, alike: Sequence[str] = (), at_most: int = 0
    ) -> list[Any]:
        """Return the model's outputs for all rows.

        Args:
            ask: Asks the model.
            columns: What it is asked about.
            alike: The columns that have one value a call: rows that differ there are apart.
            at_most: How many rows a call may have, if not any number.
        """
        if not alike:
            return self._ask(ask, columns, at_most)
        groups = [*groups_of(columns, alike)]
        answers = joined([self._ask(ask, chosen(columns, rows), at_most) for rows in groups])
        order = np.argsort(np.concatenate(groups))
        return [in_order(column, order) for column in answers]

    def _ask(self, ask: Ask, columns: Columns, at_most: int) -> list[Any]:
        size = self.exactly or at_most
        if not size:
            return [*ask(columns)]
        starts = range(0, count(columns), size)
        parts = [part(columns, start, start + size) for start in starts]
        if self.exactly:
            return joined([self._filled(ask, each) for each in parts])
        return joined([ask(each) for each in parts])

    def _filled(self, ask: Ask, columns: Columns) -> list[Any]:
        rows = count(columns)
        last = np.minimum(np.arange(self.exactly), rows - 1)
        return [column[:rows] for column in ask(chosen(columns, last))]


def count(columns: Columns) -> int:
    """Return how many rows columns have."""
    return len(next(iter(columns.values())))


def part(columns: Columns, start: int, stop: int) -> Columns:
    """Return some rows."""
    return {name: column[start:stop] for name, column in columns.items()}


def chosen(columns: Columns, rows: NDArray[np.intp]) -> Columns:
    """Return the rows of these numbers."""
    return {name: column[rows] for name, column in columns.items()}


def groups_of(columns: Columns, names: Sequence[str]) -> Iterator[NDArray[np.intp]]:
    """Yield the numbers of the rows that are alike in some columns."""
    groups: dict[Any, list[int]] = {}
    for row in range(count(columns)):
        groups.setdefault(tuple(columns[name][row].tolist() for name in names), []).append(row)
    yield from map(np.array, groups.values())


def in_order(column: Any, order: NDArray[np.intp]) -> Any:
    """Return the rows of a column in another order."""
    return column[order] if isinstance(column, np.ndarray) else [column[row] for row in order]


def joined(parts: Sequence[Sequence[Any]]) -> list[Any]:
    """Return outputs one after the other: as one array, or as a list where shapes differ."""
    if len(parts) == 1:
        return [*parts[0]]
    return [joined_column(columns) for columns in zip(*parts, strict=True)]


def joined_column(columns: Sequence[Any]) -> Any:
    """Return the parts of one output as one."""
    shapes = {column.shape[1:] if isinstance(column, np.ndarray) else None for column in columns}
    if len(shapes) == 1 and None not in shapes:
        return np.concatenate(columns)
    return [row for column in columns for row in column]
