"""Values as files have them: as JSON, and as cells of CSV files."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kitchen.engine.fields import (
    Data,
    Flag,
    Image,
    Label,
    LabelVector,
    Number,
    Tensor,
    Text,
    VaryingTensor,
)
from kitchen.engine.fields.field import Field

from .values import default, rights, seen


def as_json(value: Any) -> Any:
    """Return a value as JSON has it: arrays as lists, bytes as Base64."""
    if isinstance(value, np.ndarray):
        return as_json(value.tolist())
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def to_json(value: Any) -> str:
    """Return a value, or what values are in, as JSON."""
    return json.dumps(value, default=as_json)


def cells(field: Field) -> dict[str, tuple[str, NDArray[Any]]]:
    """Return cells of CSV files, and what the model sees of each."""
    found = dict(full_cells(field))
    if field.optional:
        found["blank"] = "", default(field)
    return found


def full_cells(field: Field) -> Iterator[tuple[str, tuple[str, NDArray[Any]]]]:
    """Yield cells that hold a value, by title."""
    # Cells hold the names of pictures' files, which a test has to write first.
    values = {} if isinstance(field, Image) else rights(field)
    for title, right in values.items():
        text = cell(field, right.given)
        # A blank cell is a missing value, other than an empty text that has to be there.
        if text or (isinstance(field, Text) and not field.optional):
            yield title, (text, right.seen)
    if isinstance(field, Text):
        yield "blanks", ("  two  ", seen(field, ["  two  "]))
    if isinstance(field, Flag):
        yield "capitals", ("TRUE", seen(field, [True]))


def cell(field: Field, value: Any) -> str:
    """Return a value as a cell of a CSV file; numbers may have blanks around them."""
    if isinstance(field, Number | Flag):
        return f" {value} "
    return str(as_json(value)) if isinstance(field, Label | Text | Data) else to_json(value)


def wrong_cells(field: Field) -> dict[str, str]:
    """Return cells of CSV files that stand for no value."""
    if isinstance(field, Number | Flag | Tensor | VaryingTensor | LabelVector):
        return {"word": "many"}
    if isinstance(field, Data):
        return {"no Base64": "no bytes"}
    return {"no label": "no such label"} if isinstance(field, Label) else {}
