"""Predictions as JSON, as cells of a CSV file, and as tables."""

import base64
import json
from dataclasses import fields
from typing import Any

import numpy as np
from rich.table import Table

from ..calling.errors import CallError


def to_json(result: Any) -> dict[str, Any]:
    """Return a prediction, or what is wrong with its instance, as JSON has it."""
    if isinstance(result, CallError):
        return {"error": dict(result.violations)}
    return {field.name: plain(getattr(result, field.name)) for field in fields(result)}


def to_table(prediction: Any) -> Table:
    """Return a prediction as a table, a row a field."""
    table = Table("field", "prediction")
    for name, value in to_json(prediction).items():
        table.add_row(name, str(value))
    return table


def to_cell(value: Any) -> Any:
    """Return a value as a CSV file has it: lists and objects as JSON."""
    value = plain(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def plain(value: Any) -> Any:
    """Return a value as JSON has it: arrays as lists, bytes as Base64."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, dict):
        return {label: plain(each) for label, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value
