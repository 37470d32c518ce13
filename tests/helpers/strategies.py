"""Draws schemas from the whole grammar of the schema language, and values that fit them."""

import io
import keyword
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from grpc_ml_template.language.characters import refused_character
from grpc_ml_template.language.fields import SCALARS, ElementType, Field
from grpc_ml_template.language.scanner import BARE
from grpc_ml_template.language.spelling import json_name
from grpc_ml_template.project.taken import INPUTS_TAKEN, OUTPUTS_TAKEN

TAKEN = {*INPUTS_TAKEN, *OUTPUTS_TAKEN, *keyword.kwlist}
MOST_ROWS = 3

# Text

any_text = st.text(
    st.one_of(
        st.sampled_from("\"'\\{}%#*/<>[]()|`$&,;:=.\n\t ab日é🙂"),
        st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]),
    ),
    max_size=120,
).filter(lambda text: not refused_character(text))


def quoted(text: str) -> str:
    """Return the text as a quoted text of the schema language."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@st.composite
def written(draw: st.DrawFn, text: str) -> str:
    """Draw one of the ways to write a word: bare where it can be, else in quotes."""
    bare = BARE.fullmatch(text) and text and not text.startswith("#")
    return text if bare and draw(st.booleans()) else quoted(text)


# Schemas

LETTERS = "abcdefghijklmnopqrstuvwxyz"
words = st.text(LETTERS + "0123456789", min_size=1, max_size=12)


@st.composite
def names(draw: st.DrawFn) -> str:
    """Draw a field name."""
    first = draw(st.sampled_from(LETTERS)) + draw(st.one_of(st.just(""), words))
    name = "_".join([first, *draw(st.lists(words, max_size=3))])
    assume(name not in TAKEN and len(name) <= 50)
    return name


def number(value: float) -> str:
    """Return the number as the schema language has it."""
    return repr(value).removesuffix(".0") if abs(value) < 1e15 else repr(value)


def numbers_of(element: ElementType) -> st.SearchStrategy[Any]:
    """Draw numbers that the type can hold."""
    assert element.low is not None
    assert element.high is not None
    if element.kind == "integer":
        return st.integers(int(element.low), int(element.high))
    tidy = st.integers(-100, 100).map(float)
    low, high = float(element.low), float(element.high)
    return st.one_of(tidy, st.floats(low, high, allow_nan=False, allow_infinity=False))


@st.composite
def types(draw: st.DrawFn) -> tuple[str, str, list[int | None]]:
    """Draw a type: its text, the name of its element, its dims."""
    kind = draw(st.sampled_from(["scalar", "scalar", "tensor", "tensor", "enum", "image"]))
    if kind == "enum":
        labels = draw(
            st.lists(
                st.one_of(words, any_text.filter(str.strip)), min_size=1, max_size=6, unique=True
            )
        )
        return f"enum({', '.join(draw(written(label)) for label in labels)})", labels[0], []
    if kind == "image":
        sizes = st.tuples(st.integers(1, 5), st.integers(1, 5), st.sampled_from([1, 3, 4]))
        size = draw(st.one_of(st.none(), sizes))
        return ("image" if size is None else "image[{},{},{}]".format(*size)), "image", []
    name = draw(st.sampled_from(list(SCALARS)))
    if kind == "scalar":
        return name, name, []
    dims = draw(st.lists(st.one_of(st.integers(1, 3), st.just(70), st.none()), max_size=3))
    assume(dims.count(70) < 2)
    held = ",".join("?" if dim is None else str(dim) for dim in dims)
    return f"{name}[{held}]", name, dims or [None]


@st.composite
def modifiers(draw: st.DrawFn, kind: str, element: str, dims: list[int | None]) -> list[str]:
    """Draw a range and a default that go with an input's type."""
    drawn: list[str] = []
    low = high = None
    is_number = (
        not kind.startswith("enum") and SCALARS.get(element, SCALARS["bool"]).low is not None
    )
    if is_number and draw(st.booleans()):
        low, high = sorted(draw(st.tuples(*[numbers_of(SCALARS[element])] * 2)))
        ends = draw(st.sampled_from([(low, high), (low, None), (None, high)]))
        low, high = ends
        drawn.append("..".join("" if end is None else number(end) for end in ends))
    if kind.startswith("image") or None in dims or draw(st.booleans()):
        return drawn
    if kind.startswith("enum"):
        return [f"= {draw(written(element))}"]
    return [*drawn, f"= {draw(defaults(SCALARS[element], low, high))}"]


def defaults(element: ElementType, low: Any, high: Any) -> st.SearchStrategy[str]:
    """Draw a default inside the range."""
    if element.kind == "bool":
        return st.sampled_from(["true", "false"])
    if element.kind in ("string", "bytes"):
        return any_text.map(quoted)
    ends = [number(end) for end in (low, high) if end is not None]
    inside = st.sampled_from(ends) if ends else numbers_of(element).map(number)
    return st.one_of(inside, st.just("nan")) if element.kind == "float" else inside


@st.composite
def schemas(draw: st.DrawFn, *, outputs: bool) -> str:
    """Draw the text of a schema."""
    drawn = draw(
        st.lists(names(), min_size=1, max_size=8, unique_by=lambda name: json_name(name).lower())
    )
    text = ""
    for name in drawn:
        kind, element, dims = draw(types())
        more = [] if outputs else draw(modifiers(kind, element, dims))
        if draw(st.booleans()):
            more.append(quoted(draw(any_text)))
        text += f"{name}: {' '.join([kind, *draw(st.permutations(more))])}"
        text += draw(st.sampled_from([",", ";", "\n", " , ", "\n\n", " # a comment\n"]))
    return text


# Values


def shapes(field: Field) -> st.SearchStrategy[tuple[int, ...]]:
    """Draw the shape of one instance's tensor or image."""
    return st.tuples(*(st.integers(1, 3) if dim is None else st.just(dim) for dim in field.dims))


def elements(field: Field) -> st.SearchStrategy[Any]:
    """Draw one element that fits an input or output field."""
    element = field.element
    if element.kind == "bool":
        return st.booleans()
    if element.kind == "string":
        return st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
    if element.kind == "bytes":
        return st.binary(max_size=9)
    low = element.low if field.low is None else field.low
    high = element.high if field.high is None else field.high
    assert low is not None
    assert high is not None
    if element.kind == "integer":
        return st.integers(int(low), int(high))
    drawn = st.floats(float(low), float(high), allow_nan=False)
    return st.one_of(drawn, st.just(np.nan)) if field.allows_nan else drawn


@st.composite
def arrays(draw: st.DrawFn, field: Field) -> NDArray[Any]:
    """Draw a tensor, or the pixels of an image."""
    shape = draw(shapes(field))
    if field.kind == "image":
        seed = draw(st.integers(0, 255))
        return (np.arange(np.prod(shape)) * 7 + seed).astype(np.uint8).reshape(shape)
    drawn = draw(st.lists(elements(field), min_size=1, max_size=4))
    flat = np.empty(len(drawn), field.element.dtype)
    flat[:] = drawn
    return np.resize(flat, shape)


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return the pixels as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels).save(file, "PNG")
    return file.getvalue()


def values(field: Field) -> st.SearchStrategy[Any]:
    """Draw a value of a field as a model has it; a label is its place."""
    if field.kind == "enum":
        return st.integers(0, len(field.labels) - 1)
    return arrays(field) if field.dims else elements(field)
