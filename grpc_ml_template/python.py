"""How a field looks in the Python of the generated project: one property a place it is printed."""

import math
from dataclasses import dataclass
from typing import Union

from .fields import Field
from .proto import Enum
from .text import (
    WIDTH,
    capital,
    columns,
    docstring,
    one_line,
    python_bytes,
    python_call,
    python_number,
    python_string,
    sentence,
    wrap,
)
from .words import default_words, range_words

SCALAR_TYPES = {
    "float": "float",
    "integer": "int",
    "bool": "bool",
    "string": "str",
    "bytes": "bytes",
}


def laid_out_field(name: str, kind: str) -> str:
    """A field of a class, laid out as the formatter does."""
    if "[" in kind:
        head, _, element = kind.removesuffix("]").partition("[")
        return python_call(4, f"{name}: {head}[", [element], "")
    line = f"    {name}: {kind}"
    return line if columns(line) <= WIDTH else python_call(4, f"{name}: (", [kind])


@dataclass(frozen=True)
class PythonField:
    """A field, and the enum that it has in the proto if it is one of labels."""

    field: Field
    enum: Union[Enum, None]

    @property
    def name(self) -> str:
        """The name, which is the same everywhere."""
        return self.field.name

    @property
    def string(self) -> str:
        """The name as a Python string."""
        return f'"{self.name}"'

    @property
    def is_text(self) -> bool:
        """Whether its elements are str or bytes."""
        return self.field.element.kind in ("string", "bytes")

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

    @property
    def python_type(self) -> str:
        """The type of one value that is not a tensor, as a caller gives or gets it."""
        if self.enum:
            return self.enum.type
        if self.field.kind == "image":
            return "bytes"
        return SCALAR_TYPES[self.field.element.kind]

    @property
    def dims(self) -> str:
        """The dims as a Python tuple."""
        dims = ", ".join(str(dim) for dim in self.field.dims)
        return f"({dims},)" if len(self.field.dims) == 1 else f"({dims})"

    @property
    def image_arguments(self) -> list[str]:
        """The channels of an image, and its size if it has one."""
        height, width, channels = self.field.dims
        arguments = [self.string, f"channels={channels}"]
        return arguments if height is None else [*arguments, f"size=({height}, {width})"]

    @property
    def default(self) -> str:
        """The default as Python."""
        value = self.field.default
        if isinstance(value, float) and math.isnan(value):
            return "np.nan"
        if isinstance(value, str):
            return (
                python_bytes(value) if self.field.element.kind == "bytes" else python_string(value)
            )
        return "None" if value is None else python_number(value)

    @property
    def kind(self) -> str:
        """Its kind: the class in engine/fields."""
        if self.field.kind == "tensor":
            return "VaryingTensor" if self.varies else "Tensor"
        if self.field.kind != "scalar":
            return {"enum": "Label", "image": "Image"}[self.field.kind]
        kinds = {"bool": "Flag", "string": "Text", "bytes": "Data"}
        return kinds.get(self.field.element.kind, "Number")

    @property
    def schema_line(self) -> str:
        """Its line in the table of fields."""
        arguments = [self.string]
        if self.enum:
            arguments += [self.enum.constant]
        elif self.field.kind == "image":
            arguments = self.image_arguments
        elif self.kind in ("Number", "Tensor", "VaryingTensor"):
            arguments += [self.python_type if self.is_text else self.dtype]
        if self.field.kind == "tensor":
            arguments += [self.dims]
        if self.field.low is not None:
            arguments += [f"low={python_number(self.field.low)}"]
        if self.field.high is not None:
            arguments += [f"high={python_number(self.field.high)}"]
        if self.field.default is not None:
            arguments += [f"default={self.default}"]
        if self.field.description:
            arguments += [f"about={python_string(sentence(self.field.description))}"]
        return python_call(8, f"{self.kind}(", arguments, ",")

    @property
    def elements(self) -> str:
        """What an array of the field holds, in words."""
        if self.enum:
            return f"int64, places in {self.enum.constant}"
        if self.is_text:
            return f"{self.python_type} objects"
        return self.field.element.dtype

    def shape(self, *first: str) -> str:
        """A shape in words, with the dims of one instance last."""
        dims = [*first, *("?" if dim is None else str(dim) for dim in self.field.dims)]
        return f"({dims[0]},)" if len(dims) == 1 else f"({', '.join(dims)})"

    @property
    def meaning(self) -> str:
        """The description and the range, as sentences."""
        limits = range_words(self.field)
        return " ".join(
            filter(None, (sentence(self.field.description), limits and f"{capital(limits)}."))
        )

    def entry(self, text: str, indent: int) -> str:
        """An entry of the Attributes or Args section of a docstring."""
        margin = " " * indent
        head = f"{self.name}: {docstring(one_line(text))}"
        first, *rest = wrap(head, margin).split("\n")
        return "\n".join([first, *(f"    {line}" for line in rest)])


@dataclass(frozen=True)
class InputField(PythonField):
    """A field of what the model takes."""

    # In schema.py

    @property
    def column_type(self) -> str:
        """The type of its column for the model."""
        return self.array_type

    @property
    def attribute_doc(self) -> str:
        """Its entry in the docstring of Inputs."""
        default = "" if self.field.required else f"{default_words(self.field)} where missing."
        text = f"{self.elements}, shape {self.shape('n')}. {self.meaning} {capital(default)}"
        return self.entry(text, 8)

    @property
    def value_type(self) -> str:
        """The type of one value, as a caller gives it."""
        return "ArrayLike" if self.field.kind == "tensor" else self.python_type

    @property
    def typed_key(self) -> str:
        """The key of the TypedDict Instance."""
        if self.field.required:
            return laid_out_field(self.name, self.value_type)
        return python_call(4, f"{self.name}: NotRequired[", [f"{self.value_type} | None"])

    @property
    def value_doc(self) -> str:
        """Its entry in the docstring of Instance."""
        form = ""
        if self.field.kind == "tensor":
            form = f"{capital(self.elements)} of shape {self.shape()}."
        elif self.field.kind == "image":
            form = self._image_form
        default = "" if self.field.required else f"{capital(default_words(self.field))} by default."
        text = " ".join(filter(None, (form, self.meaning, default)))
        return self.entry(text or f"A {self.python_type}.", 8)

    @property
    def _image_form(self) -> str:
        height, width, _ = self.field.dims
        size = "" if height is None else f" of {width} x {height} pixels"
        return f"The bytes of a PNG, JPEG or WebP file{size}."


@dataclass(frozen=True)
class OutputField(PythonField):
    """A field of what the model returns."""

    # In schema.py and model.py

    @property
    def column_type(self) -> str:
        """The type of its column from the model."""
        return f"Sequence[{self.array_type}]" if self.varies else self.array_type

    @property
    def attribute_doc(self) -> str:
        """Its entry in the docstring of Outputs."""
        if self.varies:
            form = f"n arrays of {self.elements}, shape {self.shape()}."
        else:
            form = f"{self.elements}, shape {self.shape('n')}."
        return self.entry(f"{form} {self.meaning}", 8)

    @property
    def placeholder_argument(self) -> str:
        """What the placeholder model answers."""
        dtype = "np.int64" if self.enum else self.dtype
        if self.varies:
            shape = ", ".join("1" if dim is None else str(dim) for dim in self.field.dims)
            shape = f"({shape},)" if len(self.field.dims) == 1 else f"({shape})"
            function, arguments = self._blank(shape, dtype)
            row = f"{function}{', '.join(arguments)}) for _ in range(n)"
            return python_call(12, f"{self.name}=[", [row], ",")
        dims = ", ".join(str(dim) for dim in self.field.dims)
        function, arguments = self._blank(f"(n, {dims})" if dims else "n", dtype)
        return python_call(12, f"{self.name}={function}", arguments, ",")

    def _blank(self, shape: str, dtype: str) -> tuple[str, list[str]]:
        if self.is_text:
            empty = 'b""' if self.field.element.kind == "bytes" else '""'
            return "np.full(", [shape, empty, dtype]
        return "np.zeros(", [shape, dtype]

    @property
    def result_type(self) -> str:
        """Its type in a Prediction."""
        return self.array_type if self.field.kind == "tensor" else self.python_type

    @property
    def result_line(self) -> str:
        """Its line in the body of Prediction."""
        return laid_out_field(self.name, self.result_type)

    @property
    def results_line(self) -> str:
        """Its line in the body of Predictions."""
        return laid_out_field(self.name, self.results_type)

    @property
    def results_type(self) -> str:
        """Its type in Predictions."""
        if self.field.kind == "tensor":
            return f"list[{self.array_type}]" if self.varies else self.array_type
        if self.enum or self.field.kind == "image" or self.is_text:
            return f"list[{self.python_type}]"
        return self.array_type

    @property
    def result_doc(self) -> str:
        """Its entry in the docstring of Prediction."""
        return self.entry(self._result_doc(), 8)

    @property
    def results_doc(self) -> str:
        """Its entry in the docstring of Predictions."""
        if self.varies and self.field.kind == "tensor":
            return self.entry(self._result_doc("n arrays of ", "shape "), 8)
        return self.entry(self._result_doc(many=True), 8)

    def _result_doc(self, prefix: str = "", shape: str = "shape ", many: bool = False) -> str:
        form = ""
        if self.field.kind == "tensor":
            dims = self.shape("n") if many else self.shape()
            form = f"{prefix}{self.elements}, {shape}{dims}."
        elif self.field.kind == "image":
            form = "PNG file."
        text = " ".join(filter(None, (form, sentence(self.field.description))))
        return text or ("The label." if self.enum else f"{self.elements}.")
