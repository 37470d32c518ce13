"""What the README shows of this one model: tables of its fields, and calls that can be typed."""

import json
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..printing.imports import blocks
from ..printing.text import WIDTH, python_call
from .arguments import Argument
from .python import InputField
from .service import Service
from .tables import input_table, output_table

MOST_OPTIONS = 8
INDENT = "    "


@dataclass(frozen=True)
class Readme:
    """The parts of the README that follow from the schema."""

    service: Service
    inputs: Sequence[InputField]

    # The schema

    @property
    def input_table(self) -> str:
        """The inputs, a row each."""
        return input_table(self.service.input_fields)

    @property
    def output_table(self) -> str:
        """The outputs, a row each."""
        return output_table(self.service.output_fields)

    @property
    def takes_bytes(self) -> bool:
        """Whether an input is Base64 in JSON."""
        return any(field.python_type == "bytes" for field in self.inputs)

    def takes(self, *kinds: str) -> bool:
        """Whether an input is of one of these kinds."""
        return any(field.kind in kinds for field in self.inputs)

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
