"""What the README shows of this one model: tables of its fields, and calls that can be typed."""

import json
import math
import shlex
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..language.fields import Field
from ..language.spelling import json_name
from ..printing.imports import blocks
from ..printing.text import WIDTH, markdown, python_call, python_string
from ..printing.words import default_words, range_words
from .examples import Value, code, shape_code, two_values
from .python import InputField, OutputField, PythonField
from .service import Service

MOST_ELEMENTS = 24
MOST_OPTIONS = 8
INDENT = "    "


@dataclass(frozen=True)
class Argument:
    """Two example values of an input, in every notation that the README shows."""

    field: InputField

    @property
    def name(self) -> str:
        """The input's name."""
        return self.field.name

    @property
    def json_name(self) -> str:
        """The input's name in the proto's JSON."""
        return json_name(self.field.name)

    @property
    def is_image(self) -> bool:
        """Whether the value is the content of an image file."""
        return self.field.kind == "Image"

    @property
    def is_large(self) -> bool:
        """Whether nobody would type its elements."""
        return not self.is_image and math.prod(self._shape) > MOST_ELEMENTS

    @property
    def _shape(self) -> tuple[int, ...]:
        return tuple(dim or 2 for dim in self.field.field.dims)

    @cached_property
    def _elements(self) -> tuple[Value, Value]:
        return two_values(self.field.field)

    @property
    def python(self) -> str:
        """The first value in Python."""
        return self._python(self._elements[0])

    @property
    def python_column(self) -> str:
        """Both values in Python, as a column."""
        first, second = (self._python(element) for element in self._elements)
        return f"[{first}, {second}]"

    def _python(self, element: Value) -> str:
        if self.is_image:
            return f'Path("{self.name}.png").read_bytes()'
        literal = code(self.field.field, element)
        if not self._shape:
            return literal
        dtype = "" if self.field.is_text else f", {self.field.dtype}"
        if self.is_large:
            return f"np.full({shape_code(self._shape)}, {literal}{dtype})"
        return _nested(literal, self._shape)

    @property
    def option(self) -> str:
        """The first value as an option on the command line."""
        name, element = f"--{self.name.replace('_', '-')}", self._elements[0]
        if self.field.kind in ("Image", "Data"):
            return f"{name} {self.name}.{'png' if self.is_image else 'bin'}"
        if self._shape:
            return f"{name} {shlex.quote(_nested(json.dumps(element), self._shape))}"
        if isinstance(element, bool):
            return name
        return f"{name} {shlex.quote(str(element))}"

    @property
    def json(self) -> Any:
        """The first value in the proto's JSON."""
        if not self.field.field.dims:
            return self._json_element
        values = [self._json_element] * math.prod(self._shape)
        return {"shape": self._json_shape, "values": values} if self.field.is_ragged else values

    @property
    def _json_element(self) -> Value:
        element, proto = self._elements[0], self.field.field.element.proto
        if self.field.enum:
            return self.field.enum.values[0].name
        if proto in ("int64", "uint64"):
            return str(element)
        return b64encode(str(element).encode()).decode() if proto == "bytes" else element

    @property
    def _json_shape(self) -> list[str]:
        return [str(size) for size in self._shape]

    @property
    def python_json(self) -> str:
        """The first value in the proto's JSON, as Python writes it."""
        if self.is_image:
            return f'b64encode(Path("{self.name}.png").read_bytes()).decode()'
        if not self.is_large:
            return _python_code(self.json)
        values = f"[{_python_code(self._json_element)}] * {math.prod(self._shape)}"
        if not self.field.is_ragged:
            return values
        return f'{{"shape": {_python_code(self._json_shape)}, "values": {values}}}'


@dataclass(frozen=True)
class Readme:
    """The parts of the README that follow from the schema."""

    service: Service
    inputs: Sequence[InputField]
    outputs: Sequence[OutputField]

    # The schema

    @property
    def input_table(self) -> str:
        """The inputs, a row each; a column that says nothing is left out."""
        header = ["Input", "Type", "Values", "Default", "Meaning"]
        return _table(header, (_input_row(field, self.all_required) for field in self.inputs))

    @property
    def output_table(self) -> str:
        """The outputs, a row each."""
        header = ["Output", "Type", "Values", "Meaning"]
        return _table(header, map(_output_row, self.outputs))

    @property
    def all_required(self) -> bool:
        """Whether no input has a default."""
        return all(field.field.required for field in self.inputs)

    @cached_property
    def _shown(self) -> list[Argument]:
        """The inputs that every call needs, or the first one if none is needed."""
        needed = [field for field in self.inputs if field.field.required]
        return [Argument(field) for field in needed or self.inputs[:1]]

    # In Python

    @property
    def python_imports(self) -> str:
        """What the values take."""
        has_images = any(argument.is_image for argument in self._shown)
        has_arrays = any("np." in argument.python for argument in self._shown)
        return blocks(
            ["from pathlib import Path" if has_images else ""],
            ["import numpy as np" if has_arrays else ""],
        )

    @property
    def python_predict(self) -> str:
        """One prediction."""
        arguments = [f"{argument.name}={argument.python}" for argument in self._shown]
        return python_call(4, "prediction = client.predict(", arguments)

    @property
    def fits_csv(self) -> bool:
        """Whether an instance is a row of plain cells."""
        return all(field.field.kind in ("scalar", "enum") for field in self.inputs)

    @property
    def python_batch(self) -> str:
        """The columns of many instances."""
        if self.fits_csv:
            return 'frame = pd.read_csv("instances.csv")  # A column an input.'
        columns = [f'"{argument.name}": {argument.python_column}' for argument in self._shown]
        return python_call(0, "columns = {", columns)

    # On the command line

    @property
    def fits_options(self) -> bool:
        """Whether an instance can be typed as options."""
        return len(self._shown) <= MOST_OPTIONS and not any(a.is_large for a in self._shown)

    @property
    def shell_predict(self) -> str:
        """The command that predicts the example."""
        options = [argument.option for argument in self._shown]
        return _shell_lines([f"{self.service.slug} predict", *options])

    @property
    def has_files(self) -> bool:
        """Whether JSON holds the content of files."""
        return any(field.python_type == "bytes" for field in self.inputs)

    @property
    def has_arrays(self) -> bool:
        """Whether cells of a CSV file hold arrays."""
        return any(field.field.kind == "tensor" for field in self.inputs)

    @property
    def has_pictures(self) -> bool:
        """Whether cells of a CSV file name pictures."""
        return any(field.kind == "Image" for field in self.inputs)

    @property
    def has_labels(self) -> bool:
        """Whether the model answers with labels."""
        return any(field.enum for field in self.outputs)

    # With grpcurl

    @property
    def _method(self) -> str:
        return f"localhost:50051 {self.service.full_name}/Predict"

    @property
    def grpcurl(self) -> str:
        """The example as grpcurl sends it."""
        if any(argument.is_large or argument.is_image for argument in self._shown):
            return self._grpcurl_from_python
        fields = [f"{json.dumps(a.json_name)}: {json.dumps(a.json)}" for a in self._shown]
        flat = f'{{"instance": {{{", ".join(fields)}}}}}'
        head = "grpcurl -plaintext -d "
        if len(head + flat) + 4 > WIDTH:
            lines = ",\n".join(f"  {field}" for field in fields)
            flat = f'{{"instance": {{\n{lines}\n}}}}'
        return f"{head}{shlex.quote(flat)} \\\n{INDENT}{self._method}"

    @property
    def _grpcurl_from_python(self) -> str:
        """The example as Python writes it to grpcurl: it holds files, or too many numbers."""
        imports = ["import json"]
        if any(argument.is_image for argument in self._shown):
            imports = ["import json", "from base64 import b64encode", "from pathlib import Path"]
        fields = [f'"{argument.json_name}": {argument.python_json}' for argument in self._shown]
        instance = python_call(0, "instance = {", fields)
        return "\n".join(
            [
                f"python3 <<'END' | grpcurl -plaintext -d @ {self._method}",
                *imports,
                "",
                instance,
                'print(json.dumps({"instance": instance}))',
                "END",
            ]
        )


def _input_row(field: InputField, all_required: bool) -> list[str]:
    values, meaning = _values(field), markdown(field.field.description)
    default = "" if all_required else _default(field.field)
    return [f"`{field.name}`", _type(field), values, default, meaning]


def _output_row(field: PythonField) -> list[str]:
    return [f"`{field.name}`", _type(field), _values(field), markdown(field.field.description)]


def _type(field: PythonField) -> str:
    """The type as the schema language writes it."""
    kind, dims = field.field.kind, field.field.dims
    if kind == "scalar" or kind == "enum" or (kind == "image" and dims[0] is None):
        return f"`{'enum' if kind == 'enum' else field.field.element.name}`"
    return f"`{field.field.element.name}[{','.join('?' if dim is None else str(dim) for dim in dims)}]`"


def _values(field: PythonField) -> str:
    if field.enum:
        return ", ".join(map(_label, field.field.labels))
    words = range_words(field.field)
    return markdown(f"each {words}" if words and field.field.kind == "tensor" else words)


def _label(label: str) -> str:
    return markdown(f'"{label}"' if "," in label or not label.strip() else label)


def _default(field: Field) -> str:
    if field.required:
        return "required"
    words = markdown(default_words(field))
    return f"each {words}" if field.kind == "tensor" else words


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table without the columns that are empty."""
    columns = [c for c in zip(header, *rows, strict=True) if any(c[1:])]
    first, *others = zip(*columns, strict=True)
    return "\n".join(_row(row) for row in (first, ["---"] * len(first), *others))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _nested(literal: str, shape: Sequence[int]) -> str:
    """Nested lists of this shape, all of one element."""
    for size in reversed(shape):
        literal = f"[{', '.join([literal] * size)}]"
    return literal


def _python_code(value: Any) -> str:
    """Strings, numbers, lists and dicts of them as Python, with the quotes the formatter has."""
    if isinstance(value, str):
        return python_string(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_python_code, value))}]"
    if isinstance(value, dict):
        items = (f'"{key}": {_python_code(item)}' for key, item in value.items())
        return f"{{{', '.join(items)}}}"
    return repr(value)


def _shell_lines(parts: Iterable[str]) -> str:
    """The parts as one command, on as many lines as it takes."""
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]} {part}" if lines[-1].strip() else f"{lines[-1]}{part}"
        if len(longer) + 2 > WIDTH and lines[-1].strip():
            lines.append(f"{INDENT}{part}")
        else:
            lines[-1] = longer
    return " \\\n".join(lines)
