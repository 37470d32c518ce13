"""Samples of inputs in Parquet: the columns are described at the end of the file."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...language.errors import quoted
from ...language.rules import MOST_DIMS
from ..common.json_text import read_json
from ..common.opening import SourceError, opened
from ..common.signature import Part, Signature
from .parquet_columns import Column, number_type, read_columns
from .parquet_statistics import Statistics, read_statistics
from .tables import ALL_ARE_INPUTS, check_names, listed
from .thrift import Struct, read_struct, structs

MAGIC, ENCRYPTED = b"PAR1", b"PARE"
LONGEST_FOOTER = 4 << 20
FLATTEN = "write the fields of a struct as columns of their own"


def read(path: Path) -> Signature:
    """The fields that the columns of a file make.

    Raises:
        SourceError: If it is no such file, or a column has values that no field can carry.
    """
    footer = read_struct(_footer(path))
    pandas = _pandas(footer)
    columns = read_columns(footer.get(2))
    index = _index(pandas)
    kept = [column for column in columns if column.name not in index]
    check_names([column.name for column in kept])
    if not kept:
        raise SourceError("it has no columns", "save a sample with the inputs as columns")
    statistics = read_statistics(footer.get(4))
    told: dict[str, list[str]] = defaultdict(list)
    parts = tuple(_part(column, statistics, told) for column in kept)
    if len(kept) < len(columns):
        told["Left out, as the index"] = [each.name for each in columns if each.name in index]
    if names := [each.name for each in kept if each.name in _categorical(pandas)]:
        told["Text, since the file does not list the categories; answer inputs= with an enum"] = (
            names
        )
    notes = [f"{what}: {listed(names)}." for what, names in told.items()]
    if len(kept) > 1:
        notes.append(ALL_ARE_INPUTS)
    return Signature(parts, notes=tuple(notes))


def _footer(path: Path) -> bytes:
    with opened(path) as view:
        if bytes(view[:4]) == ENCRYPTED or bytes(view[-4:]) == ENCRYPTED:
            raise SourceError("it is encrypted", "save it without encryption")
        if len(view) < 12 or bytes(view[:4]) != MAGIC or bytes(view[-4:]) != MAGIC:
            raise SourceError("it is no whole Parquet file", "save it again")
        size = int.from_bytes(view[-8:-4], "little")
        if size > LONGEST_FOOTER:
            raise SourceError(
                f"its description of the columns is larger than {LONGEST_FOOTER >> 20} MiB",
                "save a few rows of it: frame.head(1000).to_parquet(...)",
            )
        if size > len(view) - 12:
            raise SourceError("it is no whole Parquet file", "save it again")
        return bytes(view[len(view) - 8 - size : len(view) - 8])


def _part(column: Column, statistics: Mapping[str, Statistics], told: dict[str, list[str]]) -> Part:
    name, dims, node = column.name, 0, column
    while not node.is_value:
        node, dims = node.element(FLATTEN), dims + 1
    if dims > MOST_DIMS:
        raise SourceError(f"{quoted(name)} has lists deeper than {MOST_DIMS}", FLATTEN)
    kind, remark = node.type()
    if remark:
        told[remark].append(name)
    if dims:
        return Part(name, kind, (None,) * dims)
    known = statistics.get(name, Statistics())
    about = known.range_words(node) if number_type(kind) else ""
    if not known.nulls:
        return Part(name, kind, about=about)
    default = _missing(kind)
    if default is None:
        told["Required, though some rows have no value"].append(name)
    else:
        is_nan = default == "nan"
        told[f"May be missing, and are {'NaN' if is_nan else default} then"].append(name)
        kind = "double" if is_nan and number_type(kind) == "integer" else kind
    return Part(name, kind, default=default, about=about)


def _missing(kind: str) -> str | None:
    return '""' if kind == "string" else "nan" if number_type(kind) else None


def _pandas(footer: Struct) -> Mapping[str, Any]:
    """What pandas wrote of its own, which is JSON."""
    for pair in structs(footer.get(5)):
        if pair.get(1) == b"pandas" and isinstance(pair.get(2), bytes):
            held = read_json(pair[2])
            return held if isinstance(held, dict) else {}
    return {}


def _index(pandas: Mapping[str, Any]) -> set[str]:
    """The names of columns that hold the index; a range is no column."""
    held = pandas.get("index_columns")
    return {name for name in held if isinstance(name, str)} if isinstance(held, list) else set()


def _categorical(pandas: Mapping[str, Any]) -> set[str]:
    held = pandas.get("columns")
    columns: Sequence[Any] = held if isinstance(held, list) else []
    return {
        each["field_name"]
        for each in columns
        if isinstance(each, dict)
        and each.get("pandas_type") == "categorical"
        and isinstance(each.get("field_name"), str)
    }
