"""Vectors with one value a label of an enum: ``float[species]``."""

from collections.abc import Mapping
from dataclasses import replace

from .errors import quoted
from .fields import ElementType, Field
from .scanner import SchemaError


def vector(name: str, element: ElementType, enum: str) -> Field:
    """A vector that has a value for each label of an enum, whose labels are not known yet."""
    if element.kind not in ("float", "integer", "bool"):
        raise SchemaError(
            f"a {element.name} for each label is not a number",
            f'write numbers, like "{name}: float[{enum}]", or sizes, like '
            f'"{name}: {element.name}[3]"',
        )
    return Field(name, "vector", element, labels_of=enum)


def with_labels(field: Field, enums: Mapping[str, Field]) -> Field:
    """The vector, with the labels of its enum."""
    enum = enums.get(field.labels_of)
    if enum is None:
        raise SchemaError(
            f"there is no enum {quoted(field.labels_of)} whose labels it has a value of each for",
            f'name one of this schema, like "{next(iter(enums), "kind")}", or write a size, like '
            f'"{field.name}: {field.element.name}[3]"',
        )
    return replace(
        field,
        dims=(len(enum.labels),),
        labels=enum.labels,
        label_numbers=enum.label_numbers,
        removed_labels=enum.removed_labels,
    )
