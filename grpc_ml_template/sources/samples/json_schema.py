"""The fields that a JSON Schema of an object says, on its own or as a part of an OpenAPI document."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from ...language.errors import quoted, shown
from ...language.parser import MOST_FIELDS
from ...language.rules import MOST_DIMS
from ..common.opening import SourceError
from ..common.signature import Part, Signature
from .json_documents import Document, Schema, open_document
from .json_types import default_text, element_type, is_number, range_of, size_of
from .tables import MOST_SHOWN, listed

# Rules of values that the schema language has no words for.
RULES = ("pattern", "minLength", "maxLength", "multipleOf", "uniqueItems", "contains", "not", "if")
MOST_VALUES = 20
SAME_TYPE = "an array holds values of one type: write its parts as properties of their own"
MISSING = {"nan": "and are NaN then", '""': 'and are "" then'}


def read(path: Path, fragment: str = "") -> Signature:
    """The fields of the object that a schema describes.

    Args:
        path: A file of JSON or YAML.
        fragment: Where in it the schema is, like ``/components/schemas/Iris``; empty if it is all.

    Raises:
        SourceError: If it describes no object, or one with a value that no field can carry.
    """
    document = open_document(path)
    if not fragment and isinstance(document.root, dict) and _is_openapi(document.root):
        raise SourceError("it is an OpenAPI document of many schemas", document.advice())
    if fragment and not fragment.startswith("/"):
        raise SourceError(f"{quoted(fragment)} leads nowhere", document.advice(fragment))
    schema = document.flat(document.at(fragment))
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        raise SourceError("the schema is not that of an object with properties", document.advice())
    if len(properties) > MOST_FIELDS:
        raise SourceError(
            f"{len(properties)} properties are more than {MOST_FIELDS}", "write them as an array"
        )
    reader = Reader(document, schema.get("required"))
    parts = tuple(reader.part(name, held) for name, held in properties.items())
    return Signature(parts, notes=tuple(reader.notes()))


def _is_openapi(root: Schema) -> bool:
    return "openapi" in root or "swagger" in root


class Reader:
    """Reads properties, and keeps what is to be told of them."""

    def __init__(self, document: Document, required: Any) -> None:
        """Start with nothing to tell."""
        self._document = document
        names = required if isinstance(required, list) else []
        self._required = {name for name in names if isinstance(name, str)}
        self._left_out: list[str] = []
        self._told: dict[str, list[str]] = defaultdict(list)

    def notes(self) -> list[str]:
        """What a user should be told."""
        notes = [f"{what}: {listed(names)}." for what, names in self._told.items()]
        if self._left_out:
            some = ", ".join(self._left_out[:MOST_SHOWN])
            if (more := len(self._left_out) - MOST_SHOWN) > 0:
                some += f" and {more} more"
            notes.append(f"Left out, since the schema language has no words for it: {some}.")
        return notes

    def part(self, name: str, schema: Any) -> Part:
        """The field of a property.

        Raises:
            SourceError: If no field can carry its values; the fault names it.
        """
        try:
            return self._part(name, schema)
        except SourceError as error:
            raise SourceError(f"property {quoted(name)}: {error.fault}", error.fix) from None

    def _part(self, name: str, schema: Any) -> Part:
        outer, allows_null = self._document.without_null(schema)
        inner, dims = self._element(name, outer)
        kind, labels = element_type(inner)
        if kind == "enum" and (dims or not labels):
            self._leave_out("enum", name)
            kind, labels = "string", ()
        limits = range_of(inner, kind)
        given = outer.get("default")
        default = None if given is None else default_text(given, kind, labels, dims, limits)
        if default is None and given is not None:
            self._told["Required, since a field cannot have such a default"].append(name)
        if default is None and allows_null:
            default = self._missing(name, kind, dims)
            kind = "double" if default == "nan" and kind != "float" else kind
        elif given is None and name not in self._required:
            self._told["Required, since they may be left out but have no default"].append(name)
        about = self._about(name, outer, inner, kind, limits.words)
        return Part(
            name, kind, dims or None, labels, limits=limits.text, default=default, about=about
        )

    def _element(self, name: str, schema: Schema) -> tuple[Schema, tuple[int | None, ...]]:
        """The schema of one element, and the sizes of the arrays around it."""
        dims: list[int | None] = []
        self._check_rules(name, schema)
        while schema.get("type") == "array" or "prefixItems" in schema:
            if len(dims) == MOST_DIMS:
                raise SourceError(f"its arrays are deeper than {MOST_DIMS}", "write fewer levels")
            size = size_of(schema)
            if size is None and (schema.get("minItems", 0) not in (0, 1) or "maxItems" in schema):
                self._leave_out("minItems and maxItems", name)
            schema, allows_null = self._items(schema)
            if allows_null:
                self._leave_out("null in an array", name)
            self._check_rules(name, schema)
            dims.append(size)
        return schema, tuple(dims)

    def _items(self, schema: Schema) -> tuple[Schema, bool]:
        held = schema.get("prefixItems", schema.get("items"))
        if not isinstance(held, list):
            return self._document.without_null(held)
        # Those of a tuple may say different things of each place, such as its title.
        items = [self._document.without_null(each) for each in held[:MOST_FIELDS]]
        kinds = {element_type(each)[0] for each, _ in items if each.get("type") != "array"}
        if len(kinds) != 1 or any(each.get("type") == "array" for each, _ in items):
            raise SourceError("its items have several types", SAME_TYPE)
        return items[0][0], any(allows_null for _, allows_null in items)

    def _check_rules(self, name: str, schema: Schema) -> None:
        for rule in RULES:
            if schema.get(rule) not in (None, False):
                self._leave_out(rule, name)

    def _leave_out(self, what: str, name: str) -> None:
        self._left_out.append(f"{what} of {quoted(name)}")

    def _missing(self, name: str, kind: str, dims: tuple[int | None, ...]) -> str | None:
        """The default that stands for null, where there is one."""
        default = '""' if kind == "string" else "nan" if is_number(kind) else None
        if default is None or None in dims:
            self._told["Required, since a field cannot be null"].append(name)
            return None
        self._told[f"May be null in the schema, {MISSING[default]}"].append(name)
        return default

    def _about(self, name: str, outer: Schema, inner: Schema, kind: str, words: str) -> str:
        if words:
            self._leave_out("exclusive bounds", name)
        values = inner.get("enum", [inner["const"]] if "const" in inner else [])
        if is_number(kind) and isinstance(values, list) and values:
            words = f"{words} One of {', '.join(map(str, values[:MOST_VALUES]))}.".strip()
            self._leave_out("enum", name)
        if kind == "string" and isinstance(inner.get("format"), str):
            self._leave_out(f"the format {shown(inner['format'])}", name)
        text = outer.get("description") or inner.get("description")
        text = " ".join(text.split()) if isinstance(text, str) else ""
        if text and words and text[-1] not in ".!?":
            text += "."
        return f"{text} {words}".strip()
