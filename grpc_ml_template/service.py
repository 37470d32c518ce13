"""All that follows from the answers, computed once for the templates to print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Union

from .examples import Examples, display
from .fields import Field
from .imports import blocks, from_import
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
from .python import InputField, OutputField
from .readme import Readme
from .text import docstring, markdown, one_line, python_call, python_string, toml_string, wrap

FEW = 64
NARROW = ("int8", "int16", "uint8", "uint16")
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
        """The model's class, and what the other classes' names begin with."""
        return pascal(self.model_name)

    @cached_property
    def public_names(self) -> list[str]:
        """What the package exports, sorted as the linter wants it."""
        names = [
            f"{prefix}{self.class_name}{suffix}"
            for prefix, suffix in (("Async", "Client"), ("", "Client"), ("", "Error"))
        ]
        return sorted([*names, "Instance", "Prediction", "Predictions", "Violation"])

    @property
    def public_imports(self) -> str:
        """Where they come from, in an indented block."""
        name = self.class_name
        return "\n".join(
            [
                from_import(".client", [f"{name}Client", f"Async{name}Client"], indent=4),
                from_import(".errors", [f"{name}Error", "Violation"], indent=4),
                from_import(".messages", ["Instance", "Prediction", "Predictions"], indent=4),
            ]
        )

    @property
    def service_class(self) -> str:
        """The first line of the servicer in service.py."""
        base = f"pb_grpc.{self.class_name}ServiceServicer"
        return python_call(0, f"class {self.class_name}Service(", [base], ":")

    @property
    def add_service(self) -> str:
        """How server.py adds the servicer to the server."""
        function = f"pb_grpc.add_{self.class_name}ServiceServicer_to_server("
        return python_call(8, function, ["self._service", "gate"])

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
        """What the tests are filled with."""
        return Examples(self.inputs, self.outputs)

    @property
    def readme(self) -> Readme:
        """What the README is filled with."""
        return Readme(self)

    @property
    def label_lines(self) -> list[str]:
        """Each label with the place where it stands and its number in the proto, for the tests."""
        return [
            display(8, "(", [enum.constant, python_string(value.label), f"pb.{value.name}"], ",")
            for enum in self.enums
            for value in enum.values
        ]

    @property
    def enum_lines(self) -> list[str]:
        """The labels of each enum beside the enum itself, for the tests."""
        return [display(8, "(", [enum.constant, f"pb.{enum.name}"], ",") for enum in self.enums]

    @property
    def import_labels_absolute(self) -> str:
        return from_import(f"{self.package}.labels", (enum.constant for enum in self.enums))

    @property
    def import_client_and_error(self) -> str:
        return from_import(self.package, [f"{self.class_name}Client", f"{self.class_name}Error"])

    @property
    def import_client_and_model(self) -> str:
        return from_import(self.package, [f"{self.class_name}Client", "model"])

    @property
    def test_clients_imports(self) -> str:
        return from_import(self.package, self.public_names)

    @property
    def test_batching_import(self) -> str:
        names = ["Batcher", "Limits", "QueueFullError", "TooLateError"]
        return from_import(f"{self.package}.batching", names)

    def function(self, name: str, *parameters: str, returns: str = "None") -> str:
        """The head of a function, laid out as the formatter does."""
        lines = python_call(0, f"def {name}(", parameters, f" -> {returns}:")
        return lines.replace("\n)", ",\n)") if len(parameters) == 1 else lines

    @property
    def import_messages(self) -> str:
        return from_import(f"{self.package}.v1", [f"{self.package}_pb2 as pb"])

    @property
    def import_stubs(self) -> str:
        return from_import(f"{self.package}.v1", [f"{self.package}_pb2_grpc as pb_grpc"])

    # decode.py, encode.py and schema.py

    @cached_property
    def input_kinds(self) -> set[str]:
        """The classes that decode.py has."""
        return {field.kind for field in self.inputs}

    @cached_property
    def output_kinds(self) -> set[str]:
        """The classes that encode.py has."""
        return {field.kind for field in self.outputs}

    @property
    def inputs_have_numbers(self) -> bool:
        return any(_is_number(field) for field in self.input_fields)

    @property
    def inputs_have_others(self) -> bool:
        """Whether there are scalars or tensors that are no numbers."""
        return any(field.element.kind in ("bool", "string", "bytes") for field in self.input_fields)

    @property
    def inputs_vary(self) -> bool:
        return any(field.varies for field in self.inputs)

    @property
    def outputs_vary(self) -> bool:
        return any(field.varies for field in self.outputs)

    @property
    def varying_classes(self) -> str:
        """The classes of decode.py whose fields may differ in shape, for isinstance."""
        kinds = sorted({field.kind for field in self.inputs if field.varies})
        return " | ".join(f"decode.{kind}" for kind in kinds)

    @property
    def inputs_have_defaults(self) -> bool:
        return any(not field.field.required for field in self.inputs)

    @property
    def outputs_have_presence(self) -> bool:
        """Whether there are outputs that tell in a message whether they are set."""
        return any(field.field.kind != "tensor" or field.is_ragged for field in self.outputs)

    @property
    def outputs_have_narrow_integers(self) -> bool:
        """Whether there are columns or tensors of integers that are wider on the wire."""
        return any(field.element.name in NARROW for field in self.output_fields)

    @property
    def outputs_are_small(self) -> bool:
        """Whether no tensor has so many elements that a block of bytes is quicker than a list."""
        return all(field.size <= FEW for field in self.output_fields)

    @property
    def outputs_have_floats(self) -> bool:
        return any(field.element.kind == "float" for field in self.output_fields)

    @property
    def outputs_have_integers(self) -> bool:
        return any(field.element.kind == "integer" for field in self.output_fields)

    @property
    def outputs_have_text(self) -> bool:
        return any(field.is_text for field in self.outputs)

    @property
    def outputs_have_numbers(self) -> bool:
        return any(_is_number(f) or f.element.kind == "bool" for f in self.output_fields)

    @property
    def import_labels(self) -> str:
        return from_import(".labels", (enum.constant for enum in self.enums))

    # client.py and messages.py

    @property
    def client_inputs(self) -> set[str]:
        """Which helpers the inputs need in messages.py."""
        return set().union(*(field.client_kinds for field in self.inputs))

    @property
    def client_outputs(self) -> set[str]:
        """Which helpers the outputs need in messages.py."""
        return set().union(*(field.client_kinds for field in self.outputs))

    @property
    def has_text_tensor_input(self) -> bool:
        """Whether there are arrays of strings or bytes among the inputs."""
        return any(field.is_text for field in self.array_inputs)

    @property
    def plain_inputs(self) -> list[InputField]:
        return [field for field in self.inputs if not field.is_array]

    @property
    def array_inputs(self) -> list[InputField]:
        return [field for field in self.inputs if field.is_array]

    @property
    def misfit_input(self) -> Union[InputField, None]:
        """The first input of which only protobuf finds that a value is of the wrong type."""
        return next((field for field in self.plain_inputs if not field.enum), None)

    @property
    def new_instance(self) -> str:
        """What makes the message of an instance."""
        return "new_instance" if self.misfit_input else "pb.Instance"

    @property
    def input_types(self) -> list[str]:
        """The label types that inputs have."""
        return [field.enum.type for field in self.inputs if field.enum]

    @property
    def output_types(self) -> list[str]:
        return [field.enum.type for field in self.outputs if field.enum]

    @property
    def client_imports(self) -> str:
        labels = from_import(".labels", self.input_types) if self.input_types else ""
        return blocks(
            [
                "import grpc",
                "from numpy.typing import ArrayLike" if self.array_inputs else "",
            ],
            [
                from_import(".addresses", ["addresses_in", "target_of"]),
                from_import(".errors", [f"{self.class_name}Error", "from_rpc"]),
                labels,
                from_import(
                    ".messages",
                    [
                        "Columns",
                        "Instance",
                        "Prediction",
                        "Predictions",
                        "to_columns",
                        "to_instance",
                        "to_prediction",
                        "to_predictions",
                        "to_result",
                    ],
                ),
                from_import(".readiness", ["QUESTION", "Wait", "health_check"]),
                f"from .v1 import {self.package}_pb2 as pb",
                f"from .v1 import {self.package}_pb2_grpc as pb_grpc",
            ],
        )

    @property
    def messages_imports(self) -> str:
        ins, outs = self.client_inputs, self.client_outputs
        arrays = bool(ins & {"tensor", "variable", "ragged"})
        values = "values" in outs
        labels = [enum.constant for enum in self.enums] + self.input_types + self.output_types
        typing = ["Any", "Protocol", "TypedDict"]
        if self.inputs_have_defaults:
            typing.append("NotRequired")
        if "enum" in outs:
            typing.append("TypeVar")
        abc = ["Iterable", "Mapping", "Set", "Sized"]
        abc += ["Sequence"] if arrays or "enum" in ins else []
        numpy_typing = (
            (["ArrayLike"] if arrays else [])
            + (["DTypeLike"] if arrays or values else [])
            + (["NDArray"] if arrays or values else [])
        )
        uses_numpy = arrays or values or self.inputs_have_defaults
        dataclass_names = ["dataclass", *(["fields"] if len(self.outputs) > 1 else [])]
        return blocks(
            [
                "import reprlib",
                from_import("collections.abc", abc),
                from_import("dataclasses", dataclass_names),
                "from difflib import get_close_matches",
                from_import("typing", typing),
            ],
            [
                "import numpy as np" if uses_numpy or ins & {"float", "integer", "bool"} else "",
                "from google.protobuf.descriptor import FieldDescriptor"
                if self.misfit_input or self.inputs_have_defaults
                else "",
                "from google.protobuf.descriptor_pb2 import FieldDescriptorProto"
                if self.misfit_input
                else "",
                from_import("numpy.typing", numpy_typing) if numpy_typing else "",
            ],
            [
                from_import(
                    ".errors", [f"{self.class_name}Error", "Violation", "invalid", "unfit"]
                ),
                from_import(".labels", labels) if labels else "",
                "from .packed import extend" if arrays or "float" in ins else "",
                f"from .v1 import {self.package}_pb2 as pb",
            ],
        )

    # cli.py

    @property
    def has_required_input(self) -> bool:
        return any(field.field.required for field in self.inputs)

    @property
    def binary_inputs(self) -> list[InputField]:
        """The inputs that JSON holds as Base64."""
        return [field for field in self.inputs if field.python_type == "bytes"]

    @property
    def has_bytes_tensor_input(self) -> bool:
        return any(field.field.kind == "tensor" for field in self.binary_inputs)

    @property
    def parsed_options(self) -> list[InputField]:
        """The inputs whose options are more than a word or a number."""
        return [field for field in self.inputs if field.option_parser]

    @property
    def binary_outputs(self) -> bool:
        return any(field.python_type == "bytes" for field in self.outputs)

    @property
    def has_bytes_tensor_output(self) -> bool:
        return any(f.python_type == "bytes" and f.field.kind == "tensor" for f in self.outputs)

    @property
    def has_image_input(self) -> bool:
        return any(field.kind == "Image" for field in self.inputs)

    @property
    def has_flag_input(self) -> bool:
        return any(f.cell_parser == "to_bool" for f in self.inputs)

    @property
    def texts_may_be_empty(self) -> list[InputField]:
        """The inputs that an empty cell of a CSV file has a value for."""
        return [
            field
            for field in self.inputs
            if field.cell_parser == "str" and not field.enum and field.field.required
        ]

    @property
    def load_imports(self) -> str:
        """What tests/load.py takes from the command line."""
        return from_import(
            f"{self.package}.cli", ["Target", "address", "one_line_errors", "read_json"]
        )

    @property
    def cli_imports(self) -> str:
        parsers = {field.cell_parser for field in self.inputs}
        base64 = self.binary_inputs or self.binary_outputs or "base64.b64decode" in parsers
        return blocks(
            [
                "import base64" if base64 else "",
                "import contextlib",
                "import csv",
                "import json",
                "import re",
                "import sys",
                "from collections.abc import Callable, Iterator",
                "from dataclasses import fields",
                "from itertools import islice",
                "from pathlib import Path",
                "from typing import Annotated, Any, Literal",
            ],
            [
                "import grpc",
                "import numpy as np",
                "import typer",
                "from grpc_health.v1 import health_pb2, health_pb2_grpc",
                "from rich import progress",
                "from rich.console import Console",
                "from rich.table import Table",
            ],
            [
                f"from .client import {self.class_name}Client",
                f"from .errors import {self.class_name}Error",
                from_import(".labels", self.input_types) if self.input_types else "",
                from_import(
                    ".messages",
                    [
                        "Prediction",
                        "Predictions",
                        "meant",
                        *(["Instance"] if self.has_required_input else []),
                    ],
                ),
                "from .serve import app as app",
                "from .serve import err, fail, read_settings",
            ],
        )


def _is_number(field: Field) -> bool:
    return field.element.kind in ("float", "integer")


def _admits(field: Field, other: Field) -> bool:
    """Tell whether all numbers in the range of another field are in that of a field."""
    assert other.low is not None
    assert other.high is not None
    low_admits = field.low is None or field.low <= other.low
    return low_admits and (field.high is None or field.high >= other.high)


def _forms(fields: tuple[Field, ...]) -> list[tuple[object, ...]]:
    """What a model depends on: all of a schema but ranges and words."""
    return [(f.name, f.kind, f.element, f.dims, f.labels, f.default) for f in fields]
