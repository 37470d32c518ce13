"""How tensors are nested in what a PyTorch program takes and answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..common.json_text import read_json
from ..common.opening import SourceError
from ..common.plain import listed, mapping, text

SEQUENCES = {"builtins.tuple": "tuple", "builtins.list": "list"}
MAPPINGS = ("builtins.dict", "collections.OrderedDict")
DEEPEST = 20


@dataclass(frozen=True)
class Tree:
    """A value that may hold others.

    Attributes:
        kind: ``leaf``, ``tuple``, ``list`` or ``dict``.
        keys: Those of a dict, and the places in a tuple or a list.
        branches: The values that it holds.
    """

    kind: str
    keys: tuple[str | int, ...] = ()
    branches: tuple["Tree", ...] = ()

    def paths(self) -> Iterator[tuple[str | int, ...]]:
        """The keys that lead to each leaf, in order."""
        if self.kind == "leaf":
            yield ()
        for key, branch in zip(self.keys, self.branches, strict=True):
            yield from ((key, *path) for path in branch.paths())

    def filled(self, leaves: Iterator[dict[str, Any]]) -> dict[str, Any]:
        """The tree as facts, with something in the place of each leaf."""
        if self.kind == "leaf":
            return next(leaves)
        parts = [branch.filled(leaves) for branch in self.branches]
        is_dict = self.kind == "dict"
        return {self.kind: dict(zip(map(str, self.keys), parts, strict=True)) if is_dict else parts}


def read_tree(saved: Any) -> Tree:
    """The tree in a text that PyTorch writes.

    Raises:
        SourceError: If it has other containers than Python's own.
        ValueError: If it is none.
    """
    content = listed(read_json(text(saved)))
    if len(content) != 2:
        raise ValueError("not a tree with its version")
    return _tree(content[1], 0)


def _tree(saved: Any, depth: int) -> Tree:
    node = mapping(saved)
    if depth > DEEPEST:
        raise ValueError("a tree that is too deep")
    branches = tuple(_tree(each, depth + 1) for each in listed(node["children_spec"]))
    kind = node["type"]
    if kind is None:
        return Tree("leaf")
    if kind in SEQUENCES:
        return Tree(SEQUENCES[kind], tuple(range(len(branches))), branches)
    if kind in MAPPINGS:
        return Tree("dict", _keys(node["context"], len(branches)), branches)
    raise SourceError(
        f"it takes or returns a {ascii(text(kind))[1:60].rstrip(chr(39))}",
        "export a model that takes and returns tensors, or tuples, lists and dicts of them",
    )


def _keys(context: Any, count: int) -> tuple[str, ...]:
    keys = tuple(map(text, listed(read_json(text(context)))))
    if len(keys) != count:
        raise ValueError("not a key for each value")
    return keys
