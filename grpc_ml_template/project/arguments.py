"""Example values of an input, as they are typed into Python, a shell and JSON."""

import json
import math
import shlex
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..language.spelling import json_name
from .examples import Value, code, shape_code, two_values
from .python import InputField

MOST_ELEMENTS = 24


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


def _nested(literal: str, shape: Sequence[int]) -> str:
    """Nested lists of this shape, all of one element."""
    for size in reversed(shape):
        literal = f"[{', '.join([literal] * size)}]"
    return literal


def _python_code(value: Any) -> str:
    """A value as Python with the quotes that the formatter has; no example holds quotes."""
    return repr(value).replace("'", '"')
