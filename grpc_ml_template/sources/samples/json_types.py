"""What the keywords of a JSON Schema mean for one value: its type, range, size and default."""

import math
from dataclasses import dataclass
from typing import Any

from ...language.characters import refused_character
from ...language.fields import SCALARS
from ...language.numbers import LABEL
from ..common.opening import SourceError
from .json_documents import Schema

TYPES = {"integer": "int64", "number": "double", "boolean": "bool", "string": "string"}
FORMATS = {
    "number": {"float": "float", "double": "double"},
    "integer": {"int32": "int32", "int64": "int64", "uint32": "uint32", "uint64": "uint64"},
    "string": {"binary": "bytes", "byte": "bytes", "base64": "bytes", "base64url": "bytes"},
}
FLATTEN = 'write its properties beside the others, like "address_city"'


def is_number(kind: str) -> bool:
    """Whether a type of the schema language holds numbers."""
    return kind in SCALARS and SCALARS[kind].kind in ("float", "integer")


def element_type(schema: Schema) -> tuple[str, tuple[str, ...]]:
    """The type of a value, with its labels if it is an enum; none if they cannot be labels.

    Raises:
        SourceError: If no field can carry it.
    """
    kind = schema.get("type")
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(values, list) and values:
        kind = _type_of(values)
        if kind == "string":
            return "enum", _labels(values)
    if kind == "object" or "properties" in schema:
        raise SourceError("it is an object", FLATTEN)
    if kind not in TYPES:
        raise SourceError(
            "it has no type that a field has", "give it a type, like number or string"
        )
    word = schema.get("format", schema.get("contentEncoding"))
    narrower = FORMATS.get(kind, {}).get(word) if isinstance(word, str) else None
    return narrower or TYPES[kind], ()


def _type_of(values: list[Any]) -> str:
    """The type that all values of an enum have."""
    types = set(map(type, values))
    if types == {str}:
        return "string"
    if types == {bool}:
        return "boolean"
    if types == {int}:
        return "integer"
    if types <= {int, float}:
        return "number"
    raise SourceError("its values have several types", "write values of one type")


def _labels(values: list[str]) -> tuple[str, ...]:
    labels = tuple(dict.fromkeys(values))
    is_odd = any(not label.strip() or refused_character(label) for label in labels)
    return () if is_odd or len(labels) > LABEL.most else labels


def size_of(schema: Schema) -> int | None:
    """How many items an array has; None if that varies.

    Raises:
        SourceError: If it has none.
    """
    low, high = schema.get("minItems"), schema.get("maxItems")
    items = schema.get("prefixItems", schema.get("items"))
    if isinstance(items, list) and schema.get("items", False) in (False, items):
        low = high = len(items)
    if high == 0:
        raise SourceError("its arrays are empty", "leave it out")
    is_fixed = type(low) is int and low == high and low > 0
    return low if is_fixed else None


@dataclass(frozen=True)
class Range:
    """The numbers that a value may have.

    Attributes:
        low, high: The ends; None where there is none.
        words: What the schema language cannot say of them: ends that are excluded.
    """

    low: int | float | None = None
    high: int | float | None = None
    words: str = ""

    @property
    def text(self) -> str:
        """The range as the schema language writes it; empty if there is none."""
        ends = ["" if end is None else str(end) for end in (self.low, self.high)]
        return "..".join(ends) if any(ends) else ""

    def has(self, number: int | float) -> bool:
        """Whether a number is in it."""
        is_above = self.low is None or number >= self.low
        return is_above and (self.high is None or number <= self.high)


def range_of(schema: Schema, kind: str) -> Range:
    """The range of a number."""
    if not is_number(kind):
        return Range()
    low, is_above = _bound(schema, "minimum", "exclusiveMinimum")
    high, is_below = _bound(schema, "maximum", "exclusiveMaximum")
    if SCALARS[kind].kind == "integer":
        low = low if low is None else math.floor(low) + 1 if is_above else math.ceil(low)
        high = high if high is None else math.ceil(high) - 1 if is_below else math.floor(high)
        is_above = is_below = False
    excluded = [f"above {low}"] if is_above else []
    excluded += [f"below {high}"] if is_below else []
    words = " and ".join(excluded)
    low, high = (_held(end, kind) for end in (low, high))
    if low is not None and high is not None and low > high:
        low = high = None
    return Range(low, high, f"{words[0].upper()}{words[1:]}." if words else "")


def _held(end: int | float | None, kind: str) -> int | float | None:
    """An end of a range, if the type can hold it: any number is allowed there otherwise."""
    limits = Range(SCALARS[kind].low, SCALARS[kind].high)
    return end if end is not None and limits.has(end) else None


def _bound(schema: Schema, inclusive: str, exclusive: str) -> tuple[int | float | None, bool]:
    """A bound, and whether it is excluded itself."""
    bound, other = _finite(schema.get(inclusive)), schema.get(exclusive)
    if other is True:  # As in OpenAPI 3.0.
        return bound, bound is not None
    other = _finite(other)
    return (bound, False) if other is None else (other, True)


def _finite(value: Any) -> int | float | None:
    if type(value) is int and abs(value) < 2**64:
        return value
    return value if isinstance(value, float) and math.isfinite(value) else None


def default_text(
    value: Any, kind: str, labels: tuple[str, ...], dims: tuple[int | None, ...], limits: Range
) -> str | None:
    """A default as the schema language writes it; None if it cannot."""
    if dims:
        value = _element_of(value, dims)
    if kind == "bool":
        return str(value).lower() if isinstance(value, bool) else None
    if kind == "enum":
        return _in_quotes(value) if value in labels else None
    if kind == "string":
        return _in_quotes(value) if isinstance(value, str) else None
    number = _finite(value) if is_number(kind) else None
    if number is None or not limits.has(number):
        return None
    if SCALARS[kind].kind == "integer":
        is_whole = number == int(number) and _held(number, kind) is not None
        return str(int(number)) if is_whole else None
    return repr(number)


def _element_of(value: Any, dims: tuple[int | None, ...]) -> Any:
    """What every element of an array of these sizes is; None if they differ."""
    for size in dims:
        if not isinstance(value, list) or len(value) != size:
            return None
        if any(each != value[0] or type(each) is not type(value[0]) for each in value):
            return None
        value = value[0]
    return value


def _in_quotes(text: str) -> str | None:
    if refused_character(text):
        return None
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + text.replace("\n", "\\n").replace("\t", "\\t") + '"'
