"""A field in words, for comments, docstrings, help texts and the README."""

from collections.abc import Iterator

from ..language.fields import Field
from .text import capital, one_line, sentence

NARROW = ("float16", "int8", "int16", "uint8", "uint16")
CHANNELS = {1: "grayscale", 3: "RGB", 4: "RGBA"}


def facts(field: Field, *, output: bool = False) -> Iterator[str]:
    """What a caller must know of the field, a sentence each: meaning, form, range, presence."""
    if field.description:
        yield sentence(field.description)
    if field.kind == "tensor":
        yield _layout(field)
    if field.kind == "vector":
        yield f"A value for each number of {field.labels_of}, from 1; 0 where there is none."
    if field.kind == "image":
        yield image_words(field, output=output)
    if field.element.name in NARROW:
        yield f"Values of {field.element.name}."
    if words := range_words(field):
        yield f"Each {words}." if field.kind in ("tensor", "vector") else f"{capital(words)}."
    if field.alias:
        yield alias_words(field)
    if not output:
        yield "Required." if field.required else f"Default: {default_words(field)}."


def alias_words(field: Field) -> str:
    """What the field is called elsewhere: ``Called "mean radius" where the model was made.``."""
    return f'Called "{one_line(field.alias)}" where the model was made.'


def _layout(field: Field) -> str:
    if len(field.dims) == 1:
        [size] = field.dims
        return "Any number of values." if size is None else f"{size} value{'s' * (size > 1)}."
    inferred = "; ? follows from the number of values" if field.unknown_dims == 1 else ""
    return f"Shape {shape(field)}, row-major{inferred}."


def image_words(field: Field, *, output: bool = False) -> str:
    """What files the field holds: ``A PNG file, RGB.``."""
    height, width, channels = field.dims
    mode = CHANNELS[channels or 3]
    form = "PNG" if output else "PNG, JPEG or WebP"
    if height is None:
        return f"A {form} file, {mode}."
    return f"A {form} file of {width} x {height} pixels, {mode}."


def shape(field: Field) -> str:
    """The shape of one instance's tensor: ``3 x ?``."""
    return " x ".join("?" if dim is None else str(dim) for dim in field.dims)


def range_words(field: Field) -> str:
    """The range: ``0 to 30``, ``at least 0``, ``at most 30``, or nothing."""
    if field.low is not None and field.high is not None:
        return f"{number(field.low)} to {number(field.high)}"
    if field.low is not None:
        return f"at least {number(field.low)}"
    if field.high is not None:
        return f"at most {number(field.high)}"
    return ""


def default_words(field: Field) -> str:
    """The default, as it would be typed."""
    if isinstance(field.default, bool):
        return str(field.default).lower()
    if isinstance(field.default, (int, float)):
        return number(field.default)
    return one_line(str(field.default)) or "empty"


def number(value: float) -> str:
    """The number as it would be typed: ``30``, ``0.5``, ``nan``."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def type_words(field: Field) -> str:
    """The type as the schema language writes it, labels apart."""
    if field.kind == "vector":
        return f"{field.element.name}[{field.labels_of}]"
    if not field.dims or (field.kind == "image" and field.dims[0] is None):
        return field.element.name
    dims = ",".join("?" if dim is None else str(dim) for dim in field.dims)
    return f"{field.element.name}[{dims}]"
