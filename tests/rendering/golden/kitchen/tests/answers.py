"""Answers of models, by the kind of field: right ones, wrong ones, and what becomes of them.

What is expected is written out here, and not asked of the engine.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kitchen.engine.fields import (
    Image,
    Label,
    LabelVector,
    Tensor,
    VaryingTensor,
)
from kitchen.engine.fields.field import Field

from .values import right_elements, seen, shape_of


class Answer(NamedTuple):
    """What a model may answer to one instance.

    Attributes:
        column: A column of one row.
        got: What the caller gets of it.
    """

    column: Any
    got: Any


class WrongAnswer(NamedTuple):
    """What a model may not answer to one instance.

    Attributes:
        column: What it answers as a column.
        words: What the log says of it, in part.
    """

    column: Any
    words: str


def right_answers(field: Field) -> dict[str, Answer]:
    """Return answers that fit a field."""
    if isinstance(field, Label):
        labels = {
            f"label {place}": Answer(np.array([place]), label)
            for place, label in enumerate(field.labels)
        }
        return labels | {"list": Answer([0], field.labels[0])}
    if isinstance(field, Image):
        from .pictures import files, png

        pixels = files(shape_of(field, 3))["PNG"][1]
        return {"pixels": Answer([pixels], png(pixels)), "array": Answer(pixels[None], png(pixels))}
    shape, found = shape_of(field, 3), {}
    for title, element in right_elements(field).items():
        column = seen(field, [element] * math.prod(shape), shape)
        found[title] = Answer(column, got(field, column))
        found[f"{title} in lists"] = Answer([as_list(column[0])], got(field, column))
    return found


def got(field: Field, column: NDArray[Any]) -> Any:
    """Return what the caller gets of a column of one row."""
    if isinstance(field, LabelVector):
        return dict(zip(field.labels, column[0].tolist(), strict=True))
    return column[0] if field.dims else column.item()


def usual_answers(field: Field) -> list[Answer]:
    """Return answers to two instances, which differ if the field has room for two."""
    if isinstance(field, Label):
        places = (0, len(field.labels) - 1)
        return [Answer(np.array([place]), field.labels[place]) for place in places]
    columns = [in_order(field, 1), in_order(field, 2)]
    if isinstance(field, Image):
        from .pictures import png

        return [Answer(column, png(column[0])) for column in columns]
    return [Answer(column, got(field, column)) for column in columns]


def in_order(field: Field, start: int) -> NDArray[Any]:
    """Return a column of one row, whose elements follow from the numbers from `start` on.

    What varies of its shape is larger from axis to axis, and for a larger `start`.
    """
    shape = [dim or start + 1 + axis for axis, dim in enumerate(field.dims)]
    numbers = np.arange(start, start + math.prod(shape)) % 100  # Every dtype holds those.
    if field.text_type:
        texts = [f"text {number}" for number in numbers]
        elements = np.array(texts if field.text_type is str else [*map(str.encode, texts)], object)
    elif field.dtype.kind == "f":
        elements = numbers / 2
    else:
        elements = numbers % 2 if field.dtype.kind == "b" else numbers
    return elements.astype(field.dtype).reshape(1, *shape)


def as_list(value: Any) -> Any:
    """Return an array as nested lists, and one value as Python has it."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def wrong_answers(field: Field) -> dict[str, WrongAnswer]:
    """Return answers that do not fit a field."""
    found = {"no rows": WrongAnswer([], "expected"), "two rows": WrongAnswer([0, 0], "expected")}
    if isinstance(field, Label):
        return found | wrong_places(len(field.labels))
    if isinstance(field, Image):
        return found | wrong_pixels(shape_of(field, 3))
    return found | wrong_elements(field) | wrong_shapes(field)


def wrong_places(count: int) -> dict[str, WrongAnswer]:
    """Return columns that are no places of so many labels."""
    found = {
        f"place {place}": WrongAnswer([place], f"{place} is no label's place, 0 to {count - 1}")
        for place in (count, -1)
    }
    return found | {
        "dtype": WrongAnswer(np.full(1, "text"), "expected dtype int64, got <U4"),
        "fraction": WrongAnswer([0.0], "expected dtype int64, got float64"),
    }


def wrong_pixels(dims: tuple[int, ...]) -> dict[str, WrongAnswer]:
    """Return columns that are no pixels of a picture."""
    height, width, channels = dims
    more = np.zeros((1, height, width, channels + 1), np.uint8)
    return {
        "dtype": WrongAnswer(np.zeros((1, *dims)), "expected dtype uint8, got float64"),
        "shape": WrongAnswer(np.zeros((1, 2), np.uint8), "expected shape"),
        "channels": WrongAnswer(more, "expected shape"),
    }


def wrong_elements(field: Field) -> dict[str, WrongAnswer]:
    """Return columns of elements that a field may not hold."""
    shape, name = (1, *shape_of(field, 2)), field.dtype.name
    if field.text_type:
        words = f"expected {field.text_type.__name__}, got int"
        return {"no text": WrongAnswer(np.zeros(shape, np.object_), words)}
    found = {"dtype": WrongAnswer(np.full(shape, "text"), f"expected dtype {name}, got <U4")}
    if field.dtype.kind == "f":
        for number in (np.nan, np.inf):
            words = f"not every value is a finite {name}"
            found[f"{number}"] = WrongAnswer(np.full(shape, number), words)
    if field.dtype.kind in "iu":
        words = f"expected dtype {name}, got float64"
        found["fraction"] = WrongAnswer(np.full(shape, 0.5), words)
    if field.dtype.kind in "iu" and field.dtype.itemsize < 8:
        wide = np.uint64 if field.dtype.kind == "u" else np.int64
        above = np.full(shape, int(np.iinfo(field.dtype).max) + 1, wide)
        found["too large"] = WrongAnswer(above, f"not every value fits {name}")
    return found


def wrong_shapes(field: Field) -> dict[str, WrongAnswer]:
    """Return columns of a wrong shape."""
    shape = shape_of(field, 2)
    deeper = np.zeros((1, *shape, 1), field.dtype)
    found = {"dims": WrongAnswer(deeper, "expected shape")}
    if isinstance(field, Tensor | VaryingTensor | LabelVector) and any(field.dims):
        longer = [size + 1 if dim else size for size, dim in zip(shape, field.dims, strict=True)]
        found["sizes"] = WrongAnswer(np.zeros((1, *longer), field.dtype), "expected shape")
    return found
