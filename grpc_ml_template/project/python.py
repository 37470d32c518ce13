"""How a field looks in the Python of the generated project: one property a place it is printed."""

import math
from dataclasses import dataclass

from ..language.fields import Field
from ..printing.text import (
    WIDTH,
    capital,
    columns,
    docstring,
    one_line,
    python_bytes,
    python_call,
    python_number,
    python_string,
    python_tuple,
    sentence,
    wrap,
)
from ..printing.words import default_words, image_words, range_words
from .enums import Enum

SCALAR_TYPES = {
    "float": "float",
    "integer": "int",
    "bool": "bool",
    "string": "str",
    "bytes": "bytes",
    "image": "bytes",
}
SCALAR_KINDS = {"bool": "Flag", "string": "Text", "bytes": "Data", "enum": "Label"}


@dataclass(frozen=True)
class PythonField:
    """A field, and the enum of the proto that its labels are in, if it has some."""

    field: Field
    enum: Enum | None

    @property
    def name(self) -> str:
        """The name, which is the same everywhere."""
        return self.field.name

    @property
    def original(self) -> str:
        """What it is called where the model was made."""
        return self.field.original

    @property
    def is_text(self) -> bool:
        """Whether its elements are str or bytes."""
        return self.field.element.kind in ("string", "bytes")

    @property
    def is_vector(self) -> bool:
        """Whether it has a number for each label of an enum."""
        return self.field.kind == "vector"

    @property
    def _constant(self) -> str:
        assert self.enum
        return self.enum.constant

    @property
    def varies(self) -> bool:
        """Whether its shape differs from instance to instance."""
        return None in self.field.dims

    @property
    def is_ragged(self) -> bool:
        """Whether its shape travels beside its values."""
        return self.field.kind == "tensor" and self.field.unknown_dims > 1

    @property
    def dtype(self) -> str:
        """The dtype that the model sees, as Python."""
        dtype = self.field.element.dtype
        return {"bool": "np.bool_", "object": "np.object_"}.get(dtype, f"np.{dtype}")

    @property
    def array_type(self) -> str:
        """The type of an array of its elements."""
        return f"NDArray[{self.dtype}]"

    def literal(self, value: float | str) -> str:
        """A value of an element as Python."""
        if isinstance(value, str):
            as_bytes = self.field.element.kind == "bytes"
            return python_bytes(value) if as_bytes else python_string(value)
        return "np.nan" if math.isnan(value) else python_number(value)

    @property
    def python_type(self) -> str:
        """The type of one value that is not a tensor, as a caller gives or gets it."""
        if self.enum and self.field.kind == "enum":
            return self.enum.type
        return SCALAR_TYPES[self.field.element.kind]

    def mapping_type(self, kind: str) -> str:
        """The type of a mapping of its labels to numbers."""
        assert self.enum
        return f"{kind}[{self.enum.type}, {self.python_type}]"

    @property
    def kind(self) -> str:
        """Its kind: the class in engine/fields."""
        if self.field.kind == "tensor":
            return "VaryingTensor" if self.varies else "Tensor"
        if self.field.kind == "vector":
            return "LabelVector"
        if self.field.kind == "image":
            return "Image"
        return SCALAR_KINDS.get(self.field.element.kind, "Number")

    @property
    def schema_line(self) -> str:
        """Its line in the table of fields."""
        field, arguments = self.field, [f'"{self.name}"']
        if self.enum:
            arguments += [self.dtype] if field.kind == "vector" else []
            arguments += [self.enum.constant]
            arguments += [f"numbers={self.enum.numbers}"] if self.enum.numbers else []
            if field.kind == "vector" and field.width > max(field.label_numbers):
                arguments += [f"width={field.width}"]
        elif field.kind == "image":
            height, width, channels = field.dims
            arguments += [f"channels={channels}"]
            arguments += [] if height is None else [f"size=({height}, {width})"]
        elif self.kind in ("Number", "Tensor", "VaryingTensor"):
            arguments += [self.python_type if self.is_text else self.dtype]
        if field.kind == "tensor":
            arguments += [python_tuple(field.dims)]
        if field.low is not None:
            arguments += [f"low={python_number(field.low)}"]
        if field.high is not None:
            arguments += [f"high={python_number(field.high)}"]
        if field.default is not None:
            arguments += [f"default={self.literal(field.default)}"]
        if field.description:
            arguments += [f"about={python_string(sentence(field.description))}"]
        if field.alias:
            arguments += [f"alias={python_string(field.alias)}"]
        return python_call(8, f"{self.kind}(", arguments, ",")

    def attribute(self, kind: str) -> str:
        """An attribute of this type in a class, laid out as the formatter does."""
        if "[" in kind:
            head, _, element = kind.removesuffix("]").partition("[")
            return python_call(4, f"{self.name}: {head}[", [element])
        line = f"    {self.name}: {kind}"
        return line if columns(line) <= WIDTH else python_call(4, f"{self.name}: (", [kind])

    @property
    def elements(self) -> str:
        """What an array of the field holds, in words."""
        if self.enum and self.field.kind == "enum":
            return f"int64, places in {self._constant}"
        return f"{self.python_type} objects" if self.is_text else self.field.element.dtype

    @property
    def one(self) -> str:
        """One value that is not a tensor, in words."""
        return f"{'An' if self.python_type == 'int' else 'A'} {self.python_type}."

    def form(self, *first: str) -> str:
        """Elements and shape in words, with the dims of one instance last."""
        dims = ("?" if dim is None else str(dim) for dim in self.field.dims)
        labels = f", the last axis in the order of {self._constant}" if self.is_vector else ""
        return f"{self.elements}, shape {python_tuple([*first, *dims])}{labels}."

    @property
    def meaning(self) -> str:
        """The description and the range, as sentences."""
        limits = range_words(self.field)
        return f"{sentence(self.field.description)} {capital(limits)}{'.' if limits else ''}"

    def entry(self, text: str, indent: int) -> str:
        """An entry of the Attributes or Args section of a docstring."""
        margin = " " * indent
        first, *rest = wrap(f"{self.name}: {docstring(one_line(text))}", margin).split("\n")
        return "\n".join([first, *(f"    {line}" for line in rest)])


@dataclass(frozen=True)
class InputField(PythonField):
    """A field of what the model takes."""

    @property
    def column_type(self) -> str:
        """The type of its column for the model."""
        return self.array_type

    @property
    def default_sentence(self) -> str:
        """What it is where it is missing; nothing if it is required."""
        return "" if self.field.required else f"Default: {default_words(self.field)}."

    @property
    def column_doc(self) -> str:
        """Its entry in the docstring of Inputs."""
        return self.entry(f"{self.form('n')} {self.meaning} {self.default_sentence}", 8)

    @property
    def key(self) -> str:
        """Its key in the TypedDict Instance."""
        kind = "ArrayLike" if self.field.kind == "tensor" else self.python_type
        if self.is_vector:
            kind = self.mapping_type("Mapping")
        if self.field.required:
            return self.attribute(kind)
        return python_call(4, f"{self.name}: NotRequired[", [f"{kind} | None"])

    @property
    def value_doc(self) -> str:
        """Its entry in the docstring of Instance."""
        form = ""
        if self.field.kind == "tensor":
            form = capital(self.form().replace(", shape", " of shape"))
        elif self.field.kind == "image":
            form = image_words(self.field)
        elif self.is_vector:
            form = f"A value for each of {self._constant}."
        text = one_line(f"{form} {self.meaning} {self.default_sentence}")
        return self.entry(text or self.one, 8)


@dataclass(frozen=True)
class OutputField(PythonField):
    """A field of what the model returns."""

    @property
    def column_type(self) -> str:
        """The type of its column from the model."""
        return f"Sequence[{self.array_type}]" if self.varies else self.array_type

    @property
    def column_doc(self) -> str:
        """Its entry in the docstring of Outputs."""
        return self.entry(f"{self._column_form} {self.meaning}", 8)

    @property
    def _column_form(self) -> str:
        return f"n arrays of {self.form()}" if self.varies else self.form("n")

    @property
    def placeholder(self) -> str:
        """What the placeholder model answers."""
        dims = ["1" if dim is None else str(dim) for dim in self.field.dims]
        first = [] if self.varies else ["n"]
        shape = python_tuple([*first, *dims]) if dims else "n"
        head, arguments = "np.zeros(", [shape, self.dtype]
        if self.is_text:
            head, blank = "np.full(", 'b""' if self.python_type == "bytes" else '""'
            arguments = [shape, blank, self.dtype]
        if not self.varies:
            return python_call(12, f"{self.name}={head}", arguments, ",")
        row = f"{head}{', '.join(arguments)}) for _ in range(n)"
        return python_call(12, f"{self.name}=[", [row], ",")

    @property
    def result_type(self) -> str:
        """Its type in a Prediction."""
        if self.is_vector:
            return self.mapping_type("dict")
        return self.array_type if self.field.kind == "tensor" else self.python_type

    @property
    def results_type(self) -> str:
        """Its type in Predictions."""
        if self.field.kind == "tensor":
            return f"list[{self.array_type}]" if self.varies else self.array_type
        is_list = self.enum is not None or self.field.kind == "image" or self.is_text
        return f"list[{self.result_type}]" if is_list else self.array_type

    @property
    def result_doc(self) -> str:
        """Its entry in the docstring of Prediction."""
        return self._result_doc(self.form(), self.one)

    @property
    def results_doc(self) -> str:
        """Its entry in the docstring of Predictions."""
        many = f"{self.elements}, one an instance." if self.is_text else self.form("n")
        return self._result_doc(self._column_form, many)

    def _result_doc(self, tensor: str, other: str) -> str:
        forms = {"tensor": tensor, "image": "PNG file."}
        if self.is_vector:
            forms["vector"] = f"A value for each of {self._constant}."
        text = one_line(f"{forms.get(self.field.kind, '')} {sentence(self.field.description)}")
        return self.entry(text or ("The label." if self.enum else other), 8)
