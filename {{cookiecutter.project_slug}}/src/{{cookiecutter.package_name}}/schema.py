{% set s = service(cookiecutter) %}
"""What the model takes and returns, as NumPy columns, and how messages become columns and back."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
{% if s.inputs_vary %}
from itertools import pairwise
{% endif %}
from typing import {% if "VariableTensor" in s.output_kinds or "Image" in s.output_kinds %}Any, {% endif %}TypeVar

import numpy as np
from numpy.typing import NDArray

from . import decode, encode
{% if s.enums %}
{{ s.import_labels }}
{% endif %}
from .v1 import {{ s.package }}_pb2 as pb


@dataclass(frozen=True, slots=True)
class Inputs:
    """A batch of n instances, one column a field.

    Attributes:
{% for field in s.inputs %}
{{ field.attribute_doc }}
{% endfor %}
    """

{% for field in s.inputs %}
    {{ field.name }}: {{ field.column_type }}
{% endfor %}


@dataclass(frozen=True, slots=True)
class Outputs:
    """The predictions for a batch of n instances, one column a field.

    Attributes:
{% for field in s.outputs %}
{{ field.attribute_doc }}
{% endfor %}
    """

{% for field in s.outputs %}
    {{ field.name }}: {{ field.column_type }}
{% endfor %}


INPUTS: Sequence[decode.Field] = [
{% for field in s.inputs %}
{{ field.schema_line }}
{% endfor %}
]

OUTPUTS: Sequence[encode.Field] = [
{% for field in s.outputs %}
{{ field.schema_line }}
{% endfor %}
]

# What a row takes up in memory beside its bytes on the wire: as the model sees it, and its answer.
ROW_BYTES = sum(field.row_bytes for field in INPUTS) + sum(field.row_bytes for field in OUTPUTS)

Batch = TypeVar("Batch", Inputs, Outputs)


def check(instance: pb.Instance) -> list[decode.Violation]:
    """Return all that is wrong with an instance."""
    return [violation for field in INPUTS if (violation := field.check(instance))]


def sample() -> Inputs:
    """Return a made-up instance, as a batch of one."""
    return Inputs(
{% for field in s.inputs %}
{{ field.sample_argument }}
{% endfor %}
    )


def gather(instances: Sequence[pb.Instance]) -> Inputs:
    """Return checked instances{% if s.inputs_vary %} of one shape{% endif %} as columns."""
    return Inputs(**{field.name: field.gather(instances) for field in INPUTS})


{% if s.inputs_vary %}
VARYING = [field for field in INPUTS if isinstance(field, {{ s.varying_classes }})]


def shapes(rows: pb.Instance | Inputs) -> tuple[tuple[int, ...], ...]:
    """Return what rows must have in common to be in one batch."""
    if isinstance(rows, Inputs):
        return tuple(getattr(rows, field.name).shape[1:] for field in VARYING)
    return tuple(field.shape(rows) for field in VARYING)


def size(instance: pb.Instance) -> int:
    """Return what a checked instance takes up in memory beside its bytes on the wire."""
    return ROW_BYTES + sum(field.size(instance) for field in VARYING)


def varying_size(columns: pb.InstanceColumns) -> int:
    """Return what the rows of a request take up in memory beside ROW_BYTES each."""
    return sum(field.column_size(columns) for field in VARYING)


def read(message: pb.InstanceColumns) -> list[Inputs]:
    """Return the rows of a request, in order, as batches of neighbours of one shape.

    Raises:
        decode.InvalidInputError: Naming each column and row that is wrong.
    """
    columns = decode.read_columns(INPUTS, message)
    varying = [column for column in columns.values() if isinstance(column, list)]
    forms = [[array.shape for array in row] for row in zip(*varying, strict=True)]
    changes = [row for row in range(1, len(forms)) if forms[row] != forms[row - 1]]
    return [
        Inputs(**{name: np.asarray(column[start:stop]) for name, column in columns.items()})
        for start, stop in pairwise([0, *changes, len(forms)])
    ]


{% else %}
def read(columns: pb.InstanceColumns) -> Inputs:
    """Return the columns of a request.

    Raises:
        decode.InvalidInputError: Naming each column and row that is wrong.
    """
    return Inputs(**decode.read_columns(INPUTS, columns))


{% endif %}
def fit(outputs: Outputs, rows: int) -> Outputs:
    """Return the model's answer with the schema's dtypes.

    Raises:
        encode.InvalidOutputError: If a column has not the right rows, shape, dtype or values.
    """
    if not isinstance(outputs, Outputs):
        raise encode.InvalidOutputError(f"expected Outputs, got {type(outputs).__name__}")
{% if "VariableTensor" in s.output_kinds or "Image" in s.output_kinds %}
    columns: dict[str, Any] = {
        field.name: field.check(getattr(outputs, field.name), rows) for field in OUTPUTS
    }
    return Outputs(**columns)
{% else %}
    return Outputs(
        **{field.name: field.check(getattr(outputs, field.name), rows) for field in OUTPUTS}
    )
{% endif %}


def write(predictions: Sequence[pb.Prediction], outputs: Outputs) -> None:
    """Set the fields of one message a row."""
    for field in OUTPUTS:
        field.write(predictions, getattr(outputs, field.name))


def prediction_columns(outputs: Outputs) -> pb.PredictionColumns:
    """Return the rows as a message of columns."""
    columns = pb.PredictionColumns()
    for field in OUTPUTS:
        field.append(columns, getattr(outputs, field.name))
    return columns


def count_rows(columns: pb.InstanceColumns) -> int:
    """Return the number of rows of a request.

    Raises:
        decode.InvalidInputError: If its columns differ in it, or there are none.
    """
    return decode.count_rows(INPUTS, columns)


def count(inputs: Inputs) -> int:
    """Return the number of rows."""
    return len(inputs.{{ s.inputs[0].name }})


def concatenate(batches: Sequence[Inputs]) -> Inputs:
    """Return the rows of all batches, in order, as one that the model may change."""
    if len(batches) == 1:
        return writable(batches[0])
    return Inputs(
        **{
            field.name: np.concatenate([getattr(inputs, field.name) for inputs in batches])
            for field in INPUTS
        }
    )


def writable(inputs: Inputs) -> Inputs:
    """Return columns of their own; a default is copied for every row only here."""
    return Inputs(
        **{
            field.name: np.require(getattr(inputs, field.name), requirements=["C", "W"])
            for field in INPUTS
        }
    )


def part(batch: Batch, start: int, stop: int) -> Batch:
    """Return the rows from start up to stop."""
    columns = {field.name: getattr(batch, field.name)[start:stop] for field in fields(batch)}
    return type(batch)(**columns)
