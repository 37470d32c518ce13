"""Tells which answers callers could not be sent.

A schema says what the model's file does, and some exporters write there what is not so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..fields.field import Dims, Field, fits

# Types of the schema language that have other names in NumPy.
TYPES = {"float32": "float", "float64": "double", "object": "string"}


def misfits(fields: Iterable[Field], answers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each output that has another shape, with what to do about it."""
    for field in fields:
        values = [answer[field.name] for answer in answers]
        shapes = [np.shape(value) for value in values if not isinstance(value, Mapping)]
        if not all(0 in shape or fits(shape, field.dims) for shape in shapes):
            entry = f"{field.name}: {type_text(field, common(shapes))}"
            yield (
                f"{field.name}: the model answers with other shapes than the schema says, "
                f"{type_text(field, field.dims)}; make the project anew with outputs='{entry}', "
                f"where ? stands for what varies, or change schema/outputs.txt and model.py"
            )


def not_finite(fields: Iterable[Field], answers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each output with an answer that is nan or infinite, which none may be."""
    for field in fields:
        for answer in answers:
            value = answer[field.name]
            numbers = np.asarray([*value.values()] if isinstance(value, Mapping) else value)
            if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
                found = numbers[~np.isfinite(numbers)].flat[0]
                yield f"{field.name}: the model answers {found}, which a caller cannot be sent"
                break


def common(shapes: Sequence[tuple[int, ...]]) -> Dims:
    """Return the dims of the first shape, with None for those that others have not."""
    alike = [shape for shape in shapes if len(shape) == len(shapes[0])]
    dims = zip(*alike, strict=True)
    return tuple(sizes[0] if len({*sizes}) == 1 else None for sizes in dims)


def type_text(field: Field, dims: Dims) -> str:
    """Return a type as the schema language has it: ``float[3, ?]``."""
    name = "bytes" if field.text_type is bytes else TYPES.get(field.dtype.name, field.dtype.name)
    sizes = ", ".join("?" if dim is None else str(dim) for dim in dims)
    return f"{name}[{sizes}]" if dims else name
