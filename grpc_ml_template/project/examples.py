"""Examples of what a model takes and answers, and how they are written in tests/examples.py."""

import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..language.fields import Field, Number
from ..printing.imports import blocks, from_import
from ..printing.text import WIDTH, columns, python_bytes, python_call, python_number, python_string
from .python import InputField, OutputField, PythonField

Value = int | float | bool | str
# Real values of well-known fields: a setosa and a versicolor.
KNOWN = {
    "sepal_length": (5.1, 7.0),
    "sepal_width": (3.5, 3.2),
    "petal_length": (1.4, 4.7),
    "petal_width": (0.2, 1.4),
}
WORDS = ("some text", "another text")


# Values


def two_values(field: Field) -> tuple[Value, Value]:
    """Two valid values of an element; the same one twice if there is no other."""
    kind = field.element.kind
    if kind in ("float", "integer"):
        return _two_numbers(field)
    if kind == "enum":
        return field.labels[0], field.labels[min(1, len(field.labels) - 1)]
    if kind == "image":
        return 96, 160
    return (True, False) if kind == "bool" else WORDS


def _two_numbers(field: Field) -> tuple[Number, Number]:
    valid: dict[float, Number] = {}
    for number in _candidates(field):
        if _is_inside(field, number):
            valid.setdefault(_rounded(field, number), number)
    first, *others = valid.values()
    return first, others[0] if others else first


def _is_inside(field: Field, number: Number) -> bool:
    low = field.element.low if field.low is None else field.low
    high = field.element.high if field.high is None else field.high
    return low is not None and high is not None and low <= number <= high


def _candidates(field: Field) -> Iterator[Number]:
    low, high = field.low, field.high
    if field.element.name == "float":
        yield from KNOWN.get(field.name, ())
    if field.element.kind == "integer":
        if low is not None and high is not None:
            yield from (int(low + high) // 2, int(low), int(high))
        elif low is not None:
            yield from (int(low) + 1, int(low) + 2, int(low))
        elif high is not None:
            yield from (int(high) - 1, int(high) - 2, int(high))
        yield from (1, 2)
        return
    if low is not None and high is not None:
        middle = low / 2 + high / 2
        numbers = [middle, middle / 2 + high / 2, low, high]
    elif low is not None:
        numbers = [low + 1, low + 2, low, low / 2, low * 2]
    elif high is not None:
        numbers = [high - 1, high - 2, high, high / 2, high * 2]
    else:
        numbers = [0.5, 1.5]
    for number in numbers:
        yield float(f"{number:.2g}")
        yield float(number)


def _rounded(field: Field, number: Number) -> float:
    """The number as it is on the wire and in the model."""
    if field.element.kind == "integer" or field.element.proto == "double":
        return number
    code = "<e" if field.element.name == "float16" else "<f"
    try:
        return float(struct.unpack(code, struct.pack(code, number))[0])
    except OverflowError:
        return math.copysign(math.inf, number)


# How values are written


def code(field: Field, value: Value) -> str:
    """A value of an element as Python."""
    if field.element.kind == "bytes":
        return python_bytes(str(value))
    return python_string(value) if isinstance(value, str) else python_number(value)


def shape_code(shape: Sequence[int]) -> str:
    """A shape as NumPy takes it."""
    return str(shape[0]) if len(shape) == 1 else f"({', '.join(map(str, shape))})"


@dataclass(frozen=True)
class Call:
    """A call, and the shape that its result is brought into, if any."""

    function: str
    arguments: tuple[str, ...]
    shape: str = ""

    def __str__(self) -> str:
        return f"{self.function}({', '.join(self.arguments)}){self._reshape()}"

    def _reshape(self) -> str:
        return f".reshape({self.shape})" if self.shape else ""

    def lines(self, before: str = "", after: str = ",", indent: int = 4) -> str:
        """The call laid out in an indented line, between what stands before and after it."""
        call = f"{before}{self.function}({', '.join(self.arguments)}).reshape("
        if self.shape and columns(" " * indent + call) <= WIDTH:
            return python_call(indent, call, [self.shape], after)
        head = f"{before}{self.function}("
        return python_call(indent, head, self.arguments, self._reshape() + after)


def call_list(indent: int, head: str, calls: Sequence[Call], tail: str = "") -> str:
    """A list of calls laid out as the formatter does."""
    line = f"{' ' * indent}{head}{', '.join(map(str, calls))}]{tail}"
    if columns(line) <= WIDTH:
        return line
    items = "".join(call.lines(indent=indent + 4) + "\n" for call in calls)
    return f"{' ' * indent}{head}\n{items}{' ' * indent}]{tail}"


@dataclass(frozen=True)
class Example:
    """Two examples of a field; `place` is 0 for the first and 1 for the second."""

    of: PythonField

    @property
    def field(self) -> Field:
        return self.of.field

    @property
    def name(self) -> str:
        return self.of.name

    @cached_property
    def values(self) -> tuple[Value, Value]:
        return two_values(self.field)

    @property
    def tells_apart(self) -> bool:
        """Whether its two examples differ in their first element."""
        return self.values[0] != self.values[1]

    def dims(self, place: int) -> tuple[int, ...]:
        """The shape of one example."""
        return tuple(dim or 2 + axis + place for axis, dim in enumerate(self.field.dims))

    def literal(self, place: int) -> str:
        return code(self.field, self.values[place])

    def array(self, place: int, rows: int | None = None) -> Call:
        """An example of a tensor or of pixels, alone or as a batch of some rows."""
        dims = self.dims(place)
        shape = shape_code(dims if rows is None else (rows, *dims))
        if self.field.element.kind == "float" and place == 0 and self.tells_apart:
            numbers = (self.literal(0), self.literal(1), str(math.prod(dims)))
            is_flat = len(dims) == 1 and rows is None
            return Call(
                "np.linspace", (*numbers, f"dtype={self.of.dtype}"), "" if is_flat else shape
            )
        return Call("np.full", (shape, self.literal(place), self.of.dtype))

    def picture(self, place: int) -> Call:
        """An example of a picture, as a file."""
        height, width, channels = self.dims(place)
        shape = (height, width) if channels == 1 else (height, width, channels)
        pixels = Call("np.full", (shape_code(shape), self.literal(place), "np.uint8"))
        return Call("png", (str(pixels),))

    def line(self, place: int, before: str) -> str:
        """An example as callers give or get it, on a line of its own."""
        if self.field.kind == "image":
            return self.picture(place).lines(before)
        if self.field.kind == "tensor":
            return self.array(place).lines(before)
        return f"    {before}{self.literal(place)},"


@dataclass(frozen=True)
class InputExample(Example):
    """Examples of an input."""

    of: InputField

    @property
    def column(self) -> str:
        """Its line in INPUTS: what the model sees of INSTANCE."""
        if self.of.enum:
            column = Call("np.array", ("[0]",))
        elif self.field.dims:
            column = self.array(0, rows=1)
        else:
            column = Call("np.full", ("1", self.literal(0), self.of.dtype))
        return column.lines(f"{self.name}=")


@dataclass(frozen=True)
class OutputExample(Example):
    """Examples of an output."""

    of: OutputField

    @property
    def column(self) -> str:
        """Its line in OUTPUTS."""
        before = f"{self.name}="
        if self.of.enum:
            column = Call("np.array", (f"[0, {min(1, len(self.field.labels) - 1)}]",))
            return column.lines(before)
        if not self.field.dims:
            values = f"[{self.literal(0)}, {self.literal(1)}]"
            return Call("np.array", (values, self.of.dtype)).lines(before)
        rows = [self.array(0), self.array(1)]
        if self.of.varies:
            return call_list(4, f"{before}[", rows, ",")
        line = f"    {before}np.stack([{', '.join(map(str, rows))}]),"
        if columns(line) <= WIDTH:
            return line
        return f"    {before}np.stack(\n{call_list(8, '[', rows)}\n    ),"


@dataclass(frozen=True)
class Examples:
    """The examples of one service, as lines of tests/examples.py."""

    inputs: list[InputExample]
    outputs: list[OutputExample]

    def imports(self, package: str) -> str:
        """What the module imports."""
        fields = [example.field for example in (*self.inputs, *self.outputs)]
        have_pictures = any(field.kind == "image" for field in fields)
        return blocks(
            ["import numpy as np"],
            [from_import(f"{package}.schema", ["Inputs", "Instance", "Outputs", "Prediction"])],
            ["from .pictures import png" if have_pictures else ""],
        )

    @property
    def instance(self) -> str:
        """What INSTANCE holds."""
        return "\n".join(each.line(0, f'"{each.name}": ') for each in self.inputs)

    @property
    def other(self) -> str:
        """What OTHER holds."""
        return "\n".join(each.line(1, f'"{each.name}": ') for each in self.inputs)

    @property
    def input_columns(self) -> str:
        """What INPUTS holds: what the model sees of INSTANCE."""
        return "\n".join(each.column for each in self.inputs)

    @property
    def output_columns(self) -> str:
        """What OUTPUTS holds."""
        return "\n".join(each.column for each in self.outputs)

    @property
    def prediction(self) -> str:
        """What PREDICTION holds: what the caller gets of the first row of OUTPUTS."""
        return "\n".join(each.line(0, f"{each.name}=") for each in self.outputs)
