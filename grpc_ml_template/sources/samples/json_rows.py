"""Samples of inputs in JSON: a list of objects, an object a line, or columns and data as of pandas."""

import codecs
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from ...language.errors import quoted
from ...language.parser import MOST_FIELDS
from ...language.rules import MOST_DIMS
from ..common.json_text import json_kind, read_json, whole_json
from ..common.opening import SourceError, opened
from ..common.signature import Signature
from ..common.tables import MOST_INT64
from .columns import Column
from .tables import MOST_BYTES, ROWS_AT_ONCE, Table, check_names

__all__ = ["json_kind", "read"]

Row = Mapping[str, Any]
LONGEST_LINE = 1 << 20
# Of which the values may take ten times as much.
BYTES_AT_ONCE = 1 << 21
FORMS = (
    'write a list of objects, like [{"age": 30, "city": "Bonn"}], as pandas does with '
    'frame.to_json(..., orient="records")'
)
NESTED = "write the fields of an object beside the others, and lists with the same depth everywhere"


def read(path: Path) -> Signature:
    """The fields that the rows of a file have.

    Raises:
        SourceError: If there are none, or a value has no type in the schema language.
    """
    with opened(path) as view:
        is_lines = path.suffix.lower() in (".jsonl", ".ndjson") or _has_lines(view)
        if not is_lines:
            return _table(_chunks(_rows(whole_json(view)))).signature()
        content = bytes(view[:MOST_BYTES])
        is_cut = len(view) > MOST_BYTES
    table = _table(_lines(content, is_cut))
    table.is_cut = table.is_cut or is_cut
    return table.signature()


def _has_lines(view: memoryview) -> bool:
    """Whether the first line is a whole object, and not the last one."""
    first, _, rest = bytes(view[:LONGEST_LINE]).partition(b"\n")
    if not first.lstrip().startswith(b"{") or not rest.strip():
        return False
    try:
        return isinstance(read_json(first), dict)
    except SourceError:
        return False


def _lines(content: bytes, is_cut: bool) -> Iterator[list[Row]]:
    """The objects of the lines that are not blank, some at once."""
    if is_cut:
        content = content[: content.rfind(b"\n") + 1]
    rows: list[Row] = []
    begin, start, number = 0, 0, 0
    while start < len(content):
        end = content.find(b"\n", start) + 1 or len(content)
        number += 1
        row = _line(content[start:end], number)
        rows.extend([] if row is None else [row])
        start = end
        if len(rows) == ROWS_AT_ONCE or end - begin > BYTES_AT_ONCE or end == len(content):
            yield rows
            rows, begin = [], end


def _line(line: bytes, number: int) -> Row | None:
    if len(line) > LONGEST_LINE:
        raise SourceError(f"line {number} is longer than 1 MiB", "write an object a line")
    if not line.strip():
        return None
    try:
        value = read_json(line.removeprefix(codecs.BOM_UTF8))
    except SourceError as error:
        raise SourceError(f"line {number}: {error.fault}", error.fix) from None
    return _object(value, f"line {number}")


def _object(value: Any, where: str) -> Row:
    if not isinstance(value, dict):
        raise SourceError(f"{where} is no object", FORMS)
    return value


def _rows(document: Any) -> Iterable[Row]:
    """The rows of a whole document."""
    if isinstance(document, dict) and isinstance(document.get("dataframe_split"), dict):
        document = document["dataframe_split"]
    if isinstance(document, dict) and {"columns", "data"} <= document.keys():
        return _split(document["columns"], document["data"])
    if not isinstance(document, list):
        raise SourceError("it holds no list of rows", FORMS)
    return (_object(row, f"row {number}") for number, row in enumerate(document, 1))


def _split(columns: Any, data: Any) -> Iterator[Row]:
    """The rows of `columns` and `data`, as pandas writes them with ``orient="split"``."""
    if not isinstance(columns, list) or not isinstance(data, list):
        raise SourceError('"columns" or "data" is no list', FORMS)
    if not all(type(name) in (str, int) for name in columns):
        raise SourceError('a name in "columns" is no text', "give every column a name of its own")
    names = [str(name) for name in columns]
    check_names(names)
    for number, row in enumerate(data, 1):
        if not isinstance(row, list) or len(row) != len(names):
            raise SourceError(f"row {number} has not {len(names)} values", FORMS)
        yield dict(zip(names, row, strict=True))


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, ROWS_AT_ONCE)):
        yield chunk


def _table(chunks: Iterator[list[Row]]) -> Table:
    table = Table()
    columns = table.columns
    for chunk in chunks:
        for row in chunk:
            if not row.keys() <= columns.keys():
                columns.update({name: Column(name) for name in row if name not in columns})
            if len(columns) > MOST_FIELDS:
                break
        check_names(list(columns))
        for column in columns.values():
            see(column, [row[column.name] for row in chunk if column.name in row])
        table.first = table.first or chunk
        table.rows += len(chunk)
        if table.is_full:
            table.is_cut = next(chunks, None) is not None
            break
    return table


def see(column: Column, values: Sequence[Any]) -> None:
    """Take in values of a column.

    Raises:
        SourceError: If they have no type in the schema language, or no common one.
    """
    values = [each for each in values if each is not None]
    is_list = {isinstance(each, list) for each in values}
    if is_list == {True}:
        shapes, elements = zip(*(_flat(column.name, each) for each in values), strict=True)
        _merge_shapes(column, shapes)
        _see_elements(column, [each for part in elements for each in part])
        column.filled += len(values)
    elif is_list == {False}:
        values = [each for each in values if each == each]
        _merge_shapes(column, [()] if values else [])
        _see_elements(column, values)
        column.filled += len(values)
    elif values:
        raise SourceError(f"{quoted(column.name)} is a list in some rows only", NESTED)


def _see_elements(column: Column, values: Sequence[Any]) -> None:
    types = set(map(type, values))
    if types and types <= {int, float}:
        low, high = min(values), max(values)
        limit = sys.float_info.max if float in types else MOST_INT64
        if not -limit <= low <= high <= limit or not all(map(math.isfinite, values)):
            raise SourceError(
                f"{quoted(column.name)} has numbers that are not finite or beyond 64 bits",
                "write them as text, or leave such rows out",
            )
        column.add_numbers("number" if float in types else "whole", low, high)
    elif types == {str}:
        column.kinds.add("word")
        column.add_words(set(values))
    elif types == {bool}:
        column.kinds.add("bool")
        column.add_words({str(value) for value in set(values)})
    elif types & {dict, list, type(None)}:
        raise SourceError(f"{quoted(column.name)} has an object, or null in a list", NESTED)
    elif types:
        raise _mixed(column)
    if not column.is_numeric and len(column.kinds) > 1:
        raise _mixed(column)


def _mixed(column: Column) -> SourceError:
    return SourceError(
        f"{quoted(column.name)} has values of several types", "write one type in all rows"
    )


def _flat(name: str, value: list[Any]) -> tuple[tuple[int, ...], list[Any]]:
    """The shape of nested lists, and what is in them."""
    shape = [len(value)]
    while value and all(isinstance(each, list) for each in value):
        sizes = {len(each) for each in value}
        if len(sizes) > 1 or len(shape) == MOST_DIMS:
            raise SourceError(f"the lists of {quoted(name)} have no common shape", NESTED)
        shape.extend(sizes)
        value = [element for each in value for element in each]
    if not value:
        raise SourceError(f"{quoted(name)} has an empty list", "leave such rows out of the sample")
    return tuple(shape), value


def _merge_shapes(column: Column, shapes: Iterable[tuple[int, ...]]) -> None:
    """Keep the sizes that all values share."""
    for shape in set(shapes):
        known = column.dims if column.kinds or column.dims else shape
        if len(known) != len(shape):
            raise SourceError(f"the lists of {quoted(column.name)} have no common depth", NESTED)
        column.dims = tuple(
            size if size == other else None for size, other in zip(known, shape, strict=True)
        )
