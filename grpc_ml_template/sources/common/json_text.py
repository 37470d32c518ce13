"""Reads JSON, and tells its kind by its first level."""

import json
import re
from typing import Any

from .opening import SourceError

# JSON takes up to 25 times its size in memory.
MOST_BYTES = 5 << 20
# Keys after so much of a document do not tell its kind.
LOOKED_AT = 1 << 20
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\]:]', re.DOTALL)


def read_json(text: bytes | str) -> Any:
    """The value that a text stands for.

    Raises:
        SourceError: If it is no JSON or too deep.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        reason = f"line {error.lineno}: {error.msg}"
    except UnicodeDecodeError:
        reason = "it is not UTF-8"
    except RecursionError:
        reason = "it is nested too deep"
    except ValueError:
        reason = "a number has too many digits"
    raise SourceError(f"it is no JSON ({reason})", "save it again")


def whole_json(view: memoryview) -> Any:
    """The value of a whole document.

    Raises:
        SourceError: If it is too large, or no JSON.
    """
    if len(view) > MOST_BYTES:
        raise SourceError(
            f"it is larger than {MOST_BYTES >> 20} MiB",
            "keep a part of it; rows of a sample may be many in a .jsonl file, a row a line",
        )
    return read_json(bytes(view))


def json_kind(view: memoryview) -> str:
    """What a JSON file holds: ``rows``, ``schema``, ``openapi``, ``xgboost`` or ``other``."""
    text = bytes(view[:LOOKED_AT]).decode("utf-8-sig", "replace").lstrip()
    if text.startswith("["):
        return "rows" if text[1:].lstrip().startswith("{") else "other"
    if not text.startswith("{"):
        return "other"
    keys, has_more = _first_level(text)
    if has_more or {"columns", "data"} <= keys or "dataframe_split" in keys:
        return "rows"
    if keys & {"openapi", "swagger"}:
        return "openapi"
    if "learner" in keys:
        return "xgboost"
    return "schema" if keys & {"$schema", "$defs", "properties", "$ref"} else "other"


def _first_level(text: str) -> tuple[set[str], bool]:
    """The keys of the first object, and whether another follows it."""
    keys: set[str] = set()
    depth, word = 0, ""
    for found in TOKEN.finditer(text):
        token = found[0]
        if token in ("{", "["):
            depth += 1
        elif token in ("}", "]"):
            depth -= 1
            if depth <= 0:
                return keys, text[found.end() :].lstrip().startswith("{")
        elif token != ":":
            word = token[1:-1]
        elif depth == 1:
            keys.add(word)
    return keys, False
