"""All that follows from the answers, computed once for the templates to print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from .examples import Examples, InputExample, OutputExample
from .fields import Field
from .imports import from_import
from .names import pascal
from .parser import parse_schema
from .proto import (
    PROTO_WIDTH,
    Declaration,
    Enum,
    columns_declaration,
    instance_declaration,
    name_enums,
    tensor_messages,
)
from .python import InputField, OutputField, PythonField
from .readme import Readme
from .text import docstring, markdown, one_line, python_string, toml_string, wrap

# What the example model takes; the ranges are those of the flowers that it was trained on.
IRIS_INPUTS = """
    sepal_length: float 4.3..7.9
    sepal_width: float 2.0..4.4
    petal_length: float 1.0..6.9
    petal_width: float 0.1..2.5
"""
IRIS_OUTPUTS = "species: enum(setosa, versicolor, virginica), probabilities: float[3]"


def load_service(answers: Mapping[str, Any]) -> Service:
    """The service that the answers describe. They have been checked before."""
    return _load(
        one_line(answers["model_name"]),
        one_line(answers["description"]),
        answers["inputs"],
        answers["outputs"],
        answers["project_slug"],
        answers["package_name"],
        one_line(answers["author"]),
    )


@lru_cache(maxsize=8)
def _load(name: str, description: str, inputs: str, outputs: str, *rest: str) -> Service:
    return Service(
        name,
        description,
        parse_schema(inputs, "inputs", outputs=False),
        parse_schema(outputs, "outputs", outputs=True),
        *rest,
    )


@dataclass(frozen=True)
class Service:
    """A model behind gRPC."""

    model_name: str
    description: str
    input_fields: tuple[Field, ...]
    output_fields: tuple[Field, ...]
    slug: str
    package: str
    author: str

    # Names

    @property
    def class_name(self) -> str:
        """What the name of the gRPC service begins with."""
        return pascal(self.model_name)

    # Texts

    @property
    def model_name_string(self) -> str:
        return python_string(self.model_name)

    @property
    def description_string(self) -> str:
        return python_string(self.description)

    @property
    def docstring_title(self) -> str:
        return docstring(f"{self.model_name}: the client of the service.")

    @property
    def markdown_name(self) -> str:
        return markdown(self.model_name)

    @property
    def markdown_description(self) -> str:
        return markdown(self.description)

    @property
    def toml_description(self) -> str:
        return toml_string(self.description)

    @property
    def toml_author(self) -> str:
        return toml_string(self.author)

    @property
    def proto_title(self) -> str:
        """The comment that opens the proto."""
        return wrap(self.description or self.model_name, "// ", PROTO_WIDTH)

    # The proto

    @cached_property
    def _enums(self) -> dict[Field, Enum]:
        fields = (*self.input_fields, *self.output_fields)
        return name_enums(fields, f"{self.class_name}Service")

    @cached_property
    def enums(self) -> list[Enum]:
        """The enums, each once, in the order of the schema."""
        return list({enum.name: enum for enum in self._enums.values()}.values())

    @cached_property
    def tensor_messages(self) -> list[tuple[str, str]]:
        """Name and element type of the messages that carry tensors of any shape."""
        return tensor_messages((*self.input_fields, *self.output_fields))

    @cached_property
    def instance(self) -> list[Declaration]:
        return self._declare(self.input_fields, output=False)

    @cached_property
    def prediction(self) -> list[Declaration]:
        return self._declare(self.output_fields, output=True)

    def _declare(self, fields: tuple[Field, ...], *, output: bool) -> list[Declaration]:
        return [
            instance_declaration(field, number, self._enums.get(field), output=output)
            for number, field in enumerate(fields, start=1)
        ]

    @cached_property
    def instance_columns(self) -> list[Declaration]:
        return self._declare_columns(self.input_fields)

    @cached_property
    def prediction_columns(self) -> list[Declaration]:
        return self._declare_columns(self.output_fields)

    def _declare_columns(self, fields: tuple[Field, ...]) -> list[Declaration]:
        return [
            columns_declaration(field, number, self._enums.get(field))
            for number, field in enumerate(fields, start=1)
        ]

    # The fields in Python

    @cached_property
    def inputs(self) -> list[InputField]:
        return [InputField(field, self._enums.get(field)) for field in self.input_fields]

    @cached_property
    def outputs(self) -> list[OutputField]:
        return [OutputField(field, self._enums.get(field)) for field in self.output_fields]

    @property
    def is_iris(self) -> bool:
        """Whether the example model fits the schema."""
        inputs = parse_schema(IRIS_INPUTS, "inputs", outputs=False)
        outputs = parse_schema(IRIS_OUTPUTS, "outputs", outputs=True)
        return (
            _forms(self.input_fields) == _forms(inputs)
            and _forms(self.output_fields) == _forms(outputs)
            and all(map(_admits, self.input_fields, inputs))
        )

    @property
    def has_images(self) -> bool:
        return any(field.kind == "image" for field in (*self.input_fields, *self.output_fields))

    @cached_property
    def examples(self) -> Examples:
        """What tests/examples.py is filled with."""
        return Examples(
            [InputExample(field) for field in self.inputs],
            [OutputExample(field) for field in self.outputs],
        )

    @property
    def readme(self) -> Readme:
        """What the README is filled with."""
        return Readme(self)

    # schema.py

    @property
    def fields(self) -> list[PythonField]:
        return [*self.inputs, *self.outputs]

    @property
    def has_tensor_input(self) -> bool:
        return any(field.field.kind == "tensor" for field in self.inputs)

    @property
    def schema_typing(self) -> str:
        """What schema.py imports from typing."""
        names = ["TypedDict"]
        if any(not field.field.required for field in self.inputs):
            names += ["NotRequired"]
        if self.enums:
            names += ["Literal", "get_args"]
        return ", ".join(sorted(names, key=lambda name: (name[0].islower(), name)))

    @property
    def outputs_vary(self) -> bool:
        return any(field.varies for field in self.outputs)

    @property
    def import_kinds(self) -> str:
        return from_import(".engine.fields", {"Schema", *(field.kind for field in self.fields)})

    # README.md

    @property
    def output_types(self) -> list[str]:
        return [field.enum.type for field in self.outputs if field.enum]

    @property
    def binary_inputs(self) -> list[InputField]:
        """The inputs that JSON holds as Base64."""
        return [field for field in self.inputs if field.python_type == "bytes"]

    @property
    def has_image_input(self) -> bool:
        return any(field.kind == "Image" for field in self.inputs)


def _admits(field: Field, other: Field) -> bool:
    """Tell whether all numbers in the range of another field are in that of a field."""
    assert other.low is not None
    assert other.high is not None
    low_admits = field.low is None or field.low <= other.low
    return low_admits and (field.high is None or field.high >= other.high)


def _forms(fields: tuple[Field, ...]) -> list[tuple[object, ...]]:
    """What a model depends on: all of a schema but ranges and words."""
    return [(f.name, f.kind, f.element, f.dims, f.labels, f.default) for f in fields]
