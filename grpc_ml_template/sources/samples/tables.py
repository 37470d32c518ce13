"""A sample of rows: its columns, and the signature that they make."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...language.errors import quoted
from ...language.parser import MOST_FIELDS
from ...language.spelling import snake
from ..common.opening import SourceError
from ..common.signature import Part, Signature
from .columns import Column

# Of a larger sample the rest is not read: so much takes about a second.
MOST_BYTES = 32 << 20
MOST_CELLS = 2_000_000
MOST_ROWS = 500_000
ROWS_AT_ONCE = 200
MOST_EXAMPLES = 20
MOST_SHOWN = 5
ALL_ARE_INPUTS = (
    "All columns are inputs: leave out of the sample what the model does not take, such as its "
    "target."
)
# Words that stand for a gap among numbers; among words they are words.
GAP_MARKS = frozenset(
    ("NA", "N/A", "n/a", "<NA>", "nan", "NaN", "NAN", "null", "NULL", "Null", "none", "None")
)


@dataclass
class Table:
    """What was read of a sample.

    Attributes:
        columns: Its columns, by their names.
        rows: How many rows were read.
        first: The first of them, with values as they are in the file.
        is_cut: Whether there are more.
        notes: What a user should be told.
    """

    columns: dict[str, Column] = field(default_factory=dict)
    rows: int = 0
    first: list[Mapping[str, Any]] = field(default_factory=list)
    is_cut: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether enough was read."""
        return self.rows >= MOST_ROWS or self.rows * len(self.columns) >= MOST_CELLS

    def signature(self) -> Signature:
        """The fields that the columns make.

        Raises:
            SourceError: If there are no rows or no columns with values.
        """
        if not self.rows:
            raise SourceError("the sample has no rows", "write a few rows of inputs into it")
        for column in self.columns.values():
            column.rows = self.rows
        columns = [each for each in self.columns.values() if not each.is_empty]
        if not columns:
            raise SourceError("all cells are empty", "write a few rows of inputs into the sample")
        inputs = tuple(column.part for column in columns)
        notes = (*self.notes, *self._notes(columns))
        return Signature(inputs, notes=notes, rows=self._examples(inputs))

    def _notes(self, columns: Sequence[Column]) -> Iterable[str]:
        if self.is_cut:
            yield f"Only the first {self.rows:,} rows of the sample were read."
        if len(columns) > 1:
            yield ALL_ARE_INPUTS
        if names := [each.name for each in self.columns.values() if each.is_empty]:
            yield f"Left out, since no row has a value: {listed(names)}."
        if names := [each.name for each in columns if each.is_constant]:
            yield f"The same in all rows: {listed(names)}."
        if names := [each.name for each in columns if each.type == "enum"]:
            yield f'Enums, since few words come again and again: {listed(names)}; for any text, \
answer inputs="{snake(names[0]) or "x"}: string".'
        gaps = [each for each in columns if each.gaps]
        if names := [each.name for each in gaps if each.part.default == "nan"]:
            yield f"May be missing, and are NaN then: {listed(names)}."
        if names := [each.name for each in gaps if each.part.default == '""']:
            yield f'May be missing, and are "" then: {listed(names)}.'
        if names := [each.name for each in gaps if each.part.default is None]:
            yield f"Required, though some rows have no value: {listed(names)}; if there is a \
default, answer inputs= with it."

    def _examples(self, inputs: Sequence[Part]) -> tuple[Mapping[str, Any], ...]:
        rows: list[Mapping[str, Any]] = []
        for row in self.first:
            values = {part.name: _value(part, row.get(part.name)) for part in inputs}
            if None not in values.values():
                rows.append(values)
        return tuple(rows[:MOST_EXAMPLES])


def _value(part: Part, cell: Any) -> Any:
    """The value of a cell, as the field has it; None for a gap."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        if part.type == "bool":
            return cell.lower() == "true"
        if part.type in ("int64", "double"):
            cell = (
                None if cell in GAP_MARKS else float(cell) if part.type == "double" else int(cell)
            )
    elif part.type == "double" and not isinstance(cell, list):
        cell = float(cell)
    return None if isinstance(cell, float) and math.isnan(cell) else cell


def check_names(names: Sequence[str]) -> None:
    """Refuse names of columns that cannot be told apart, or are too many.

    Raises:
        SourceError: If so.
    """
    if len(names) > MOST_FIELDS:
        raise SourceError(
            f"{len(names)} columns are more than {MOST_FIELDS}",
            "save them as one array in a .npy file, which makes one tensor",
        )
    if "" in names:
        raise SourceError(
            f"column {names.index('') + 1} has no name", "give every column a name of its own"
        )
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SourceError(
                f"two columns are named {quoted(name)}", "give every column a name of its own"
            )
        seen.add(name)


def listed(names: Sequence[str]) -> str:
    """Names in quotes, the first few of them."""
    shown = ", ".join(map(quoted, names[:MOST_SHOWN]))
    more = len(names) - MOST_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
