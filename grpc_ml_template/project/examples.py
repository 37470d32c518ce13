"""Examples of an input, as they are typed into Python, a shell and JSON."""

import json
import math
import shlex
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..language.spelling import json_name
from ..printing.text import python_call, python_literal, python_string, python_tuple
from .example_values import Value, two_values
from .python import InputField

# More elements than anybody would type.
MANY_ELEMENTS = 25


@dataclass(frozen=True)
class Example:
    """Two examples of an input; `place` is 0 for the first and 1 for the second.

    Attributes:
        field: The input.
        known: Values that the model was trained with, where these are known.
    """

    field: InputField
    known: Sequence[Value] = ()

    @property
    def name(self) -> str:
        """The input's name."""
        return self.field.name

    @property
    def is_image(self) -> bool:
        """Whether it is the content of an image file."""
        return self.field.kind == "Image"

    @property
    def is_array(self) -> bool:
        """Whether it is more than one value."""
        return self.field.field.kind in ("tensor", "vector")

    @property
    def is_resized(self) -> bool:
        """Whether it is an array that NumPy makes of two values."""
        return self.is_array and not self.field.is_vector

    @property
    def is_large(self) -> bool:
        """Whether nobody would type its elements."""
        return self.is_resized and math.prod(self._shape(1)) >= MANY_ELEMENTS

    def _shape(self, place: int) -> tuple[int, ...]:
        dims = enumerate(self.field.field.dims)
        return tuple(dim or 2 + axis + place for axis, dim in dims)

    @cached_property
    def _values(self) -> tuple[Value, Value]:
        return two_values(self.field.field, self.known)

    def _elements(self, place: int) -> list[Value]:
        """All elements of an array that is not large: both values in turn."""
        return [self._values[(place + i) % 2] for i in range(math.prod(self._shape(place)))]

    # In Python

    def python(self, place: int) -> str:
        """An example as a caller types it."""
        if self.is_image:
            return f'Path("{self.name}.png").read_bytes()'
        if self.is_large:
            return f"np.resize({', '.join(self._resized(place))})"
        if self.field.is_vector:
            return f"{{{', '.join(self._members(place))}}}"
        return _nested(map(self.field.literal, self._elements(place)), self._shape(place))

    def entry(self, place: int) -> str:
        """Its line in a dictionary of tests/examples.py, laid out as the formatter does."""
        key, shape = f'"{self.name}": ', python_tuple(self._shape(place))
        if self.is_image:
            return python_call(4, f"{key}png(", [f"grey({shape}, {self._values[place]})"], ",")
        if self.field.is_vector:
            return python_literal(4, f"{key}{{", self._members(place), ",")
        if self.is_array:
            return python_call(4, f"{key}np.resize(", self._resized(place), ",")
        return f"    {key}{self.field.literal(self._values[place])},"

    def _members(self, place: int) -> list[str]:
        """The labels with a number each, as in a dictionary."""
        labels, numbers = self.field.field.labels, self._elements(place)
        pairs = zip(labels, numbers, strict=True)
        return [f"{python_string(label)}: {self.field.literal(number)}" for label, number in pairs]

    def _resized(self, place: int) -> list[str]:
        """The arguments of a call that makes an array of both values in turn."""
        first, second = self._values[place], self._values[1 - place]
        values = f"[{self.field.literal(first)}, {self.field.literal(second)}]"
        return [values, python_tuple(self._shape(place))]

    # Elsewhere

    @property
    def option(self) -> str:
        """The first example as an option on the command line, unless it is large."""
        name, value = f"--{self.name.replace('_', '-')}", self._values[0]
        if self.field.kind in ("Image", "Data"):
            return f"{name} {self.name}.{'png' if self.is_image else 'bin'}"
        if self.field.is_vector:
            members = zip(self.field.field.labels, self._elements(0), strict=True)
            return f"{name} {shlex.quote(json.dumps(dict(members), ensure_ascii=False))}"
        if self.is_array:
            return f"{name} {shlex.quote(_nested(self._json_elements, self._shape(0)))}"
        return name if isinstance(value, bool) else f"{name} {shlex.quote(str(value))}"

    @property
    def json(self) -> str:
        """The first example as a member of the proto's JSON, in a here-document of a shell."""
        return f'"{json_name(self.name)}": {self._json_value}'

    @property
    def _json_value(self) -> str:
        if self.is_image:
            return f"\"$(base64 < {self.name}.png | tr -d '\\n')\""
        if not self.is_array:
            return self._json(self._values[0])
        shape = self._shape(0)
        if self.is_large:
            element = shlex.quote(self._json(self._values[0]))
            elements = f"$(yes {element} | head -n {math.prod(shape)} | paste -sd , -)"
        else:
            elements = ", ".join(self._json_elements)
        is_flat = not self.field.is_ragged
        return f"[{elements}]" if is_flat else f'{{"shape": {[*shape]}, "values": [{elements}]}}'

    @property
    def _json_elements(self) -> list[str]:
        elements = [self._json(value) for value in self._elements(0)]
        if not self.field.is_vector:
            return elements
        field = self.field.field
        by_number = dict(zip(field.label_numbers, elements, strict=True))
        nothing = "false" if field.element.kind == "bool" else "0"
        return [by_number.get(number, nothing) for number in range(1, field.width + 1)]

    def _json(self, value: Value) -> str:
        if self.field.enum and not self.field.is_vector:
            return json.dumps(self.field.enum.values[0].name)
        is_bytes = self.field.field.element.proto == "bytes"
        return json.dumps(b64encode(str(value).encode()).decode() if is_bytes else value)


def _nested(elements: Iterable[str], shape: Sequence[int]) -> str:
    """The elements as nested lists of this shape, or the only one if it has no dims."""
    parts = [*elements]
    for size in reversed(shape):
        rows = range(0, len(parts), size)
        parts = [f"[{', '.join(parts[row : row + size])}]" for row in rows]
    return parts[0]
