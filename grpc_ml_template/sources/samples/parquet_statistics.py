"""What a Parquet file says of the values in its columns: how many are missing, and their range."""

import math
import struct
from dataclasses import dataclass, field
from typing import Any

from .parquet_columns import Column
from .thrift import Struct, structs

# How a number is written, by its physical type.
LAYOUTS = {1: "i", 2: "q", 4: "f", 5: "d"}


@dataclass
class Statistics:
    """What is known of a column.

    Attributes:
        nulls: How many values are missing.
        ends: The lowest and the highest value of each group of rows, as they are written.
        is_whole: Whether both are known for every group.
    """

    nulls: int = 0
    ends: list[tuple[bytes, bytes]] = field(default_factory=list)
    is_whole: bool = True

    def range_words(self, column: Column) -> str:
        """The range in words; empty if it is not known."""
        layout = LAYOUTS.get(column.about.get(1, -1))
        if not self.is_whole or not self.ends or layout is None:
            return ""
        if column.type()[0].startswith("uint"):
            layout = layout.upper()
        try:
            numbers = [struct.unpack(f"<{layout}", end)[0] for both in self.ends for end in both]
        except struct.error:
            return ""
        if not all(map(math.isfinite, numbers)):
            return ""
        low, high = min(numbers), max(numbers)
        return (
            f"{low:.6g} to {high:.6g} in the sample."
            if layout in "fd"
            else (f"{low} to {high} in the sample.")
        )


def read_statistics(groups: Any) -> dict[str, Statistics]:
    """What is known of each column that is no list or struct, by its name."""
    found: dict[str, Statistics] = {}
    for group in structs(groups):
        for chunk in structs(group.get(1)):
            about = chunk.get(3)
            if not isinstance(about, dict):
                continue
            path = about.get(3)
            if not isinstance(path, list) or len(path) != 1 or not isinstance(path[0], bytes):
                continue
            known = found.setdefault(path[0].decode("utf-8", "replace"), Statistics())
            _add(known, about.get(12))
    return found


def _add(known: Statistics, held: Any) -> None:
    about: Struct = held if isinstance(held, dict) else {}
    nulls, high, low = (about.get(number) for number in (3, 5, 6))
    known.nulls += nulls if isinstance(nulls, int) else 0
    if isinstance(low, bytes) and isinstance(high, bytes):
        known.ends.append((low, high))
    else:
        known.is_whole = False
