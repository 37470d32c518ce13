"""Predictions for the rows of a CSV file."""

import contextlib
import csv
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from rich import progress

from ..calling.conversion import meant
from ..calling.errors import CallError
from ..fields import Schema
from ..fields.field import Field
from .console import err, fail
from .showing import to_cell

ROWS_AT_ONCE = 1000
# Rows, each with the number of its line, or of its last one if a cell has several.
Rows = Sequence[tuple[int, dict[Any, Any]]]
LONGEST_CELL = 2**30
# What other programs write between cells; no name of an input has one of them.
DELIMITERS = ";\t|"


def predict_csv(client: Any, schema: Schema, path: Path, *, ignore_unknown: bool) -> None:
    """Predict every row of a CSV file, and print its columns with those of the predictions."""
    with utf_8(path):
        predict_rows(client, schema, path, ignore_unknown=ignore_unknown)


@contextlib.contextmanager
def utf_8(path: Path) -> Iterator[None]:
    """Exit with 1 if a file that is read is in another encoding."""
    try:
        yield
    except UnicodeDecodeError as error:
        fail(f"{path}: expected UTF-8, got {error.object[error.start :][:1]!r}; save it as UTF-8")


def predict_rows(client: Any, schema: Schema, path: Path, *, ignore_unknown: bool) -> None:
    """Predict the rows of a CSV file in UTF-8."""
    with progress.open(
        path, "r", encoding="utf-8-sig", newline="", console=err, disable=not err.is_terminal
    ) as file:
        csv.field_size_limit(LONGEST_CELL)
        rows = csv.DictReader(file, strict=True)
        header = list(rows.fieldnames or ())
        refuse_delimiters(path, header)
        refuse_header(schema, path, header, ignore_unknown=ignore_unknown)
        fields = [field for field in schema.inputs if field.name in header]
        outputs = [field.name for field in schema.outputs]
        writer = csv.writer(sys.stdout)
        is_first = True
        while batch := [(rows.line_num, row) for row in islice(rows, ROWS_AT_ONCE)]:
            try:
                refuse_uneven(batch)
                columns = {field.name: read_cells(field, batch) for field in fields}
                predictions = client.batch_predict(columns)
            except (CallError, ValueError) as error:
                fail(f"{path}: {in_lines(str(error), batch)}")
            if is_first:
                titles = (f"predicted_{name}" if name in header else name for name in outputs)
                writer.writerow([*header, *titles])
            results = zip(*(getattr(predictions, name) for name in outputs), strict=True)
            for (_, row), result in zip(batch, results, strict=True):
                writer.writerow([*(row[name] for name in header), *map(to_cell, result)])
            is_first = False
    if is_first:
        fail(f"{path}: there are no rows")


def refuse_header(schema: Schema, path: Path, header: list[str], *, ignore_unknown: bool) -> None:
    """Exit with 1 if a column of a CSV file is no input, or is there twice."""
    if twice := [repr(name) for name in dict.fromkeys(header) if header.count(name) > 1]:
        fail(f"{path}: more than one column is named {', '.join(twice)}")
    names = [field.name for field in schema.inputs]
    unknown = [quoted(name, names) for name in header if name not in names]
    if unknown and not ignore_unknown:
        fail(f"{path}: no such inputs: {', '.join(unknown)}; --ignore-unknown lets them be")


def refuse_delimiters(path: Path, header: list[str]) -> None:
    """Exit with 1 if the cells of a CSV file are apart by anything but commas."""
    if len(header) == 1 and (others := [each for each in DELIMITERS if each in header[0]]):
        fail(f"{path}: expected commas between cells, got {others[0]!r}")


def quoted(name: str, names: Sequence[str]) -> str:
    """Return a name that is none of some, with the one of them that may be meant."""
    if not name:
        return "'' (an index? pandas leaves it out with index=False)"
    near = meant(name, names)
    return f"{name!r} (did you mean {near!r}?)" if near else repr(name)


def refuse_uneven(rows: Rows) -> None:
    """Raise an error if a row has more cells than the header or fewer, as DictReader tells."""
    for line, row in rows:
        if None in row or None in row.values():
            raise ValueError(f"line {line}: expected as many cells as the header has")


def read_cells(field: Field, rows: Rows) -> list[Any]:
    """Return the values of a column; those of blank cells are missing."""
    values = []
    for line, row in rows:
        try:
            values.append(field.from_cell(row[field.name]))
        except ValueError as error:
            raise ValueError(f"{field.name} in line {line}: {error}") from None
    return values


def in_lines(text: str, rows: Rows) -> str:
    """Return an error with the lines of a CSV file instead of the rows of a batch."""
    row = re.compile(r"instances\.(\w+)\[(\d+)\]")
    return row.sub(lambda found: f"{found[1]} in line {rows[int(found[2])][0]}", text)
