"""JSON Schema and OpenAPI documents: their parts, with references put in."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ...language.errors import quoted, shown
from ..common.json_text import whole_json
from ..common.opening import SourceError, opened
from ..common.yaml_text import read_yaml

MOST_DEPTH = 32
# References and properties that are followed; each may hold others.
MOST_STEPS = 50_000
Schema = dict[str, Any]


class Document:
    """A document, and how much of it was followed."""

    def __init__(self, root: Any) -> None:
        """Start with nothing followed."""
        self.root = root
        self._steps = 0

    def at(self, pointer: str) -> Any:
        """What a pointer leads to: ``/components/schemas/Iris``.

        Raises:
            SourceError: If there is nothing.
        """
        value = self.root
        for word in pointer.split("/")[1:]:
            key = unquote(word).replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and key in value:
                value = value[key]
            elif isinstance(value, list) and key.isascii() and key.isdigit() and len(key) < 9:
                value = value[int(key)] if int(key) < len(value) else None
            else:
                raise SourceError(f"it has no #{shown(pointer)}", self.advice(key))
        return value

    def advice(self, near: str = "") -> str:
        """How to name one of the schemas in the document."""
        root = self.root if isinstance(self.root, dict) else {}
        for place in ("/components/schemas", "/definitions", "/$defs"):
            held: Any = root
            for key in place.split("/")[1:]:
                held = held.get(key) if isinstance(held, dict) else None
            if isinstance(held, dict) and held:
                [best] = difflib.get_close_matches(near, list(held)[:500], 1) or [next(iter(held))]
                return f"name the schema of an instance, like FILE#{place}/{shown(best)}"
        return "name a schema that is there"

    def flat(self, schema: Any, depth: int = 0) -> Schema:
        """A schema with what its ``$ref`` and ``allOf`` say put in.

        Raises:
            SourceError: If they lead nowhere, or too far.
        """
        if not isinstance(schema, dict):
            schema = {}
        held = schema.get("properties")
        self._steps += 1 + (len(held) if isinstance(held, dict) else 0)
        if depth > MOST_DEPTH or self._steps > MOST_STEPS:
            raise SourceError("its references go round or too deep", "write fewer levels")
        merged: Schema = {}
        if "$ref" in schema:
            _merge(merged, self.flat(self._referred(schema["$ref"]), depth + 1))
        for part in _list(schema, "allOf"):
            _merge(merged, self.flat(part, depth + 1))
        _merge(merged, {key: schema[key] for key in schema if key not in ("$ref", "allOf")})
        return merged

    def _referred(self, reference: Any) -> Any:
        if not isinstance(reference, str) or not (reference + "/").startswith("#/"):
            raise SourceError(
                f"the reference {quoted(str(reference))} leads out of the file",
                "put what it names into the same file",
            )
        return self.at(reference[1:])

    def without_null(self, schema: Any) -> tuple[Schema, bool]:
        """A flat schema of one type, and whether null is allowed beside.

        Raises:
            SourceError: If it has several types.
        """
        schema = self.flat(schema)
        allows_null = schema.get("nullable") is True
        options = [self.flat(each) for key in ("anyOf", "oneOf") for each in _list(schema, key)]
        kept = [each for each in options if not _is_null(each)]
        if options:
            schema = {key: schema[key] for key in schema if key not in ("anyOf", "oneOf")}
            schema = {**_common(kept), **schema}
        kinds = schema.get("type")
        if isinstance(kinds, list):
            rest = [each for each in kinds if each != "null"]
            allows_null |= rest != kinds
            schema["type"] = _one_type(rest)
        values = schema.get("enum")
        if isinstance(values, list) and None in values:
            schema["enum"] = [each for each in values if each is not None]
            allows_null = True
        return schema, allows_null or len(kept) < len(options)


def open_document(path: Path) -> Document:
    """The document in a file of JSON or YAML.

    Raises:
        SourceError: If it cannot be read.
    """
    with opened(path) as view:
        is_yaml = path.suffix.lower() in (".yaml", ".yml")
        return Document(read_yaml(view) if is_yaml else whole_json(view))


def _list(schema: Mapping[str, Any], key: str) -> list[Any]:
    held = schema.get(key)
    return held if isinstance(held, list) else []


def _merge(into: Schema, more: Schema) -> None:
    for key, value in more.items():
        if key == "properties" and isinstance(value, dict) and isinstance(into.get(key), dict):
            value = {**into[key], **value}
        if key == "required" and isinstance(value, list):
            value = [*_list(into, key), *value]
        into[key] = value


def _is_null(schema: Schema) -> bool:
    return schema.get("type") == "null" or ("const" in schema and schema["const"] is None)


def _common(options: list[Schema]) -> Schema:
    """The one schema that stands for all options."""
    if len(options) == 1:
        return options[0]
    if options and all("const" in each or _list(each, "enum") for each in options):
        values = [_list(each, "enum") or [each.get("const")] for each in options]
        return {"enum": [value for part in values for value in part]}
    kinds = [each.get("type") for each in options]
    return {"type": _one_type([kind for kind in kinds if isinstance(kind, str)])} if kinds else {}


def _one_type(kinds: list[Any]) -> str:
    if kinds and all(kind in ("integer", "number") for kind in kinds):
        return "integer" if set(kinds) == {"integer"} else "number"
    if len(set(map(str, kinds))) == 1:
        return str(kinds[0])
    raise SourceError("it may have several types", "give it one type")
