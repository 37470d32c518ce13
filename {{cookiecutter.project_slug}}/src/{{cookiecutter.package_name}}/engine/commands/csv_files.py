"""Predictions for the rows of a CSV file."""

import contextlib
import csv
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich import progress

from ..calling.conversion import meant, named_twice
from ..calling.errors import CallError
from ..fields import Schema
from .console import err, fail
from .csv_rows import Part, parts
from .showing import to_cell

LONGEST_CELL = 2**30
# What other programs write between cells.
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
        refuse_delimiters(schema, path, header)
        refuse_header(schema, path, header, ignore_unknown=ignore_unknown)
        outputs = [field.name for field in schema.outputs]
        titles = [f"predicted_{name}" if name in header else name for name in outputs]
        refuse_titles(path, header, titles)
        writer = csv.writer(sys.stdout)
        is_first = True
        for part in told(path, rows, parts(schema, rows)):
            try:
                predictions = client.batch_predict(part.columns)
            except CallError as error:
                fail(f"{path}: {in_lines(str(error), part.lines)}")
            if is_first:
                writer.writerow([*header, *titles])
            results = zip(*(getattr(predictions, name) for name in outputs), strict=True)
            for row, result in zip(part.rows, results, strict=True):
                writer.writerow([*(row[name] for name in header), *map(to_cell, result)])
            is_first = False
        sys.stdout.flush()
    if is_first:
        fail(f"{path}: there are no rows")


def told(path: Path, rows: "csv.DictReader[str]", found: Iterator[Part]) -> Iterator[Part]:
    """Yield the parts of a file; exit with 1, and say where, if one cannot be read."""
    try:
        yield from found
    except UnicodeDecodeError:
        raise
    except ValueError as error:
        fail(f"{path}: {error}")
    except csv.Error as error:
        fail(f"{path}: line {rows.line_num + 1}: {error}")


def refuse_header(schema: Schema, path: Path, header: list[str], *, ignore_unknown: bool) -> None:
    """Exit with 1 if a column of a CSV file is no input, or is there twice."""
    if twice := [repr(name) for name in dict.fromkeys(header) if header.count(name) > 1]:
        fail(f"{path}: more than one column is named {', '.join(twice)}")
    names = schema.input_names
    unknown = [quoted(name, [*names]) for name in header if name not in names]
    if unknown and not ignore_unknown:
        fail(f"{path}: no such inputs: {', '.join(unknown)}; --ignore-unknown lets them be")
    titles: dict[str, str] = {}
    for title in filter(names.__contains__, header):
        first = titles.setdefault(names[title], title)
        if first != title:
            fail(f"{path}: {names[title]}: {named_twice(first, title)}")


def refuse_titles(path: Path, header: list[str], titles: list[str]) -> None:
    """Exit with 1 if the columns of predictions would be called as those of the file are."""
    if twice := [repr(title) for title in titles if title in header]:
        fail(f"{path}: has a column {', '.join(twice)}, as predictions have; rename it")


def refuse_delimiters(schema: Schema, path: Path, header: list[str]) -> None:
    """Exit with 1 if the cells of a CSV file are apart by anything but commas."""
    if len(header) != 1 or header[0] in schema.input_names:
        return
    if others := [each for each in DELIMITERS if each in header[0]]:
        fail(f"{path}: expected commas between cells, got {others[0]!r}")


def quoted(name: str, names: Sequence[str]) -> str:
    """Return a name that is none of some, with the one of them that may be meant."""
    if not name:
        return "'' (an index? pandas leaves it out with index=False)"
    near = meant(name, names)
    return f"{name!r} (did you mean {near!r}?)" if near else repr(name)


def in_lines(text: str, lines: Sequence[int]) -> str:
    """Return an error with the lines of a CSV file instead of the rows of a call."""
    row = re.compile(r"instances\.(\w+)\[(\d+)\]")
    return row.sub(lambda found: f"{found[1]} in line {lines[int(found[2])]}", text)
