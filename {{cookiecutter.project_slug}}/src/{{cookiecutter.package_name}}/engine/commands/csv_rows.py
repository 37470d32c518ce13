"""The rows of a CSV file, as many at a time as one call may ask about."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..fields import Schema
from ..fields.field import Field
from ..fields.violations import InvalidError
from ..serving.batches import Batches
from .faults import in_words

# The most rows, and about the most memory that they take up on the server, where a call may have
# several times as much unless SERVER_MAX_IN_FLIGHT_BYTES says otherwise. More, and fewer calls are
# made, each of which takes longer.
MOST_ROWS, MOST_BYTES = 1000, 32 * 1024 * 1024
# A character takes four bytes in Python's texts at most; a call has it as bytes and in a message, too.
CHARACTER_BYTES = 6


@dataclass(frozen=True)
class Part:
    """Some rows of a CSV file, one after the other.

    Attributes:
        lines: The number of each row's line, or of its last one if a cell has several.
        rows: What is in the file.
        columns: The values of the inputs that it has.
    """

    lines: list[int]
    rows: list[dict[str, str]]
    columns: dict[str, list[Any]]

    def add(self, line: int, row: dict[str, str], values: dict[str, Any]) -> None:
        """Add a row."""
        self.lines.append(line)
        self.rows.append(row)
        for name, value in values.items():
            self.columns[name].append(value)


def parts(schema: Schema, rows: "csv.DictReader[str]") -> Iterator[Part]:
    """Read the rows of a CSV file, as many at a time as one call may ask about.

    Raises:
        ValueError: If a cell is wrong, with its line.
    """
    sizes = Sizes(schema)
    titles = {schema.input_names.get(title): title for title in rows.fieldnames or ()}
    fields = {field: titles[field.name] for field in schema.inputs if field.name in titles}
    part, room = empty(fields), MOST_BYTES
    for row in rows:
        refuse_uneven(rows.line_num, row)
        values = {f.name: read_cell(f, row[title], rows.line_num) for f, title in fields.items()}
        size = sizes.of(row, values)
        if part.rows and (size > room or len(part.rows) == MOST_ROWS):
            yield part
            part, room = empty(fields), MOST_BYTES
        part.add(rows.line_num, row, values)
        room -= size
    if part.rows:
        yield part


def empty(fields: Iterable[Field]) -> Part:
    """Return a part without rows."""
    return Part([], [], {field.name: [] for field in fields})


def refuse_uneven(line: int, row: dict[Any, Any]) -> None:
    """Raise an error if a row has more cells than the header or fewer, as DictReader tells."""
    names = [name for name in row if name is not None]
    cells = len(row.get(None, ())) + sum(row[name] is not None for name in names)
    if cells != len(names):
        expected = f"as many cells as the header has, {len(names)}"
        raise ValueError(f"line {line}: expected {expected}, got {cells}")


def read_cell(field: Field, text: str, line: int) -> Any:
    """Return the value of a cell; None if it is blank, and so missing.

    Raises:
        ValueError: If it is wrong.
    """
    try:
        return field.from_cell(text)
    except (OSError, ValueError) as error:
        fault = in_words(error) if isinstance(error, OSError) else error
        raise ValueError(f"{field.name} in line {line}: {fault}") from None


class Sizes:
    """What rows take up on the server.

    Args:
        schema: What they look like.
    """

    def __init__(self, schema: Schema) -> None:
        self._batches = Batches(schema)
        self._new_instance = schema.messages.Instance
        self._varying = [field for field in schema.inputs if field.varies]

    def of(self, row: dict[str, str], values: dict[str, Any]) -> int:
        """Return about what a row takes up, with its answer."""
        characters = sum(map(len, row.values()))
        return self._decoded(values) + characters * CHARACTER_BYTES

    def _decoded(self, values: dict[str, Any]) -> int:
        """Return what takes as much as its values say, such as pictures of any size."""
        if not self._varying:
            return self._batches.row_bytes
        instance = self._new_instance()
        try:
            for field in self._varying:
                field.pack(instance, values.get(field.name))
        except InvalidError:  # The call says so, with all that is wrong.
            return self._batches.row_bytes
        size: int = self._batches.bytes_of(instance) + instance.ByteSize()
        return size
