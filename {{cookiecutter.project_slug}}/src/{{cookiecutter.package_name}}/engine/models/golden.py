"""Golden rows: instances, and what the model's own library answers to each.

They are kept as JSON, so that people can read them, and put in rows of their own.
"""

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..calling.conversion import Conversion
from ..fields.field import Field
from ..fields.schema import Schema
from ..serving.batches import Batches

# Arrays with more elements than this are kept as Base64: nobody reads them, and they take less.
MOST_SHOWN = 256
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Golden:
    """Golden rows.

    Attributes:
        made_by: The library that answered, with its version.
        instances: What it was asked, by the names of the inputs.
        answers: What it answered to each, by the names of the outputs; none if it was not asked yet.
        known: Values of inputs that the model was trained with, for rows that are made up.
    """

    made_by: str = ""
    instances: Sequence[Row] = field(default=())
    answers: Sequence[Row] = field(default=())
    known: Mapping[str, Sequence[Any]] = field(default_factory=dict)


def read_golden(path: Path) -> Golden:
    """Return the golden rows in a file; none if it is not there.

    Raises:
        ValueError: If it has others.
    """
    if not path.exists():
        return Golden()
    try:
        content = json.loads(path.read_text(encoding="utf-8"), object_hook=decoded)
        rows = content["rows"]
        instances = [dict(row["instance"]) for row in rows]
        answers = [row["answer"] for row in rows if "answer" in row]
        known = {name: [*values] for name, values in content.get("known", {}).items()}
        return Golden(str(content.get("made_by", "")), instances, answers, known)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: it has no golden rows: {error!r}") from None


def write_golden(path: Path, golden: Golden) -> None:
    """Write golden rows, whole or not at all."""
    pairs = zip(golden.instances, golden.answers, strict=True)
    rows = [{"instance": encoded(i), "answer": encoded(a)} for i, a in pairs]
    # A row a line, so that people can read them, and see what changes.
    lines = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in rows)
    head = json.dumps({"made_by": golden.made_by, "rows": []}, indent=2)
    beside = path.with_name(f".{path.name}")
    beside.write_text(head.replace("[]", f"[\n{lines}\n  ]") + "\n", encoding="utf-8")
    os.replace(beside, path)


def encoded(value: Any) -> Any:
    """Return a value as it is kept."""
    if isinstance(value, Mapping):
        return {name: encoded(each) for name, each in value.items()}
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if not isinstance(value, np.ndarray | np.generic):
        return value
    if value.dtype == np.float32 and value.size <= MOST_SHOWN:
        # The shortest decimals that mean the same number.
        return np.array(value.astype(str), np.float64).tolist()
    if value.size <= MOST_SHOWN or value.dtype.kind == "O":
        return value.tolist()
    content = base64.b64encode(value.tobytes()).decode()
    return {"base64": content, "dtype": value.dtype.str, "shape": [*value.shape]}


def decoded(members: dict[str, Any]) -> Any:
    """Return the value that an object of a file stands for."""
    if members.keys() == {"base64"}:
        return base64.b64decode(members["base64"])
    if members.keys() != {"base64", "dtype", "shape"}:
        return members
    content = base64.b64decode(members["base64"])
    return np.frombuffer(content, members["dtype"]).reshape(members["shape"])


def by_field(schema: Schema, instance: Row) -> Row:
    """Return an instance by the names of the fields, where it may have their aliases."""
    return {schema.input_names.get(name, name): value for name, value in instance.items()}


def original(fields: Sequence[Field], instance: Row) -> Row:
    """Return an instance by original names, with defaults for what is missing in it."""
    return {f.original: value_of(f, instance.get(f.name)) for f in fields}


def value_of(field: Field, value: Any) -> Any:
    """Return a value of a field, or its default if it is missing."""
    if value is not None:
        return value
    return np.full(field.dims, field.default, field.dtype) if field.dims else field.default


def columns_of(schema: Schema, instances: Sequence[Row]) -> Any:
    """Return instances as the model sees them: a batch of columns."""
    conversion, batches = Conversion(schema), Batches(schema)
    return batches.gather([conversion.to_instance(instance) for instance in instances])


def example(schema: Schema, path: Path) -> Any:
    """Return the first golden row as a batch of one, or a made-up one if there is none."""
    golden = read_golden(path)
    return (
        columns_of(schema, golden.instances[:1]) if golden.instances else Batches(schema).sample()
    )
