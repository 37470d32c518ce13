"""The example of inputs that an MLflow model is saved with, as rows."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ...language.fields import SCALARS
from ..common.signature import Part

MOST_ROWS = 10


def rows(example: Any, inputs: Sequence[Part]) -> tuple[Mapping[str, Any], ...]:
    """The first rows of an example that fit the inputs.

    MLflow writes tables as ``{"columns": [...], "data": [[...]]}``, tensors as lists.
    """
    if not isinstance(example, dict):
        return ()
    table = example.get("dataframe_split", example)
    tensors = example.get("inputs")
    if isinstance(table, dict) and isinstance(table.get("data"), list):
        columns, data = table.get("columns"), table["data"][:MOST_ROWS]
        if not isinstance(columns, list) or not all(isinstance(row, list) for row in data):
            return ()
        found = [_by_name(columns, row, inputs) for row in data]
    elif isinstance(tensors, list) and len(inputs) == 1:
        found = [{inputs[0].name: value} for value in tensors[:MOST_ROWS]]
    elif isinstance(tensors, dict) and all(isinstance(each, list) for each in tensors.values()):
        several = list(zip(*tensors.values(), strict=False))[:MOST_ROWS]
        found = [dict(zip(tensors, values, strict=True)) for values in several]
    else:
        return ()
    filled = [{part.name: _value(row.get(part.name), part) for part in inputs} for row in found]
    return tuple(row for row in filled if None not in row.values())


def _by_name(columns: list[Any], row: list[Any], inputs: Sequence[Part]) -> dict[str, Any]:
    """A row of a table, whose columns may travel as one field."""
    if len(inputs) == 1 and inputs[0].dims:
        return {inputs[0].name: row}
    return {str(name): value for name, value in zip(columns, row, strict=False)}


def _value(value: Any, part: Part) -> Any:
    """The value as the field takes it; None if it does not."""
    is_missing = value is None or (isinstance(value, float) and math.isnan(value))
    if is_missing and part.default == "nan" and not part.dims:
        return math.nan
    fits = _fits(value, part, part.dims or ())
    return value if fits else None


def _fits(value: Any, part: Part, dims: tuple[int | None, ...]) -> bool:
    if dims:
        return (
            isinstance(value, list)
            and len(value) == (dims[0] or len(value))
            and all(_fits(each, part, dims[1:]) for each in value)
        )
    if part.type == "enum":
        return value in part.labels
    kinds: dict[str, tuple[type, ...]] = {
        "float": (float, int),
        "integer": (int,),
        "bool": (bool,),
        "string": (str,),
    }
    element = SCALARS[part.type]
    if type(value) not in kinds.get(element.kind, ()):
        return False
    return element.low is None or element.high is None or element.low <= value <= element.high
