"""Which schemas the example model fits."""

from ..language.fields import Field
from .schemas import parse_schema

# What the model takes; the ranges are those of the flowers that it was trained on.
INPUTS = """
    sepal_length: float 4.3..7.9
    sepal_width: float 2.0..4.4
    petal_length: float 1.0..6.9
    petal_width: float 0.1..2.5
"""
OUTPUTS = "species: enum(setosa, versicolor, virginica), probabilities: float[3]"


def fits_iris(inputs: tuple[Field, ...], outputs: tuple[Field, ...]) -> bool:
    """Whether the example model takes these inputs, for all its flowers, and answers so."""
    taken = parse_schema(INPUTS, "inputs", outputs=False).fields
    answered = parse_schema(OUTPUTS, "outputs", outputs=True).fields
    fits = _forms(inputs) == _forms(taken) and _forms(outputs) == _forms(answered)
    return fits and all(map(_admits, inputs, taken))


def _admits(field: Field, other: Field) -> bool:
    """Whether all numbers in the range of another field are in that of a field."""
    assert other.low is not None
    assert other.high is not None
    low_admits = field.low is None or field.low <= other.low
    return low_admits and (field.high is None or field.high >= other.high)


def _forms(fields: tuple[Field, ...]) -> list[tuple[object, ...]]:
    """What a model depends on: all of a schema but ranges and words."""
    return [(f.name, f.kind, f.element, f.dims, f.labels, f.default) for f in fields]
