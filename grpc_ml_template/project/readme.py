"""What the README shows of this one model: tables of its fields, and calls that can be typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..printing.imports import blocks
from ..printing.text import WIDTH, python_call
from .examples import Example
from .service import Service
from .tables import input_table, output_table

MOST_OPTIONS = 8


@dataclass(frozen=True)
class Readme:
    """The parts of the README that follow from the schema."""

    service: Service
    examples: Sequence[Example]

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
        return any(example.field.python_type == "bytes" for example in self.examples)

    @property
    def all_required(self) -> bool:
        """Whether no input has a default."""
        return all(field.required for field in self.service.input_fields)

    @cached_property
    def _shown(self) -> Sequence[Example]:
        """The inputs that every call needs, or the first one if none is needed."""
        needed = [example for example in self.examples if example.field.field.required]
        return needed or self.examples[:1]

    # In Python

    @property
    def python_imports(self) -> str:
        """What the values take."""
        has_images = any(example.is_image for example in self._shown)
        has_arrays = any(example.is_large for example in self._shown)
        return blocks(
            ["from pathlib import Path" if has_images else ""],
            ["import numpy as np" if has_arrays else ""],
        )

    @property
    def python_predict(self) -> str:
        """One prediction."""
        arguments = [f"{example.name}={example.python(0)}" for example in self._shown]
        return python_call(4, "prediction = client.predict(", arguments)

    @property
    def fits_csv(self) -> bool:
        """Whether an instance is a row of plain cells."""
        return not any(example.is_array or example.is_image for example in self.examples)

    @property
    def python_batch(self) -> str:
        """The columns of many instances."""
        if self.fits_csv:
            return 'frame = pd.read_csv("instances.csv")  # A column an input.'
        columns = [f'"{each.name}": [{each.python(0)}, {each.python(1)}]' for each in self._shown]
        return python_call(0, "columns = {", columns)

    # In a shell

    @property
    def fits_options(self) -> bool:
        """Whether an instance can be typed as options."""
        return len(self._shown) <= MOST_OPTIONS and not any(each.is_large for each in self._shown)

    @property
    def shell_predict(self) -> str:
        """The command that predicts the example: on one line if that fits, else an option a line."""
        parts = [f"{self.service.slug} predict", *(example.option for example in self._shown)]
        line = " ".join(parts)
        return line if len(line) <= WIDTH else " \\\n    ".join(parts)

    @property
    def grpcurl_members(self) -> str:
        """The members of the example in JSON, a line each."""
        return ",\n".join(f"  {example.json}" for example in self._shown)
