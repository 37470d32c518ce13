"""Samples of inputs in rows of text: separated by commas, semicolons or tabs, below a header."""

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from ...language.errors import quoted
from ..common.opening import SourceError, opened
from ..common.signature import Signature
from .columns import Column
from .tables import GAP_MARKS, MOST_BYTES, ROWS_AT_ONCE, Table, check_names, listed

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
# Rows that have to agree on how many cells the delimiter makes.
SNIFFED_ROWS = 50
LONGEST_LINE = 1 << 20
LONGEST_CELL = 1 << 17

WHOLE = r"-?(?:0|[1-9][0-9]{0,17})"
NUMBER = rf"(?:{WHOLE}(?:\.[0-9]*)?|-?\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
# Cells that are joined by a character that none of them has.
WHOLES = re.compile(rf"(?:{WHOLE} *\0)++")
NUMBERS = re.compile(rf"(?:{NUMBER} *\0)++")
COMMAS = re.compile(r"(?:-?[0-9]+(?:,[0-9]+)? *\0)++")
ONE_NUMBER = re.compile(NUMBER)
# Share of numbers from which on the other words of a column are likely a mistake.
NEARLY_ALL = 0.8


def read(path: Path) -> Signature:
    """The fields that the columns of a file make.

    Raises:
        SourceError: If it is no such file.
    """
    with opened(path) as view:
        content = bytes(view[:MOST_BYTES])
        is_cut = len(view) > MOST_BYTES
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content:
        raise SourceError("it is UTF-16 or no text", "save it as CSV in UTF-8")
    if is_cut:
        content = content[: content.rfind(b"\n") + 1] or content
    return _table(content, is_cut).signature()


def _table(content: bytes, is_cut: bool) -> Table:
    delimiter = _delimiter(content)
    records = _records(content, delimiter, is_cut)
    header = [name.strip() for name in next(records, (0, [""]))[1]]
    names, table = _names(header), Table(is_cut=is_cut)
    table.columns = {name: Column(name) for name in names}
    left_out = len(header) - len(names)
    if left_out:
        table.notes.append("The first column has no name: it is taken as an index and left out.")
    while chunk := list(islice(records, ROWS_AT_ONCE)):
        rows = [_whole_row(line, row, len(header))[left_out:] for line, row in chunk]
        for column, cells in zip(table.columns.values(), zip(*rows, strict=True), strict=True):
            see(column, cells)
        table.first = table.first or [dict(zip(names, row, strict=True)) for row in rows]
        table.rows += len(rows)
        if table.is_full:
            table.is_cut = table.is_cut or next(records, None) is not None
            break
    _check_numbers(table)
    return table


def _whole_row(line: int, row: list[str], width: int) -> list[str]:
    if len(row) != width:
        raise SourceError(
            f"line {line} has {len(row)} cells, and the header {width}",
            'put cells with a separator in them into quotes, like "a, b"',
        )
    return row


def _names(header: Sequence[str]) -> Sequence[str]:
    """The names of the columns, without that of an index."""
    numbers = [name for name in header if ONE_NUMBER.fullmatch(name)]
    # Names may be whole numbers, such as those of pixels, beside another.
    if len(numbers) == len(header) or any("." in number for number in numbers):
        raise SourceError(
            "its first line holds numbers, not names", "write a first line with the columns' names"
        )
    names = header[1:] if len(header) > 1 and header[0] in ("", "Unnamed: 0") else header
    check_names(names)
    return names


def see(column: Column, cells: Sequence[str]) -> None:
    """Take in cells of a column."""
    distinct = set(cells)
    column.filled += len(cells) - (cells.count("") if "" in distinct else 0)
    distinct.discard("")
    column.add_words(distinct)
    if marks := distinct & GAP_MARKS:
        column.marks += sum(map(cells.count, marks))
        distinct -= marks
    if not distinct:
        return
    text = "\0".join([*distinct, ""])
    if WHOLES.fullmatch(text):
        column.add_numbers("whole", min(map(int, distinct)), max(map(int, distinct)))
    elif NUMBERS.fullmatch(text) and not math.isinf(max(map(abs, map(float, distinct)))):
        column.add_numbers("number", min(map(float, distinct)), max(map(float, distinct)))
    elif "," in text and COMMAS.fullmatch(text):
        column.kinds.add("comma")
    else:
        is_bool = len(distinct) < 10 and {each.lower() for each in distinct} <= {"true", "false"}
        column.kinds.add("bool" if is_bool else "word")


def _check_numbers(table: Table) -> None:
    """Refuse numbers with commas, and note columns where a word is among numbers."""
    mixed = []
    for column in table.columns.values():
        if "comma" in column.kinds and column.kinds <= {"comma", "whole", "number"}:
            raise SourceError(
                f"the numbers of {quoted(column.name)} have commas in them",
                "write them with a point and nothing between thousands, like 1234.5",
            )
        if column.kinds & {"word", "comma"}:
            cells = [row[column.name] for row in table.first]
            numbers = sum(map(bool, map(ONE_NUMBER.fullmatch, cells)))
            if NEARLY_ALL * len(cells) <= numbers < len(cells):
                mixed.append(column.name)
    if mixed:
        table.notes.append(f"Text, since most cells are numbers, but not all: {listed(mixed)}.")


def _delimiter(content: bytes) -> str:
    """What separates the cells of every row into the same number of them.

    Raises:
        SourceError: If several do.
    """
    found = [each for each in DELIMITERS if _is_even(content, each)]
    if len(found) > 1:
        raise SourceError(
            f"{' or '.join(DELIMITERS[each] for each in found)} may separate its cells",
            'put cells with a separator in them into quotes, like "a, b"',
        )
    return found[0] if found else max(DELIMITERS, key=next(_lines(content), "").count)


def _is_even(content: bytes, delimiter: str) -> bool:
    try:
        csv.field_size_limit(LONGEST_CELL)
        records = csv.reader(
            _lines(content), delimiter=delimiter, skipinitialspace=True, strict=True
        )
        widths = {len(row) for row in islice(filter(None, records), SNIFFED_ROWS)}
    except csv.Error:
        return False
    return len(widths) == 1 and widths != {1}


def _records(content: bytes, delimiter: str, is_cut: bool) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with the number of its last line."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(_lines(content), delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        if is_cut and "unexpected end" in str(error):
            return
        raise SourceError(
            f"its quotes or cells are wrong near line {reader.line_num} ({error})",
            'close every quote, double those within quotes, like "a ""b"""',
        ) from None


def _lines(content: bytes) -> Iterator[str]:
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    try:
        while line := text.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE:
                raise SourceError(
                    "a line is longer than 1,048,575 characters", "check that it is a CSV file"
                )
            yield line
    except UnicodeDecodeError:
        raise SourceError("it is not UTF-8", "save it as CSV in UTF-8") from None
