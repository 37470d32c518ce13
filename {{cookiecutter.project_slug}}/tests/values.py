"""Values of inputs, by the kind of field: right ones, wrong ones, and what becomes of them.

What is expected is written out here. Nothing of it is asked of the engine, so that a rule which the
engine breaks shows.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

from {{ cookiecutter.package_name }}.engine.fields import (
    Image,
    Label,
    LabelVector,
    Number,
    Tensor,
    VaryingTensor,
)
from {{ cookiecutter.package_name }}.engine.fields.field import Field

Case = TypeVar("Case")
# How numbers and flags travel, by their dtypes.
WIRE_TYPES = {
    "bool": "bool",
    "float16": "float",
    "float32": "float",
    "float64": "double",
    "int8": "int32",
    "int16": "int32",
    "int32": "int32",
    "int64": "int64",
    "uint8": "uint32",
    "uint16": "uint32",
    "uint32": "uint32",
    "uint64": "uint64",
}
WIRE_DTYPES = {"float": np.float32, "double": np.float64}
# No field has such a name, or one that is like it.
NO_FIELD = "?"
NOT_AN_IMAGE = "not a PNG, JPEG or WebP image that can be read"


class Right(NamedTuple):
    """A value that a field takes.

    Attributes:
        given: The value, as callers give it.
        raw: The field, as the constructor of its message takes it.
        seen: What the model sees of it: a column of one row.
    """

    given: Any
    raw: Any
    seen: NDArray[Any]


class Wrong(NamedTuple):
    """A value that the server refuses.

    Attributes:
        raw: The field, as the constructor of its message takes it.
        words: What the server says of it, in part.
        path: Which part of the field the server names: ``[0]`` for the first element.
        cell: What is wrong in columns that have as many elements for each row; None if it cannot
            be there.
    """

    raw: Any
    words: str
    path: str = ""
    cell: Any = None


class Misfit(NamedTuple):
    """A value that the client refuses by itself.

    Attributes:
        given: The value, as callers give it.
        words: What the client says of it, in part.
    """

    given: Any
    words: str


# Cases


def each(names: str, cases: Mapping[str, Any]) -> Callable[[Callable[..., None]], Any]:
    """Run a test once for each case, by its title. Without cases there is no such test."""

    def decorate(test: Callable[..., None]) -> Any:
        if not cases:
            return None
        return pytest.mark.parametrize(names, [*cases.values()], ids=[*cases])(test)

    return decorate


def unlike(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Return the fields without those that are like an earlier one in all but the name."""
    found: dict[str, str] = {}
    for name, field in fields.items():
        labels = (field.labels, field.numbers) if isinstance(field, Label | LabelVector) else ()
        form = (field.dtype, field.dims, field.low, field.high, field.text_type, labels)
        found.setdefault(repr((type(field), form, field.default)), name)
    return {name: fields[name] for name in found.values()}


def by_field(
    fields: Mapping[str, Field], values: Callable[[Field], dict[str, Case]]
) -> dict[str, tuple[Field, Case]]:
    """Return the values of fields that are unlike, each with its field, by titles for tests."""
    return {
        f"{name}-{title}": (field, value)
        for name, field in unlike(fields).items()
        for title, value in values(field).items()
    }


def one_of_each_kind(cases: Mapping[str, tuple[Field, Case]]) -> dict[str, tuple[Field, Case]]:
    """Return the case of the smallest field of each kind, for tests that take their time."""
    found: dict[type, str] = {}
    for title, (field, _) in sorted(cases.items(), key=lambda case: size(case[1][0])):
        found.setdefault(type(field), title)
    return {title: cases[title] for title in found.values()}


def size(field: Field) -> int:
    """Return how many elements a value has, along the dims that are known."""
    return 1 if isinstance(field, Image) else math.prod(dim for dim in field.dims if dim)


# Elements


def wire_type(field: Field) -> str:
    """Return the type in the proto of a field's elements."""
    if isinstance(field, Label):
        return "enum"
    if field.text_type or isinstance(field, Image):
        return "string" if field.text_type is str else "bytes"
    return WIRE_TYPES[field.dtype.name]


def wire_dtype(field: Field) -> np.dtype[Any]:
    """Return the dtype that has a field's numbers as messages have them."""
    name = wire_type(field)
    return np.dtype(WIRE_DTYPES.get(name, name))


def limits(field: Field) -> tuple[Any, Any]:
    """Return the least and the largest number that a field may hold."""
    is_float = field.dtype.kind == "f"
    info: Any = np.finfo(field.dtype) if is_float else np.iinfo(field.dtype)
    number = float if is_float else int
    low = info.min if field.low is None else field.low
    high = info.max if field.high is None else field.high
    return number(low), number(high)


def allows_nan(field: Field) -> bool:
    """Tell whether a number may be missing: nan, which is not equal to itself, is its default."""
    return bool(field.default != field.default)


def right_elements(field: Field) -> dict[str, Any]:
    """Return elements that a field may hold."""
    if field.text_type is str:
        return {"empty": "", "letters": 'naïve, "☃"\n'}
    if field.text_type is bytes:
        return {"empty": b"", "bytes": b"\0\xff\n"}
    if field.dtype.kind == "b":
        return {"true": True, "false": False}
    low, high = limits(field)
    found = {"lowest": low, "highest": high}
    if low <= 0 <= high:
        found["zero"] = type(low)(0)
    if allows_nan(field):
        found["not a number"] = math.nan
    return found


def wrong_elements(field: Field) -> dict[str, tuple[Any, str]]:
    """Return elements that a field may not hold, though messages can, and what is said of them."""
    if field.dtype.kind not in "fiu":
        return {}
    low, high = limits(field)
    found: dict[str, tuple[Any, str]] = {}
    if (below := next_to(low, -1, wire_dtype(field))) is not None:
        found["below its range"] = below, "is below"
    if (above := next_to(high, 1, wire_dtype(field))) is not None:
        found["above its range"] = above, "is above"
    if field.dtype.kind == "f":
        found["infinite"] = math.inf, "inf is not a finite number"
        found["negative infinite"] = -math.inf, "-inf is not a finite number"
        if not allows_nan(field):
            found["not a number"] = math.nan, "nan is not a finite number"
    return found


def next_to(limit: Any, step: int, dtype: np.dtype[Any]) -> Any:
    """Return the number next to a limit, below it or above; None if messages have none there."""
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            number = float(np.nextafter(dtype.type(limit), dtype.type(step * math.inf)))
        return number if math.isfinite(number) else None
    info = np.iinfo(dtype)
    return limit + step if info.min <= limit + step <= info.max else None


def seen(field: Field, elements: list[Any], shape: tuple[int, ...] = ()) -> NDArray[Any]:
    """Return what the model sees of the elements of a value: a column of one row."""
    dtype = np.dtype(np.object_) if field.text_type else wire_dtype(field)
    return np.array(elements, dtype).astype(field.dtype).reshape(1, *shape)


def seen_of(field: Field, given: Any) -> NDArray[Any]:
    """Return what the model sees of a right value, as callers give it: a column of one row."""
    if given is None:
        return default(field)
    if isinstance(field, Label):
        return np.array([field.labels.index(given)])
    if isinstance(field, Image):
        from . import pictures

        return pictures.pixels(given, shape_of(field)[2])[np.newaxis]
    if isinstance(field, LabelVector):
        return seen(field, [given[label] for label in field.labels], shape_of(field))
    if isinstance(field, Tensor | VaryingTensor):
        array = np.asarray(given)
        return seen(field, array.ravel().tolist(), array.shape)
    return seen(field, [given])


# Arrays


def shape_of(field: Field, unknown: int = 1) -> tuple[int, ...]:
    """Return a shape that a field may have; what varies is so large."""
    return tuple(unknown if dim is None else dim for dim in field.dims)


def raw_array(field: Field, elements: list[Any], shape: tuple[int, ...]) -> Any:
    """Return an array as a message takes it: with its shape, if the elements do not tell it."""
    is_flat = field.dims.count(None) < 2
    return elements if is_flat else {"shape": list(shape), "values": elements}


def right_arrays(field: Field) -> dict[str, Right]:
    """Return arrays that a field takes: of one element throughout, and of one that differs."""
    elements = right_elements(field)
    shape, larger = shape_of(field), shape_of(field, 3)
    arrays = {title: ([one] * math.prod(shape), shape) for title, one in elements.items()}
    first, second, *_ = elements.values()
    arrays["in order"] = [first, second, *[first] * math.prod(larger)][: math.prod(larger)], larger
    found = {}
    for title, (flat, dims) in arrays.items():
        given = np.array(flat, np.object_ if field.text_type else None).reshape(dims)
        found[title] = Right(given, raw_array(field, flat, dims), seen(field, flat, dims))
    return found


def wrong_arrays(field: Field) -> dict[str, Wrong]:
    """Return arrays that the server refuses: with a wrong last element, or of a wrong shape."""
    right = next(iter(right_elements(field).values()))
    shape = shape_of(field, 2)
    count = math.prod(shape)
    found = {}
    for title, (element, words) in wrong_elements(field).items():
        raw = raw_array(field, [*[right] * (count - 1), element], shape)
        found[title] = Wrong(raw, words, f"[{count - 1}]", element)
    return found | wrong_shapes(field, right, shape)


def wrong_shapes(field: Field, right: Any, shape: tuple[int, ...]) -> dict[str, Wrong]:
    """Return arrays of a wrong shape that the server refuses."""
    dims, count = shape_words(field.dims), math.prod(shape)
    more = [right] * (count + 1)
    if isinstance(field, Tensor):
        expected = f"expected {count} values (shape {dims}), got "
        found = {"value too many": Wrong(more, f"{expected}{count + 1}")}
        if count > 1:
            found["value too few"] = Wrong([right] * (count - 1), f"{expected}{count - 1}")
        return found
    if field.dims.count(None) > 1:
        return wrong_shape_messages(field, right, shape)
    if size(field) == 1:
        return {}
    expected = f"expected a multiple of {size(field)} values (shape {dims}), got "
    return {"value too many": Wrong(more, f"{expected}{count + 1}")}


def wrong_shape_messages(field: Field, right: Any, shape: tuple[int, ...]) -> dict[str, Wrong]:
    """Return messages of an array whose shape is wrong, or does not fit its values."""
    dims, count = shape_words(field.dims), math.prod(shape)
    values = [right] * count
    empty = [dim or 0 for dim in field.dims]
    negative = [dim or -2 for dim in field.dims]
    expected = f"expected {count} values (shape {shape_words(shape)}), got {count + 1}"
    found = {
        "value too many": Wrong({"shape": shape, "values": [*values, right]}, expected),
        "shape of other dims": Wrong(
            {"shape": [*shape, 1], "values": values},
            f"expected shape {dims}, got {shape_words([*shape, 1])}",
        ),
        "negative shape": Wrong({"shape": negative, "values": values}, f"expected shape {dims}"),
        "shape without values": Wrong(
            {"shape": empty}, "expected at least one value along each dimension"
        ),
    }
    if field.dims.count(None) > 1:
        found["no shape"] = Wrong({"values": values}, f"expected shape {dims}, got none")
    return found


def shape_words(dims: Any) -> str:
    """Return a shape as errors have it: ``3 x ?``."""
    return " x ".join("?" if dim is None else str(dim) for dim in dims)


# Vectors


def raw_vector(field: LabelVector, elements: list[Any]) -> list[Any]:
    """Return the numbers of labels as a message has them: each at the place of its label's number."""
    raw = [False if field.dtype.kind == "b" else 0] * field.width
    for number, element in zip(field.numbers, elements, strict=True):
        raw[number - 1] = element
    return raw


def right_vectors(field: LabelVector) -> dict[str, Right]:
    """Return vectors that a field takes: of one element throughout, and of some that differ."""
    elements = right_elements(field)
    count = len(field.labels)
    vectors = {title: [one] * count for title, one in elements.items()}
    first, second, *_ = elements.values()
    vectors["in order"] = [first, second, *[first] * count][:count]
    found = {}
    for title, flat in vectors.items():
        given = dict(zip(field.labels, flat, strict=True))
        found[title] = Right(given, raw_vector(field, flat), seen(field, flat, (count,)))
    if field.optional:
        found["no labels"] = Right({}, [], default(field))
    return found


def wrong_vectors(field: LabelVector) -> dict[str, Wrong]:
    """Return vectors that the server refuses: with a wrong last element, or of a wrong length."""
    right = next(iter(right_elements(field).values()))
    *others, last = field.labels
    found = {}
    for title, (element, words) in wrong_elements(field).items():
        raw = raw_vector(field, [*[right] * len(others), element])
        found[title] = Wrong(raw, words, f"[{last}]")
    width = field.width
    expected = f"expected {width} values, one for each number of a label, got {width + 1}"
    found["value too many"] = Wrong([right] * (width + 1), expected)
    most = max(field.numbers)
    if not field.optional and most > 1:
        label = field.labels[field.numbers.index(most)]
        found["value too few"] = Wrong([right] * (most - 1), f"no value for {label!r}")
    return found


def misfit_vectors(field: LabelVector) -> dict[str, Misfit]:
    """Return vectors that the client refuses."""
    right = next(iter(right_elements(field).values()))
    vector = dict.fromkeys(field.labels, right)
    labels = ", ".join(field.labels)
    found = {
        "list": Misfit([right], f"expected a mapping of labels, got [{right!r}]"),
        "no label": Misfit(
            {**vector, "no such label": right}, f"'no such label' is not one of {labels}"
        ),
        "text": Misfit(
            {**vector, field.labels[0]: "text"},
            f"expected {field.dtype} for {field.labels[0]!r}, got 'text'",
        ),
        "parts": Misfit({**vector, field.labels[0]: [right]}, "expected one value for "),
    }
    if not field.optional:
        found["label missing"] = Misfit(
            {**vector, field.labels[-1]: None}, f"no value for {field.labels[-1]!r}"
        )
    return found


# Pictures


def right_pictures(field: Field) -> dict[str, Right]:
    """Return pictures that a field takes, and the pixels of each."""
    from . import pictures

    files = pictures.files(shape_of(field, 5))
    return {title: Right(file, file, pixels[np.newaxis]) for title, (file, pixels) in files.items()}


def wrong_pictures(field: Field) -> dict[str, Wrong]:
    """Return files that are no pictures, or of a wrong size."""
    from . import pictures

    height, width, channels = shape_of(field, 5)
    cut = pictures.png(np.zeros((height, width, channels), np.uint8))[:45]
    found = {
        "no picture": Wrong(b"text", NOT_AN_IMAGE, "", b"text"),
        "picture cut short": Wrong(cut, NOT_AN_IMAGE, "", cut),
    }
    if not field.varies:
        taller = pictures.png(np.zeros((height + 1, width, channels), np.uint8))
        words = f"expected {width} x {height} pixels, got {width} x {height + 1}"
        found["picture of another size"] = Wrong(taller, words, "", taller)
    return found


# Any field


def rights(field: Field) -> dict[str, Right]:
    """Return values that a field takes."""
    if isinstance(field, Label):
        return {
            f"label {place}": Right(label, number, np.array([place]))
            for place, (label, number) in enumerate(zip(field.labels, field.numbers, strict=True))
        }
    if isinstance(field, Image):
        return right_pictures(field)
    if isinstance(field, Tensor | VaryingTensor):
        return right_arrays(field)
    if isinstance(field, LabelVector):
        return right_vectors(field)
    elements = right_elements(field).items()
    return {title: Right(one, one, seen(field, [one])) for title, one in elements}


def wrongs(field: Field) -> dict[str, Wrong]:
    """Return values that the server refuses."""
    if isinstance(field, Label):
        return wrong_numbers(field)
    if isinstance(field, Image):
        return wrong_pictures(field)
    if isinstance(field, Tensor | VaryingTensor):
        return wrong_arrays(field)
    if isinstance(field, LabelVector):
        return wrong_vectors(field)
    elements = wrong_elements(field).items()
    return {title: Wrong(one, words, "", one) for title, (one, words) in elements}


def wrong_numbers(field: Label) -> dict[str, Wrong]:
    """Return numbers that are no label's."""
    most = max(field.numbers)
    unused = [number for number in range(1, most) if number not in field.numbers]
    numbers = f"are {', '.join(map(str, sorted(field.numbers)))}"
    known = numbers if unused else f"go from 1 to {most}"
    found = {}
    for number in (most + 1, -1, *unused[:1]):
        words = f"{number} is no label's number; they {known}"
        found[f"number {number}"] = Wrong(number, words, "", number)
    if not field.optional:
        found["number 0"] = Wrong(0, "required", "", 0)
    return found


def wrong_rows(field: Field) -> dict[str, Wrong]:
    """Return values that the server refuses as the row of a column."""
    found = wrongs(field)
    if isinstance(field, LabelVector):
        return found
    if not isinstance(field, VaryingTensor):
        return {title: wrong for title, wrong in found.items() if wrong.cell is not None}
    right, shape = next(iter(right_elements(field).values())), shape_of(field, 2)
    missing = Wrong({"values": []}, "at least one value is required")
    return found | wrong_shape_messages(field, right, shape) | {"no values": missing}


def put_in_row(columns: Any, field: Field, wrong: Wrong, row: int) -> str:
    """Put a wrong value into a row of a message of columns; return the path that is named."""
    column = getattr(columns, field.name)
    if isinstance(field, VaryingTensor | LabelVector):
        raw = wrong.raw if isinstance(wrong.raw, dict) else {"values": wrong.raw}
        column[row].CopyFrom(type(column[row])(**raw))
        return f"{field.name}[{row}]{wrong.path}"
    column[row * size(field)] = wrong.cell
    return f"{field.name}[{row}]"


def missing(field: Field) -> str:
    """Return what is said of a field that is required and missing."""
    if isinstance(field, VaryingTensor):
        return "at least one value is required"
    return "required"


def default(field: Field) -> NDArray[Any]:
    """Return what the model sees of a field that is missing: a column of one row."""
    if isinstance(field, Label):
        return np.array([field.labels.index(str(field.default))])
    return seen(field, [field.default] * math.prod(shape_of(field)), shape_of(field))


# What only clients see


def misfits(field: Field) -> dict[str, Misfit]:
    """Return values that the client refuses."""
    if isinstance(field, Tensor | VaryingTensor):
        return misfit_arrays(field)
    if isinstance(field, LabelVector):
        return misfit_vectors(field)
    if isinstance(field, Label):
        labels = ", ".join(field.labels)
        return {
            "no label": Misfit("no such label", f"'no such label' is not one of {labels}"),
            "number": Misfit(1, f"1 is not one of {labels}"),
        }
    expected = f"expected {wire_type(field)}, got "
    found = {"dict": Misfit({}, expected + "{}")}
    if isinstance(field, Number) and field.dtype.kind in "iu":
        most = int(np.iinfo(wire_dtype(field)).max)
        found["fraction"] = Misfit(1.5, f"{expected}1.5")
        found["too many digits"] = Misfit(most + 1, f"{expected}{most + 1}")
    return found


def misfit_arrays(field: Field) -> dict[str, Misfit]:
    """Return arrays that the client refuses."""
    shape, dims = shape_of(field, 2), shape_words(field.dims)
    right = next(iter(right_elements(field).values()))
    deeper = np.full((*shape, 2), right)
    found = {
        "dict": Misfit({}, f"expected shape {dims}, got a single value"),
        "shape": Misfit(deeper, f"expected shape {dims}, got shape {shape_words(deeper.shape)}"),
    }
    if field.varies:
        empty = np.zeros([dim or 0 for dim in field.dims], field.dtype)
        found["empty"] = Misfit(empty, "expected at least one value along each dimension")
    if field.text_type:
        words = f"expected {field.text_type.__name__}, got 1"
        return found | {"dtype": Misfit(np.full(shape, 1, np.object_), words)}
    found["parts"] = Misfit([[right], [right, right]], "its parts differ in length")
    found["dtype"] = Misfit(np.full(shape, "text"), f"expected {field.dtype}, got <U4")
    if field.dtype.kind in "iu" and field.dtype.itemsize < 8:
        found["too many digits"] = Misfit(
            np.full(shape, 2**40), f"not every value fits {field.dtype}"
        )
    return found
