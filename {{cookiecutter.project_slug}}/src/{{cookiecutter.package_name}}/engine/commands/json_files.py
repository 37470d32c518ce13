"""Predictions for the instances of a JSON file."""

import json
import reprlib
import sys
from pathlib import Path
from typing import Any

import typer

from ..calling.errors import CallError
from ..fields import Schema
from ..fields.field import Field
from .console import fail, print_json
from .showing import to_json


def predict_json(client: Any, schema: Schema, path: Path, *, ignore_unknown: bool) -> None:
    """Predict the instance or the list of instances in a JSON file, and print JSON."""
    content, names = read_json(schema, path), schema.input_names
    instances = content if isinstance(content, list) else [content]
    if ignore_unknown:
        instances = [{n: v for n, v in i.items() if n in names} for i in instances]
    results = [*client.stream_predict(instances)]
    shown = [to_json(result) for result in results]
    print_json(shown if isinstance(content, list) else shown[0])
    if any(isinstance(result, CallError) for result in results):
        raise typer.Exit(1)


def read_json(schema: Schema, path: Path) -> Any:
    """Return the instance or the list of instances in a JSON file."""
    try:
        text = sys.stdin.read() if path == Path("-") else path.read_text(encoding="utf-8-sig")
        content = json.loads(text, object_pairs_hook=without_twins)
    except ValueError as error:
        fail(f"{path}: no JSON: {error}")
    is_list = isinstance(content, list)
    for row, instance in enumerate(content if is_list else [content]):
        place = f"{path}[{row}]" if is_list else str(path)
        if not isinstance(instance, dict):
            got = reprlib.repr(instance)
            fail(f"{place}: expected an object of inputs, or a list of them, got {got}")
        for field in schema.inputs:
            for name in {field.name, field.alias} & instance.keys():
                instance[name] = from_json(place, field, instance[name])
    return content


def without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members of an object; raise ValueError if two have one name."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name!r} is there twice")
        found[name] = value
    return found


def from_json(place: str, field: Field, value: Any) -> Any:
    """Return the value that JSON has a form of its own for; exit with 1 if it is not in that form."""
    try:
        return field.from_json(value)
    except (TypeError, ValueError):
        fail(f"{place}: {field.name}: expected Base64, got {reprlib.repr(value)}")
