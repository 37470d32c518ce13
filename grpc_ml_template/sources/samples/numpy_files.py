"""Samples of inputs in NumPy's files: an array, or several in an archive, with instances first."""

import math
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from ...language.errors import quoted
from ..common.opening import SourceError, opened
from ..common.signature import Part, Signature
from ..common.zips import unzipped
from .numpy_headers import MAGIC, Header, Values, read_header
from .tables import MOST_EXAMPLES, check_names

# What an array is called that has no name, as by scikit-learn.
NAME = "x"
# Holds any header, and the first instances unless they are large.
READ_BYTES = 1 << 17
MOST_ARRAYS = 100
MOST_VALUES = 1_000

Read = list[tuple[Header, bytes]]


def read(path: Path) -> Signature:
    """The fields that the arrays of a file make: a tensor each, or a field a column of records.

    Raises:
        SourceError: If it is no such file, or an array has values that no field can carry.
    """
    with opened(path) as view:
        content, size = bytes(view[:READ_BYTES]), len(view)
    if content.startswith(MAGIC):
        arrays = [(read_header(NAME, content, size), content)]
    else:
        with unzipped(path) as archive:
            arrays = list(_members(archive))
    values = [each for header, _ in arrays for each in header.values if each.type]
    check_names([each.name for each in values])
    if not values:
        raise SourceError("the archive has no arrays", "save it with numpy.savez")
    if len({header.instances for header, _ in arrays}) > 1:
        sizes = ", ".join(f"{quoted(h.values[0].name)} {h.instances}" for h, _ in arrays[:4])
        raise SourceError(
            f"its arrays have different numbers of instances ({sizes})",
            "save the arrays of the inputs only, with as many instances each",
        )
    notes = (
        f"The first axis is taken as that of instances, of which there are \
{arrays[0][0].instances:,}.",
    )
    parts = tuple(Part(each.name, each.type, each.dims or None) for each in values)
    return Signature(parts, notes=notes, rows=_rows(arrays))


def _members(archive: ZipFile) -> Iterator[tuple[Header, bytes]]:
    entries = archive.infolist()
    if len(entries) > MOST_ARRAYS:
        raise SourceError(f"it has more than {MOST_ARRAYS} arrays", "save those of the inputs only")
    for entry in entries:
        with archive.open(entry) as file:
            content = file.read(READ_BYTES)
        name = entry.filename.removesuffix(".npy")
        yield read_header(name, content, entry.file_size), content


def _rows(arrays: Read) -> tuple[Mapping[str, Any], ...]:
    """The first instances, where they are small and the file has them in one piece."""
    count = MOST_EXAMPLES
    for header, content in arrays:
        elements = sum(math.prod(each.dims) for each in header.values)
        if not header.is_by_rows or elements > MOST_VALUES or not header.row_bytes:
            return ()
        count = min(count, header.instances, (len(content) - header.start) // header.row_bytes)
    rows: list[dict[str, Any]] = []
    for number in range(count):
        row: dict[str, Any] = {}
        for header, content in arrays:
            at = header.start + number * header.row_bytes
            for each in header.values:
                if each.type:
                    row[each.name] = _value(each, content[at : at + each.bytes])
                at += each.bytes
        rows.append(row)
    return tuple(row for row in rows if None not in row.values())


def _value(values: Values, content: bytes) -> Any:
    """The value of an instance; None if it has numbers that are not finite, or broken text."""
    count = math.prod(values.dims)
    size = len(content) // count
    elements: list[Any]
    if values.type in ("string", "bytes"):
        pieces = [content[at * size : (at + 1) * size] for at in range(count)]
        elements = [_text(piece, values.layout) for piece in pieces]
    else:
        elements = [each for (each,) in struct.iter_unpack(values.layout, content)]
        if not all(map(math.isfinite, elements)):
            return None
    return _nested(elements, values.dims) if None not in elements else None


def _text(content: bytes, encoding: str) -> str | bytes | None:
    if not encoding:
        return content.rstrip(b"\0")
    try:
        return content.decode(encoding).rstrip("\0")
    except UnicodeDecodeError:
        return None


def _nested(elements: list[Any], dims: tuple[int, ...]) -> Any:
    """Lists in the shape of `dims`."""
    if not dims:
        return elements[0]
    for size in reversed(dims[1:]):
        elements = [elements[at : at + size] for at in range(0, len(elements), size)]
    return elements
