"""What a file of CatBoost holds: its columns, and what it says of its training.

A file is ``CBM1``, the size of what follows, and a buffer as in
https://github.com/catboost/catboost/tree/master/catboost/libs/model/flatbuffers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..common.json_text import read_json
from ..common.opening import SourceError
from ..common.plain import mapping
from .flatbuffers import Table, root

MAGIC = b"CBM1"
# Fields of the tables, by their numbers.
TREES, ABOUT = 1, 2
DIMENSION, CATEGORIES, NUMBERS, TEXTS, EMBEDDINGS = 0, 4, 5, 12, 18
KEY, VALUE = 0, 1
Kind = Literal["number", "category", "text"]


@dataclass(frozen=True)
class Column:
    """A column of the table that a model was trained with.

    Attributes:
        name: Its name; its place where the table had no names.
        is_named: Whether the table had names.
        kind: What it holds.
        has_gaps: Whether some values were missing in training.
    """

    name: str
    is_named: bool
    kind: Kind
    has_gaps: bool = False


@dataclass(frozen=True)
class Saved:
    """A model, as far as its signature depends on it.

    Attributes:
        columns: Its columns, in the order of training.
        size: How many numbers the trees answer with.
        about: What the file says of the training, by topics, as JSON or as a plain text.
    """

    columns: list[Column]
    size: int
    about: Mapping[str, str]

    def json(self, topic: str) -> dict[str, Any]:
        """What the file says of a topic; empty if it says nothing."""
        return mapping(read_json(self.about[topic])) if topic in self.about else {}


def load(content: memoryview) -> Saved:
    """The model in the bytes of a file.

    Raises:
        SourceError: If it takes columns of embeddings.
        ValueError: If it is broken.
    """
    size = int.from_bytes(content[4:8], "little")
    if content[:4] != MAGIC or size > len(content) - 8:
        raise ValueError("not a whole file")
    with content[8 : 8 + size] as view:
        model = root(view)
        trees = model.table(TREES)
        return Saved(_columns(trees), trees.whole(DIMENSION, 1), dict(_about(model)))


def _about(model: Table) -> Iterator[tuple[str, str]]:
    for entry in model.tables(ABOUT):
        key = entry.text(KEY)
        if key in ("params", "class_params"):
            yield key, entry.text(VALUE) or ""


def _columns(trees: Table) -> list[Column]:
    """The columns, which the file has by kinds, each with its place among all of them."""
    if trees.tables(EMBEDDINGS):
        raise SourceError("it takes columns of embeddings", "train it without embedding_features")
    found = dict(
        [
            *(_column(each, 1, "category") for each in trees.tables(CATEGORIES)),
            *(_column(each, 2, "number") for each in trees.tables(NUMBERS)),
            *(_column(each, 1, "text") for each in trees.tables(TEXTS)),
        ]
    )
    if [*sorted(found)] != [*range(len(found))]:
        raise ValueError("a column is missing")
    return [found[place] for place in range(len(found))]


def _column(feature: Table, place_field: int, kind: Kind) -> tuple[int, Column]:
    """A column and its place; a number has a flag before it, and its thresholds before its name."""
    place = feature.whole(place_field, -1)
    name = feature.text(4 if kind == "number" else 2)
    gaps = kind == "number" and feature.flag(0)
    return place, Column(name or str(place), bool(name), kind, gaps)
