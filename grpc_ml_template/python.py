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

    # In schema.py and decode.py

    @property
    def kind(self) -> str:
        """The class in decode.py."""
        if self.field.kind == "tensor":
            return "VariableTensor" if self.varies else "Tensor"
        return {"scalar": "Scalar", "enum": "Label", "image": "Image"}[self.field.kind]

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
    def schema_line(self) -> str:
        """Its line in INPUTS."""
        arguments = [self.string]
        if self.enum:
            arguments += [self.enum.constant]
        elif self.field.kind == "image":
            arguments = self.image_arguments
        else:
            arguments += [self.dtype]
        if self.field.kind == "tensor":
            arguments += [self.dims]
        if self.field.low is not None:
            arguments += [f"low={python_number(self.field.low)}"]
        if self.field.high is not None:
            arguments += [f"high={python_number(self.field.high)}"]
        if self.field.default is not None:
            arguments += [f"default={self.default}"]
        return python_call(4, f"decode.{self.kind}(", arguments, ",")

    @property
    def sample_argument(self) -> str:
        """Its line in what the model is warmed up with."""
        if self.enum:
            return f"        {self.name}=np.zeros(1, np.int64),"
        element = self.field.element
        size = "32" if self.field.kind == "image" else "1"
        dims = [size if dim is None else str(dim) for dim in self.field.dims]
        shape = f"({', '.join(['1', *dims])})" if dims else "1"
        if self.is_text:
            empty = 'b""' if element.kind == "bytes" else '""'
            return python_call(8, f"{self.name}=np.full(", [shape, empty, self.dtype], ",")
        low, high = self.field.low, self.field.high
        value = low if low is not None and low > 0 else high if high is not None and high < 0 else 0
        if not value:
            return python_call(8, f"{self.name}=np.zeros(", [shape, self.dtype], ",")
        return python_call(
            8, f"{self.name}=np.full(", [shape, python_number(value), self.dtype], ","
        )

    # In client.py and messages.py

    @property
    def value_type(self) -> str:
        """The type of one value, as a caller gives it."""
        return "ArrayLike" if self.field.kind == "tensor" else self.python_type

    @property
    def parameter(self) -> str:
        """The parameter of ``predict``."""
        if self.field.required:
            return f"{self.name}: {self.value_type}"
        line = f"{self.name}: {self.value_type} | None = None"
        if columns(f"        {line},") <= WIDTH:
            return line
        return line.replace(" | None", "\n        | None")

    @property
    def typed_key(self) -> str:
        """The key of the TypedDict Instance."""
        if self.field.required:
            return laid_out_field(self.name, self.value_type)
        return python_call(4, f"{self.name}: NotRequired[", [f"{self.value_type} | None"])

    @property
    def argument_doc(self) -> str:
        """Its entry in the docstring of ``predict``."""
        form = ""
        if self.field.kind == "tensor":
            form = f"{capital(self.elements)} of shape {self.shape()}."
        elif self.field.kind == "image":
            form = self._image_form
        default = "" if self.field.required else f"{capital(default_words(self.field))} by default."
        text = " ".join(filter(None, (form, self.meaning, default)))
        return self.entry(text or f"A {self.python_type}.", 12)

    @property
    def _image_form(self) -> str:
        height, width, _ = self.field.dims
        size = "" if height is None else f" of {width} x {height} pixels"
        return f"The bytes of a PNG, JPEG or WebP file{size}."

    @property
    def is_array(self) -> bool:
        """Whether the client sets it from an array."""
        return self.field.kind == "tensor"

    @property
    def instance_argument(self) -> str:
        """How ``to_instance`` sets a field that is no array."""
        value = f"instance.get({self.string})"
        if self.enum:
            arguments = [f'"instance.{self.name}"', value, self.enum.constant]
            return python_call(8, f"{self.name}=to_number(", arguments, ",")
        return python_call(8, f"{self.name}=instance.get(", [self.string], ",")

    @property
    def instance_statement(self) -> str:
        """How ``to_instance`` sets an array."""
        function = "add_shaped_tensor" if self.is_ragged else "add_tensor"
        value = f"instance.get({self.string})"
        arguments = ["message", self.string, value, self.client_dtype, self.dims]
        return python_call(4, f"{function}(", arguments)

    @property
    def columns_statement(self) -> str:
        """How ``to_columns`` sets the column."""
        arguments = ["message", "columns", self.string]
        if self.enum:
            return python_call(4, "add_labels(", [*arguments, self.enum.constant])
        if self.field.kind == "tensor":
            function = "add_variable_tensors(" if self.varies else "add_tensors("
            return python_call(4, function, [*arguments, self.client_dtype, self.dims])
        is_float = self.field.element.kind == "float"
        return python_call(4, "add_floats(" if is_float else "add_values(", arguments)

    @property
    def default_line(self) -> str:
        """Its line in DEFAULTS."""
        if self.field.kind != "tensor":
            return f"    {self.string}: {self.default},"
        if self.is_text:
            arguments = [self.dims, self.default, "np.object_"]
            return python_call(4, f"{self.string}: np.full(", arguments, ",")
        return python_call(4, f"{self.string}: np.broadcast_to(", [self.default, self.dims], ",")

    @property
    def client_dtype(self) -> str:
        """The dtype that the client gives an array, or the Python type of its texts."""
        return self.python_type if self.is_text else self.dtype

    @property
    def client_kinds(self) -> set[str]:
        """Which helpers of messages.py it needs."""
        if self.is_ragged:
            return {"ragged"}
        if self.field.kind == "tensor":
            return {"variable" if self.varies else "tensor"}
        if self.field.kind == "scalar":
            return {self.field.element.kind}
        return {self.field.kind}

    # In cli.py

    @property
    def option_type(self) -> str:
        """The type of its option on the command line."""
        if self.field.kind == "tensor":
            return "str"
        return "Path" if self.python_type == "bytes" else self.python_type

    @property
    def option_parameter(self) -> str:
        """Its parameter of the command ``predict``; no other name there ends like it."""
        return f"{self.name}_"

    @property
    def _flags(self) -> str:
        flag = self.name.replace("_", "-")
        return f'"--{flag}/--no-{flag}"' if self.option_type == "bool" else f'"--{flag}"'

    @property
    def option(self) -> str:
        """Its parameter of the command ``predict``, with what typer is told of it."""
        option = [self._flags, *(f"{end}={python_number(bound)}" for end, bound in self._bounds)]
        if self.field.kind == "tensor":
            option += ['metavar="JSON"']
        option += [f"help={python_string(self._help)}"]
        head, kind = f"{self.option_parameter}: Annotated[", f"{self.option_type} | None"
        call = f"typer.Option({', '.join(option)})"
        flat = python_call(4, head, [kind, call], " = None,")
        if flat.count("\n") < 3:
            return flat
        call = python_call(8, "typer.Option(", option, ",")
        return f"    {head}\n        {kind},\n{call}\n    ] = None,"

    @property
    def _bounds(self) -> list[tuple[str, Union[int, float]]]:
        if self.field.kind != "scalar" or self.field.allows_nan:
            return []  # The command line would refuse nan, as no number of the range.
        ends = (("min", self.field.low), ("max", self.field.high))
        return [(end, bound) for end, bound in ends if bound is not None]

    @property
    def _help(self) -> str:
        form = ""
        if self.field.kind == "tensor":
            form = f"A JSON array of shape {self.shape()}."
        elif self.field.kind == "image":
            form = self._image_form.replace("The bytes of a", "A")
        elif self.field.element.kind == "bytes":
            form = "A file."
        meaning = sentence(self.field.description)
        if self.field.kind == "tensor":
            meaning = self.meaning
        default = "" if self.field.required else f"Default: {default_words(self.field)}."
        return " ".join(filter(None, (meaning, form, default or "Required.")))

    @property
    def option_parser(self) -> str:
        """What reads the value of its option, if it is more than a word or a number."""
        if self.field.kind == "tensor":
            return self.cell_parser
        return "Path.read_bytes" if self.option_type == "Path" else ""

    @property
    def cell_parser(self) -> str:
        """What reads its cells in a CSV file."""
        if self.field.kind == "tensor":
            return "read_binary" if self.python_type == "bytes" else "json.loads"
        if self.field.kind == "image":
            return "read_file"
        if self.enum:
            return "str"
        kinds = {"bytes": "base64.b64decode", "bool": "to_bool"}
        return kinds.get(self.python_type, self.python_type)


@dataclass(frozen=True)
class OutputField(PythonField):
    """A field of what the model returns."""

    # In schema.py, encode.py and model.py

    @property
    def kind(self) -> str:
        """The class in encode.py."""
        if self.field.kind == "tensor":
            return "VariableTensor" if self.varies else "Tensor"
        return {"scalar": "Scalar", "enum": "Label", "image": "Image"}[self.field.kind]

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
    def schema_line(self) -> str:
        """Its line in OUTPUTS."""
        if self.enum:
            arguments = [self.string, self.enum.constant]
        elif self.field.kind == "image":
            arguments = self.image_arguments
        else:
            arguments = [self.string, self.python_type if self.is_text else self.dtype]
        if self.field.kind == "tensor":
            arguments += [self.dims]
        return python_call(4, f"encode.{self.kind}(", arguments, ",")

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

    # In messages.py

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

    @property
    def prediction_argument(self) -> str:
        """How ``to_prediction`` reads it."""
        path, value = f'"prediction.{self.name}"', f"message.{self.name}"
        if self.enum:
            return python_call(8, f"{self.name}=to_label(", [path, value, self.enum.constant], ",")
        if self.field.kind != "tensor":
            return f"        {self.name}={value},"
        function = "from_tensor(" if self.is_ragged else "from_values("
        arguments = [path, value, self.dtype, self._known_dims()]
        return python_call(8, f"{self.name}={function}", arguments, ",")

    def _known_dims(self, *first: int) -> str:
        dims = [*first, *(-1 if dim is None else dim for dim in self.field.dims)]
        text = ", ".join(map(str, dims))
        return f"({text},)" if len(dims) == 1 else f"({text})"

    @property
    def predictions_argument(self) -> str:
        """How ``to_predictions`` reads the column."""
        path, value = f'"predictions.{self.name}"', f"message.{self.name}"
        if self.enum:
            return python_call(8, f"{self.name}=to_labels(", [path, value, self.enum.constant], ",")
        if self.field.kind == "image" or (self.is_text and self.field.kind == "scalar"):
            return python_call(8, f"{self.name}=list(", [value], ",")
        if self.field.kind == "scalar":
            arguments = [path, value, self.dtype, "(-1,)"]
            return python_call(8, f"{self.name}=from_values(", arguments, ",")
        function, dims = "from_values(", self._known_dims(-1)
        if self.varies:
            function, dims = "from_tensors(", self._known_dims()
        return python_call(8, f"{self.name}={function}", [path, value, self.dtype, dims], ",")

    @property
    def client_kinds(self) -> set[str]:
        """Which helpers of messages.py it needs."""
        if self.enum:
            return {"enum"}
        if self.field.kind == "tensor":
            if self.is_ragged:
                return {"values", "shaped", "tensors"}
            return {"values", "shaped", "tensors"} if self.varies else {"values"}
        return {"scalar"} if self.is_text or self.field.kind == "image" else {"values"}
