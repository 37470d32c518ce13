"""Reads files of XGBoost around their trees, which are nearly all of them.

``save_model`` writes keys in sorted order, as JSON or UBJSON: what a model takes comes before its
trees, what it answers and the version of the library after them. So two parts of a bounded size are
parsed, however large the file is.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..common.opening import SourceError
from ..common.plain import mapping
from . import ubjson

# Bytes that are parsed on each side of the trees; parsing takes 50 times as many in memory.
MOST_AROUND_TREES = 2 << 20
SAVE = 'save it with model.save_model("model.ubj")'
# Objects that are open where the trees begin; DART has its trees in a booster in the booster.
DEPTH = 4


@dataclass(frozen=True)
class Format:
    """A way of writing a model.

    Attributes:
        place: The name of such a file, by which the library knows the format.
        parse: Gives the value at the start of some bytes, and what is left.
        trees: Finds the key of the trees, or of the weights of a linear model.
        inner: Finds the key of a booster in a booster.
        rest: The key after them.
        null: A value to put in their place.
    """

    place: str
    parse: Callable[[bytes], tuple[Any, bytes]]
    trees: re.Pattern[bytes]
    inner: re.Pattern[bytes]
    rest: bytes
    null: bytes


def _json(data: bytes) -> tuple[Any, bytes]:
    text = data.decode()
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except RecursionError:
        raise ValueError("lists in lists in lists") from None
    return value, text[end:].lstrip(" \r\n\t,").encode()


def _ubjson(data: bytes) -> tuple[Any, bytes]:
    value, end = ubjson.read(data)
    return value, data[end:]


def _key(name: bytes) -> bytes:
    return b"L" + len(name).to_bytes(8, "big") + name


JSON = Format(
    "model.json",
    _json,
    re.compile(rb'"(?:trees|weights)"\s*:\s*(?=\[)'),
    re.compile(rb'"gbtree"\s*:\s*\{'),
    b'"learner_model_param"',
    b"null",
)
UBJSON = Format(
    "model.ubj",
    _ubjson,
    re.compile(rb"(?:%s|%s)(?=\[)" % (re.escape(_key(b"trees")), re.escape(_key(b"weights")))),
    re.compile(re.escape(_key(b"gbtree") + b"{")),
    _key(b"learner_model_param"),
    b"Z",
)


def load(content: memoryview) -> tuple[dict[str, Any], str]:
    """What a file has except its trees, as one mapping, and the name for such a file.

    Raises:
        SourceError: If it is no such file.
    """
    start = bytes(content[:MOST_AROUND_TREES])
    form = _format(start)
    trees = form.trees.search(start)
    if not trees:
        raise SourceError(
            f"no trees begin in its first {MOST_AROUND_TREES >> 20} MiB, so it is no model", SAVE
        )
    end = bytes(content[-MOST_AROUND_TREES:])
    rest = end.rfind(form.rest)
    try:
        if rest < 0:
            raise ValueError("what follows the trees is not there")
        answers, version = form.parse(b"{" + end[rest:])
        model = _before_trees(form, start[: trees.end()])
        model["learner"] = mapping(model.get("learner")) | mapping(answers)
        return model | mapping(form.parse(b"{" + version)[0]), form.place
    except ValueError:
        raise broken() from None


def broken() -> SourceError:
    """The error of a file that the library did not write, or not to its end."""
    return SourceError("it is no whole model of XGBoost", SAVE)


def _format(start: bytes) -> Format:
    if re.match(rb'\{\s*"', start):
        return JSON
    if start.startswith(b"{L"):
        return UBJSON
    if start.startswith(b"\x80"):
        raise SourceError(
            "it is a pickle, which only the same version of the library can read", SAVE
        )
    if start.startswith(b"bin"):
        raise SourceError("it is in XGBoost's old binary format", f"load it once and {SAVE}")
    raise SourceError("it is no model of XGBoost", SAVE)


def _before_trees(form: Format, start: bytes) -> dict[str, Any]:
    depth = DEPTH + bool(form.inner.search(start))
    value, left = form.parse(start + form.null + b"}" * depth)
    if left:
        raise ValueError("what is before the trees is broken")
    return mapping(value)
