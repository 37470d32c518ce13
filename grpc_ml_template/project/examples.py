"""Values for the tests of the generated project: right ones, wrong ones, and how they are written."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..language.fields import FLOAT32_MAX, Field, Number
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
BLANKS = {"float": "0.0", "integer": "0", "bool": "False", "string": '""', "bytes": 'b""'}
WIRE_LIMITS = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "float": (-FLOAT32_MAX, FLOAT32_MAX),
    "double": (-1e308, 1e308),
}


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


def too_low(field: Field) -> Number | None:
    """A number below what the field may hold, if messages can hold one."""
    limit = field.low
    if limit is None:
        limit = _narrow(field, field.element.low)
    return None if limit is None else _beyond(field, limit, -1)


def too_high(field: Field) -> Number | None:
    """A number above what the field may hold, if messages can hold one."""
    limit = field.high
    if limit is None:
        limit = _narrow(field, field.element.high)
    return None if limit is None else _beyond(field, limit, 1)


def _narrow(field: Field, limit: Number | None) -> Number | None:
    """The limit of a dtype that is narrower than its type in messages."""
    return limit if field.element.name in ("float16", "int8", "int16", "uint8", "uint16") else None


def _beyond(field: Field, limit: Number, sign: int) -> Number | None:
    lowest, highest = WIRE_LIMITS[field.element.proto]
    is_integer = field.element.kind == "integer"
    steps = [1] if is_integer else [1, *(abs(limit) * 10.0**-k for k in (4, 3, 2, 1))]
    for step in steps:
        number = limit + sign * step
        if lowest <= number <= highest and _on_wire(field, number) != _on_wire(field, limit):
            return int(number) if is_integer else float(number)
    return None


def _on_wire(field: Field, number: Number) -> float:
    if field.element.proto != "float":
        return number
    return float(struct.unpack("<f", struct.pack("<f", number))[0])


# How values are written


def code(field: Field, value: Value) -> str:
    """A value of an element as Python."""
    if field.element.kind == "bytes":
        return python_bytes(str(value))
    return python_string(value) if isinstance(value, str) else python_number(value)


def shape_code(shape: Sequence[int]) -> str:
    """A shape as NumPy takes it."""
    return str(shape[0]) if len(shape) == 1 else f"({', '.join(map(str, shape))})"


def display(indent: int, head: str, items: Sequence[str], tail: str = "") -> str:
    """A list or a tuple laid out as the formatter does: on one line, or else one item a line."""
    close = {"(": ")", "[": "]"}[head[-1]]
    margin = " " * indent
    line = f"{margin}{head}{', '.join(items)}{close}{tail}"
    if columns(line) <= WIDTH:
        return line
    lines = "".join(f"{margin}    {item},\n" for item in items)
    return f"{margin}{head}\n{lines}{margin}{close}{tail}"


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
    """Examples of an input, and what is wrong with others."""

    of: InputField

    @property
    def missing(self) -> str:
        """What the server says where it is required and missing."""
        return "at least one value is required" if self.of.kind == "VaryingTensor" else "required"

    @property
    def missing_line(self) -> str:
        """Its line among the fields that are missing."""
        return display(8, "(", [f'"instance.{self.name}"', f'"{self.missing}"'], ",")

    @property
    def item(self) -> str:
        """Its line in INSTANCE."""
        return self.line(0, f'"{self.name}": ')

    @property
    def other_item(self) -> str:
        """Its line in OTHER."""
        return self.line(1, f'"{self.name}": ')

    @property
    def column(self) -> str:
        """Its line in INPUTS: what the model sees of INSTANCE."""
        return self._column().lines(f"{self.name}=")

    def _column(self) -> Call:
        if self.of.enum:
            return Call("np.array", ("[0]",))
        if self.field.dims:
            return self.array(0, rows=1)
        return Call("np.full", ("1", self.literal(0), self.of.dtype))

    @property
    def default_item(self) -> str:
        """Its line in DEFAULTS: what the model sees where it is missing."""
        if self.of.enum:
            column = Call("np.array", (f"[{self.field.labels.index(str(self.field.default))}]",))
        elif self.field.dims:
            shape = shape_code((1, *self.dims(0)))
            column = Call("np.full", (shape, self.of.default, self.of.dtype))
        else:
            column = Call("np.full", ("1", self.of.default, self.of.dtype))
        return column.lines(f'"{self.name}": ')

    @property
    def second_row(self) -> int:
        """Where the second row of its column begins in a message."""
        return self.field.size if self.field.kind == "tensor" and not self.of.varies else 1

    # As messages take it

    def message(self, element: str, more: int = 0) -> str:
        """The field as the constructor of its message takes it, with more elements than is right."""
        if self.field.kind != "tensor":
            return element
        count = self.field.size + more
        values = f"[{element}]" if count == 1 else f"[{element}] * {count}"
        if not self.of.is_ragged:
            return values
        shape = ", ".join(str(dim or 1) for dim in self.field.dims)
        return f'{{"shape": [{shape}], "values": {values}}}'

    def faults(self) -> Iterator[Fault]:
        """What may be wrong with it in an instance."""
        field, blank = self.field, BLANKS.get(self.field.element.kind, "")
        for title, element, words in self._wrong_elements():
            if field.kind == "tensor":
                value, path = self.message(element), f"{self.name}[0]"
                yield Fault(self, f"element {title}", value, path, words, element)
            else:
                yield Fault(self, title, element, self.name, words, element)
        if self.of.is_ragged:
            value = self.message(blank, more=1)
            yield Fault(self, "shape that does not fit", value, self.name, "expected")
            empty = ", ".join(str(dim or 0) for dim in field.dims)
            value, words = f'{{"shape": [{empty}]}}', "expected at least one value along each dim"
            yield Fault(self, "shape without values", value, self.name, words)
        elif field.kind == "tensor" and (field.size > 1 or not self.of.varies):
            value = self.message(blank, more=1)
            yield Fault(self, "value too many", value, self.name, "expected")
        if field.kind == "image":
            picture = self.picture(0)
            yield Fault(self, "picture cut short", f"{picture}[:45]", self.name, "not a PNG")
            if not self.of.varies:
                height, width, channels = self.dims(0)
                shape = (height + 1, width) if channels == 1 else (height + 1, width, channels)
                value = f"png(np.zeros({shape_code(shape)}, np.uint8))"
                yield Fault(self, "picture of another size", value, self.name, "expected")

    def edges(self) -> Iterator[tuple[str, str]]:
        """The elements that it may just hold, and what they are."""
        if self.field.low is not None:
            yield "lowest", code(self.field, self.field.low)
        if self.field.high is not None:
            yield "highest", code(self.field, self.field.high)
        if self.field.element.kind == "float" and self.field.allows_nan:
            yield "not a number", "math.nan"

    def _wrong_elements(self) -> Iterator[tuple[str, str, str]]:
        field = self.field
        if field.kind == "image":
            yield "no picture", 'b"text"', "not a PNG"
        if self.of.enum:
            number = str(len(field.labels) + 1)
            yield "number of no label", number, "is no label's number"
        if field.element.kind not in ("float", "integer"):
            return
        low, high = too_low(field), too_high(field)
        if low is not None:
            yield "below its range", python_number(low), "is below"
        if high is not None:
            yield "above its range", python_number(high), "is above"
        if field.element.kind == "float":
            if not field.allows_nan:
                yield "not a number", "math.nan", "is not a finite number"
            yield "infinite", "math.inf", "is not a finite number"


@dataclass(frozen=True)
class OutputExample(Example):
    """Examples of an output, and answers that do not fit it."""

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

    @property
    def result(self) -> str:
        """Its line in PREDICTION: what the caller gets of the first row of OUTPUTS."""
        return self.line(0, f"{self.name}=")


@dataclass(frozen=True)
class Fault:
    """A wrong value of a field in an instance, where the server finds it, and what it says."""

    example: InputExample
    title: str
    value: str
    path: str
    words: str
    element: str | None = None

    @property
    def line(self) -> str:
        """Its line among the values that are refused."""
        arguments = [f'"{self.example.name}"', self.value, f'"{self.path}"', f'"{self.words}"']
        return python_call(8, "pytest.param(", [*arguments, f'id="{self.title}"'], ",")

    @property
    def instance(self) -> str:
        """Makes an instance of it."""
        return python_call(4, "wrong = changed(", [f'"{self.example.name}"', self.value])

    @property
    def paths(self) -> list[str]:
        """Where the server finds the faults of the instance."""
        return [self.path]


@dataclass(frozen=True)
class RowFault:
    """A wrong value in the second row of a column: how it gets there, and where it is found."""

    statement: str
    path: str
    words: str


@dataclass(frozen=True)
class FlatFault:
    """A wrong value in the second row of a column that has as many elements for each row."""

    of: Fault

    @property
    def line(self) -> str:
        """Its line among the values of columns that are refused."""
        name, field = self.of.example.name, self.of.example.field
        place = str(field.size if field.kind == "tensor" else 1)
        arguments = [f'"{name}"', place, str(self.of.element), f'"{self.of.words}"']
        return python_call(8, "pytest.param(", [*arguments, f'id="{self.of.title}"'], ",")


@dataclass(frozen=True)
class EmptyInstance:
    """An instance without any of the required fields."""

    paths: list[str]
    instance = "    wrong = pb.Instance()"


@dataclass(frozen=True)
class WrongAnswer:
    """A column that the model may not answer to one instance, and what the log says then."""

    name: str
    value: str
    words: str

    @property
    def line(self) -> str:
        """Its line among the wrong answers."""
        arguments = [f'"{self.name}"', self.value, python_string(self.words)]
        return display(8, "(", arguments, ",")


@dataclass(frozen=True)
class Examples:
    """All that the tests of one service are filled with."""

    input_fields: Sequence[InputField]
    output_fields: Sequence[OutputField]

    @cached_property
    def inputs(self) -> list[InputExample]:
        return [InputExample(field) for field in self.input_fields]

    @cached_property
    def outputs(self) -> list[OutputExample]:
        return [OutputExample(field) for field in self.output_fields]

    @property
    def have_pictures(self) -> bool:
        return any(field.field.kind == "image" for field in (*self.inputs, *self.outputs))

    def imports(self, package: str) -> str:
        """What the module of the examples imports."""
        return blocks(
            ["import io" if self.have_pictures else "", "from dataclasses import fields"],
            [
                "import numpy as np",
                "from numpy.typing import NDArray" if self.have_pictures else "",
                "from PIL import Image" if self.have_pictures else "",
            ],
            [
                from_import(
                    f"{package}.schema",
                    ["Inputs", "Instance", "Outputs", "Prediction", "Predictions"],
                ),
            ],
        )

    @property
    def errors_need_numpy(self) -> bool:
        faults = [fault.line for fault in self.refused]
        return any("np." in line for line in [*faults, *(a.line for a in self.wrong_answers)])

    @property
    def test_errors_imports(self) -> str:
        names = ["COLUMNS", "INSTANCE"]
        if self.telling:
            names += ["OTHER", "PREDICTION", "assert_same"]
        if any("png(" in fault.value for fault in self.refused):
            names += ["png"]
        return from_import(".examples", names)

    @property
    def required(self) -> list[InputExample]:
        return [example for example in self.inputs if example.field.required]

    @property
    def command_line(self) -> CommandLine:
        return CommandLine(self)

    @property
    def labelled(self) -> InputExample | None:
        """An input of labels."""
        return next((example for example in self.inputs if example.of.enum), None)

    @property
    def are_flat(self) -> bool:
        """Whether any data frame can hold the inputs: none of them is a tensor."""
        return all(example.field.kind != "tensor" for example in self.inputs)

    @property
    def required_fit(self) -> bool:
        """Whether an error has room for all required fields; see MOST_DETAIL_BYTES in status.py."""
        return sum(len(f"instance.{e.name}{e.missing}") + 4 for e in self.required) <= 4096

    @property
    def optional(self) -> list[InputExample]:
        return [example for example in self.inputs if not example.field.required]

    @property
    def telling(self) -> InputExample | None:
        """The input that INSTANCE and OTHER are told apart by."""
        able = [example for example in self.inputs if example.tells_apart]
        return min(able, key=lambda example: bool(example.field.dims), default=None)

    # What the server refuses

    @cached_property
    def refused(self) -> list[Fault]:
        """One of each kind of wrong value."""
        faults: dict[str, Fault] = {}
        for example in sorted(self.inputs, key=lambda example: bool(example.field.dims)):
            for fault in example.faults():
                faults.setdefault(fault.title, fault)
        return list(faults.values())

    @property
    def refused_infinite(self) -> bool:
        return any("math." in fault.value for fault in self.refused)

    @property
    def row_fault(self) -> RowFault | None:
        """A wrong value in the second row of a column."""
        faults = (self._in_row(fault) for fault in self.refused)
        return next(filter(None, faults), None)

    @property
    def row_faults(self) -> list[FlatFault]:
        """One of each kind of wrong value in columns of as many elements for each row."""
        return [
            FlatFault(fault)
            for fault in self.refused
            if fault.element is not None
            and (fault.example.field.kind != "tensor" or not fault.example.of.varies)
        ]

    def many_faults(self, rows: str = "1500") -> str | None:
        """Makes all rows of a column wrong; 1500 are more than the server looks at."""
        for fault in self.row_faults:
            field = fault.of.example.field
            count = f"{field.size} * {rows}" if field.kind == "tensor" else rows
            return f"{fault.of.example.name}[:] = [{fault.of.element}] * {count}"
        for example in self.inputs:
            if example.field.kind == "tensor" and example.of.varies:
                empty = f"for _ in range({rows}):\n        columns.{example.name}.add()"
                return f'ClearField("{example.name}")\n    {empty}'
        return None

    @property
    def edges(self) -> list[str]:
        """The lines of values that their field may just hold, one of each kind."""
        found: dict[tuple[str, str], str] = {}
        for example in self.inputs:
            for title, element in example.edges():
                arguments = [f'"{example.name}"', example.message(element), f'id="{title}"']
                line = python_call(8, "pytest.param(", arguments, ",")
                found.setdefault((example.field.kind, title), line)
        return list(found.values())

    def _in_row(self, fault: Fault) -> RowFault | None:
        example, field = fault.example, fault.example.field
        if fault.element is None:
            return None
        if field.kind != "tensor":
            return RowFault(
                f"{example.name}[1] = {fault.element}", f"{example.name}[1]", fault.words
            )
        if example.of.varies:
            statement = f"{example.name}[1].values[0] = {fault.element}"
            return RowFault(statement, f"{example.name}[1][0]", fault.words)
        statement = f"{example.name}[{field.size}] = {fault.element}"
        return RowFault(statement, f"{example.name}[1]", fault.words)

    @property
    def column_length(self) -> tuple[str, str] | None:
        """A column of tensors, and an element that is one too many."""
        for example in self.inputs:
            field = example.field
            if field.kind == "tensor" and not example.of.varies and field.size > 1:
                return example.name, BLANKS[field.element.kind]
        return None

    @property
    def fault(self) -> Fault | EmptyInstance | None:
        """What is wrong with an instance, where it does not matter what."""
        if self.refused:
            return self.refused[0]
        names = [example.name for example in self.required]
        return EmptyInstance(names) if names else None

    # What the model may not answer

    @property
    def wrong_answers(self) -> list[WrongAnswer]:
        """One of each kind of wrong answer."""
        found: dict[str, WrongAnswer] = {}
        first = self.outputs[0].name
        found["rows"] = WrongAnswer(first, "[]", "expected")
        for example in self.outputs:
            for kind, value, words in _wrong_columns(example):
                answer = WrongAnswer(example.name, value, words)
                found.setdefault(kind, answer)
        return list(found.values())


def _wrong_columns(example: OutputExample) -> Iterator[tuple[str, str, str]]:
    """What may be wrong with a column of one row: the kind, the column, what the log says."""
    field, of = example.field, example.of
    if of.enum:
        yield "label", f"[{len(field.labels)}]", f"{len(field.labels)} is no label's place"
        return
    dims = example.dims(0)
    if field.kind == "image":
        yield "dtype of pixels", f"np.zeros({shape_code((1, *dims))})", "expected dtype uint8"
        yield "shape of pixels", "np.zeros((1, 2), np.uint8)", "expected shape"
        return
    shape = shape_code((1, *dims))
    if field.kind == "tensor" and not _all_unknown(field):
        wrong = (*dims[:-1], dims[-1] + 1) if field.dims[-1] else (dims[0] + 1, *dims[1:])
        if any(dim not in (None, size) for dim, size in zip(field.dims, wrong, strict=True)):
            yield "shape", f"np.zeros({shape_code((1, *wrong))}, {of.dtype})", "expected shape"
    if field.element.kind == "float":
        yield (
            "finite",
            f"np.full({shape}, np.nan)",
            f"not every value is a finite {field.element.dtype}",
        )
    if field.element.kind == "integer" and field.element.name not in ("int64", "uint64"):
        high = field.element.high
        assert isinstance(high, int)
        number = high + 1
        wide = "np.uint64" if field.element.low == 0 else "np.int64"
        yield (
            "integer",
            f"np.full({shape}, {number}, {wide})",
            f"not every value fits {field.element.dtype}",
        )
    if of.is_text:
        yield "text", f"np.zeros({shape}, np.object_)", f"expected {of.python_type}, got int"
    else:
        yield "dtype", f'np.full({shape}, "text")', f"expected dtype {field.element.dtype}"


def _all_unknown(field: Field) -> bool:
    return field.unknown_dims == len(field.dims)


@dataclass(frozen=True)
class CommandLine:
    """How the tests of the command line turn the examples into options, JSON and CSV."""

    of: Examples

    def _inputs(self, kind: str) -> list[InputExample]:
        """The inputs that are handled alike."""
        return [example for example in self.of.inputs if _handling(example) == kind]

    @property
    def input_names(self) -> set[str]:
        return {example.name for example in self.of.inputs}

    @property
    def need_files(self) -> bool:
        """Whether an option takes a file."""
        return bool(self._inputs("picture") or self._inputs("bytes"))

    @property
    def number(self) -> InputExample | None:
        """An input that is a single number."""
        numbers = [e for e in self.of.inputs if e.field.element.kind in ("float", "integer")]
        return next((e for e in numbers if not e.field.dims), None)

    @property
    def _has_arrays(self) -> bool:
        return any(e.field.kind == "tensor" for e in (*self.of.inputs, *self.of.outputs))

    @property
    def _has_bytes(self) -> bool:
        examples = (*self.of.inputs, *self.of.outputs)
        return any(e.field.element.kind in ("bytes", "image") for e in examples)

    @property
    def encoder(self) -> str:
        """What makes JSON of what is not JSON yet."""
        base64, array = "base64.b64encode(value).decode()", "value.tolist()"
        if self._has_arrays and self._has_bytes:
            return f"{base64} if isinstance(value, bytes) else {array}"
        return base64 if self._has_bytes else array if self._has_arrays else ""

    @property
    def option_lines(self) -> str:
        """Appends the option of an input."""
        option = "--{name.replace('_', '-')}"
        content = ["(tmp_path / name).write_bytes(value)"]
        path = f'options.append(f"{option}={{tmp_path / name}}")'
        chain = [
            (self._inputs("bool"), "isinstance(value, bool)", [f'options.append(f"{option}")']),
            (self.need_files, "isinstance(value, bytes)", [*content, path]),
            (
                self._inputs("array"),
                "isinstance(value, np.ndarray)",
                [f'options.append(f"{option}={{to_json(value)}}")'],
            ),
            (self._inputs("plain"), "", [f'options.append(f"{option}={{value}}")']),
        ]
        return _chain([(condition, lines) for needed, condition, lines in chain if needed])

    @property
    def cell_lines(self) -> str:
        """Sets the cell of an input; nothing where its value will do."""
        if not any(map(self._inputs, ("picture", "bytes", "array"))):
            return ""
        is_picture = "isinstance(value, bytes)"
        if self._inputs("bytes"):
            is_picture += r' and value.startswith(b"\x89PNG")'
        chain = [
            (
                self._inputs("picture"),
                is_picture,
                ["(tmp_path / name).write_bytes(value)", "row[name] = tmp_path / name"],
            ),
            (
                self._inputs("bytes"),
                "isinstance(value, bytes)",
                ["row[name] = base64.b64encode(value).decode()"],
            ),
            (
                self._inputs("array"),
                "isinstance(value, np.ndarray)",
                ["row[name] = to_json(value)"],
            ),
            (self._inputs("plain") or self._inputs("bool"), "", ["row[name] = value"]),
        ]
        return _chain([(condition, lines) for needed, condition, lines in chain if needed])

    @property
    def imports(self) -> str:
        """What the tests import."""
        text = f"{self.encoder} {self.option_lines} {self.cell_lines}"
        return blocks(
            [
                "import base64" if "base64" in text else "",
                "import csv",
                "import json",
                "import subprocess",
                "import sys",
                "import threading",
                "import time",
                "from collections.abc import Callable",
                "from dataclasses import asdict",
                "from pathlib import Path",
                f"from typing import {'Any, ' if self.encoder else ''}NamedTuple",
            ],
            [
                "import numpy as np" if "np." in text else "",
                "import pytest",
                "from typer.testing import CliRunner",
            ],
        )


def _handling(example: InputExample) -> str:
    """How the command line takes an input."""
    field = example.field
    if field.kind == "tensor":
        return "array"
    kinds = {"image": "picture", "bytes": "bytes", "bool": "bool"}
    return kinds.get(field.element.kind, "plain")


def _chain(cases: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Statements in the body of a loop: those of the first case whose condition holds."""
    lines: list[str] = []
    for place, (condition, statements) in enumerate(cases):
        is_last = place == len(cases) - 1
        head = f"{'elif' if place else 'if'} {condition}:"
        if is_last and not condition:
            head = "else:"
        indent = 12
        if len(cases) == 1 and not condition:
            indent = 8
        else:
            lines.append(f"        {head}")
        lines += [" " * indent + statement for statement in statements]
    return "\n".join(lines)
