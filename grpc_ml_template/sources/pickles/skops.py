"""Reads .skops files: a zip archive with the tree of a model as JSON, and its arrays beside it."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..common.opening import SourceError
from ..common.zips import member, unzipped
from .arrays import MOST_BYTES, OBJECTS, Array
from .inert import Made, Name
from .npy_header import HEADER, array_of
from .skops_types import is_own, is_trusted_by_default
from .streams import MOST_KEPT

SCHEMA = "schema.json"
LARGEST_SCHEMA = 48 << 20
# Lists and dicts of a schema, and what is in them: bounds the memory that JSON takes.
MOST_MARKS = 1_000_000
# Two for each tree of a forest, in the main. Each takes 60 us to look at.
MOST_ARRAYS = 10_000
DEEPEST = 200
MORE = (
    "it has more in it than is read of a model",
    'save it with joblib.dump(model, "model.joblib"), which takes less to read',
)
FAULTS = (
    ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, SyntaxError, TypeError,
    ValueError,
)  # fmt: skip
AGAIN = 'save the model again, with skops.io.dump(model, "model.skops")'


def load_inert(path: Path) -> tuple[object, list[str], list[str]]:
    """What a .skops file holds, as inert objects.

    Returns:
        The object; the types of scikit-learn, NumPy and SciPy that skops has to be told to trust;
        and all other types, which run code of their own.

    Raises:
        SourceError: If it is none, broken, or larger than a model is.
    """
    with unzipped(path) as archive:
        if SCHEMA not in archive.namelist():
            raise SourceError(f"the archive has no {SCHEMA}, so it was not written by skops", AGAIN)
        if archive.getinfo(SCHEMA).file_size > LARGEST_SCHEMA:
            raise SourceError(*MORE)
        content = member(archive, SCHEMA, LARGEST_SCHEMA)
        if not content.isascii():
            raise SourceError("it is no model of skops, or a broken one", AGAIN)
        if sum(content.count(mark) for mark in (b"[", b"{", b",")) > MOST_MARKS:
            raise SourceError(*MORE)
        try:
            reader = Reader(archive)
            root = reader.read(json.loads(content), 0)
        except FAULTS:
            raise SourceError("it is no model of skops, or a broken one", AGAIN) from None
    return root, sorted(reader.trusted), sorted(reader.foreign)


class Reader:
    """Makes inert objects of the nodes of a schema."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Read arrays from `archive`."""
        self.archive = archive
        self.arrays: dict[str, Array] = {}
        self.kept = 0
        self.trusted: set[str] = set()
        self.foreign: set[str] = set()
        self.known: dict[int, object] = {}
        self.readers: dict[str, Callable[[dict[str, Any], int], object]] = {
            "JsonNode": _plain,
            "ListNode": self._list,
            "SetNode": self._list,
            "TupleNode": lambda node, depth: tuple(self._list(node, depth)),
            "DictNode": self._dict,
            "NdArrayNode": self._array,
            "SliceNode": self._slice,
            "TypeNode": lambda node, _: _name(node),
            "FunctionNode": lambda node, _: _name(node),
            "ObjectNode": self._object,
            "ConstructorFromReduceNode": self._object,
        }

    def read(self, node: dict[str, Any], depth: int) -> Any:
        """The inert object of a node."""
        if depth > DEEPEST:
            raise ValueError("it is nested too deeply")
        loader, place = node["__loader__"], node.get("__id__")
        if type(place) is int and place in self.known:
            return self.known[place]
        self._note(node, loader)
        value = self.readers.get(loader, self._opaque)(node, depth + 1)
        if type(place) is int and loader != "JsonNode":
            self.known[place] = value
        return value

    def _note(self, node: dict[str, Any], loader: str) -> None:
        """Sort a node's type by who has to trust it."""
        name = _name(node).text
        if is_own(loader, name):
            self.trusted.add(name)
        elif not is_trusted_by_default(loader, name):
            self.foreign.add(name)

    def _list(self, node: dict[str, Any], depth: int) -> list[Any]:
        return [self.read(item, depth) for item in node["content"]]

    def _dict(self, node: dict[str, Any], depth: int) -> dict[str, Any]:
        self._list(node["key_types"], depth)
        return {key: self.read(value, depth) for key, value in node["content"].items()}

    def _slice(self, node: dict[str, Any], _: int) -> Made:
        bounds = node["content"]
        return Made(Name("builtins.slice"), (bounds["start"], bounds["stop"], bounds["step"]))

    def _object(self, node: dict[str, Any], depth: int) -> Made:
        made = Made(_name(node))
        if node.get("content") is not None:
            made.update(self.read(node["content"], depth))
        return made

    def _array(self, node: dict[str, Any], depth: int) -> object:
        if node["type"] != "json":
            return self._numbers(node)
        array = Array()
        array.fill(OBJECTS, self.read(node["shape"], depth), self._list(node, depth))
        return array

    def _numbers(self, node: dict[str, Any]) -> object:
        """An array of numbers or texts; the value of a scalar."""
        file = node["file"]
        if file not in self.arrays:
            self.arrays[file] = self._read_array(file)
        array = self.arrays[file]
        values = array.values if array.shape == () and array.content else None
        return values[0] if values else array

    def _read_array(self, file: str) -> Array:
        if len(self.arrays) >= MOST_ARRAYS or self.kept > MOST_KEPT:
            raise SourceError(*MORE)
        with self.archive.open(file) as entry:
            array = array_of(entry.read(HEADER))
            if array.is_missing:
                entry.seek(0)
                content = entry.read(HEADER + MOST_BYTES)
                self.kept += len(content)
                array = array_of(content)
        return array

    def _opaque(self, node: dict[str, Any], depth: int) -> Made:
        """An object of which nothing is needed but the types below it."""
        for below in _nodes_in(node, depth):
            self.read(below, depth)
        return Made(_name(node))


def _plain(node: dict[str, Any], _: int) -> object:
    """A text, a number, a bool or None, which is JSON in a text of the schema."""
    text = node["content"]
    if text[0] in "[{":
        raise ValueError("a list or a dict has a node of its own")
    return json.loads(text)


def _name(node: dict[str, Any]) -> Name:
    text = f"{node['__module__']}.{node['__class__']}"
    if len(text) > 500 or not text.isprintable():
        raise ValueError("it names something that Python cannot")
    return Name(text)


def _nodes_in(node: object, depth: int) -> list[dict[str, Any]]:
    """The nodes that are next below a node, whatever is between."""
    if depth > DEEPEST:
        raise ValueError("it is nested too deeply")
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    found: list[dict[str, Any]] = []
    for value in inner:
        is_node = isinstance(value, dict) and "__loader__" in value
        found += [value] if is_node else _nodes_in(value, depth + 1)
    return found
