"""The range and the default of a field: read, and held against its type."""

import json
import math
import re

from .errors import quoted, shown
from .fields import Default, Field, Number
from .scanner import BARE, NUMBER, SchemaError, Word

LONGEST_NUMBER = 400
INTEGER = re.compile(r"[+-]?[0-9]+")
ANY_NUMBER = re.compile(NUMBER)
SAMPLES = {"float": "0.5", "integer": "3", "bool": "true", "string": "none", "bytes": '"raw"'}


def read_range(field: Field, low_text: str, high_text: str) -> tuple[Number | None, Number | None]:
    """Both ends of a range, None where left out."""
    example = f'"{field.name}: {field.element.name} 0..100"'
    if field.element.kind not in ("float", "integer"):
        raise SchemaError(
            f"{field.element.name} takes no range",
            f'ranges are for numbers, like "{field.name}: int32 0..100"',
        )
    if not low_text and not high_text:
        raise SchemaError("the range has neither end", f"write at least one, like {example}")
    low = _number(field, low_text, example) if low_text else None
    high = _number(field, high_text, example) if high_text else None
    if low is not None and high is not None and low > high:
        raise SchemaError(
            f"the range {_span(low, high)} starts above its end",
            f'write the lower number first, like "{field.name}: '
            f'{field.element.name} {_span(high, low)}"',
        )
    return low, high


def read_default(field: Field, word: Word) -> Default:
    """The value of a default, as the type of the field has it."""
    if field.kind == "image":
        raise SchemaError("an image takes no default", f'leave it out, like "{field.name}: image"')
    if field.unknown_dims:
        sizes = ",".join(str(dim or 3) for dim in field.dims)
        raise SchemaError(
            "a default needs a fixed shape",
            f'write the sizes, like "{field.name}: {field.element.name}[{sizes}]"',
        )
    if not word.text and not word.quoted:
        raise SchemaError('no value follows "="', f"write one, like {_example(field)}")
    if field.element.kind in ("float", "integer"):
        return _number_default(field, word)
    return _other_default(field, word)


def _number_default(field: Field, word: Word) -> Number:
    example = _example(field)
    if word.quoted:
        raise SchemaError(
            f"the default {quoted(word.text)} is a text", f"write a number, like {example}"
        )
    if word.text.lower() == "nan" and field.element.kind == "float":
        return math.nan
    if word.text.lower().lstrip("+-") in ("inf", "infinity"):
        raise SchemaError("a default must be finite", f"write a number, like {example}")
    number = _number(field, word.text, example)
    _check_inside(field, number, word.text)
    return float(number) if field.element.kind == "float" else number


def _check_inside(field: Field, number: Number, text: str) -> None:
    below = field.low is not None and number < field.low
    above = field.high is not None and number > field.high
    if not below and not above:
        return
    span = _span(field.low, field.high)
    inside = field.high if field.low is None else field.low
    raise SchemaError(
        f"{text} is {'below' if below else 'above'} the range {span}",
        f'write a default inside it, like "{field.name}: {field.element.name} {span} = {inside}"',
    )


def _other_default(field: Field, word: Word) -> Default:
    kind, example = field.element.kind, _example(field)
    if kind == "enum" and word.text not in field.labels:
        raise SchemaError(
            f"the default {quoted(word.text)} is not one of the labels",
            f"write one of them, like {example}",
        )
    if kind == "bytes" and not word.quoted:
        raise SchemaError(
            f"the default {quoted(word.text)} is not in quotes", f"write it like {example}"
        )
    if kind != "bool":
        return word.text
    if word.quoted or word.text not in ("true", "false"):
        raise SchemaError(
            f"the default {quoted(word.text)} is neither true nor false",
            f"write one of them, like {example}",
        )
    return word.text == "true"


def _number(field: Field, text: str, example: str) -> Number:
    element = field.element
    whole = element.kind == "integer"
    if not (INTEGER if whole else ANY_NUMBER).fullmatch(text) or len(text) > LONGEST_NUMBER:
        raise SchemaError(
            f"{quoted(text)} is not a {'whole ' if whole else ''}number",
            f"write one, like {example}",
        )
    number: Number = int(text) if INTEGER.fullmatch(text) else float(text)
    if element.low is None or element.high is None or element.low <= number <= element.high:
        return number
    raise SchemaError(
        f"{text if len(text) < 30 else quoted(text)} does not fit {element.name}, "
        f"which holds {_span(element.low, element.high)}",
        f"write a number that fits, like {example}",
    )


def _span(low: Number | None, high: Number | None) -> str:
    return f"{'' if low is None else low}..{'' if high is None else high}"


def _example(field: Field) -> str:
    if field.kind != "enum":
        sample = SAMPLES[field.element.kind]
        outer = "'" if '"' in sample else '"'
        return f"{outer}{field.name}: {field.element.name} = {sample}{outer}"
    labels = ", ".join(_written(label) for label in field.labels[:2])
    return f"'{field.name}: enum({labels}) = {_written(field.labels[0])}'"


def _written(label: str) -> str:
    is_bare = BARE.fullmatch(label) and not label.startswith("#")
    return shown(label if is_bare else json.dumps(label, ensure_ascii=False))
