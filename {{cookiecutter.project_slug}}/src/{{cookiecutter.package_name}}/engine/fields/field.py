"""What every kind of field can do."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .values import is_missing
from .violations import InvalidError, Violation

# Rows of one shape are one array; rows whose shapes may differ are an array each.
Column = NDArray[Any] | list[NDArray[Any]]
Dims = tuple[int | None, ...]
# Dims that are shown of a shape, which may come from a caller. NumPy has no more.
MOST_DIMS = 64


class Option(NamedTuple):
    """How the command line asks for a field.

    Attributes:
        type: What it takes, as Python's type.
        form: How it is written, as a sentence, where the type does not tell.
        low, high: The least and the largest value that it takes.
        metavar: What stands for a value in the help, if not the type.
    """

    type: Any
    form: str | None = None
    low: float | None = None
    high: float | None = None
    metavar: str | None = None


class Field(ABC):
    """A field of the schema: of messages, and a column of the model's batches.

    Args:
        name: The name, which is the same everywhere.
        default: What it is where it is missing; None if it is required.
        about: What it is, as a sentence.
        alias: What it was called before it got its name, which callers may give it in data, too.

    Attributes:
        optional: Whether it may be missing.
        input_bytes: What a row of an input takes up in memory beside its bytes on the wire, if all
            rows take the same.
        output_bytes: The same of an output, in a column and in a message.
        elements: What its arrays hold, in words.
        dtype: That of its columns.
        dims: The shape of one value, with None for what varies; empty if it is no array.
        low, high: The least and the largest that its numbers may be, if the schema says so.
        text_type: str or bytes, if its elements are texts.
    """

    # Whether the shape differs from instance to instance.
    varies: bool = False
    # Whether it may take long to make a column of it.
    decodes: bool = False
    input_bytes: int
    output_bytes: int
    elements: str
    dtype: np.dtype[Any]
    dims: Dims = ()
    low: float | None = None
    high: float | None = None
    text_type: type | None = None
    # What its value is in a message, if that always takes the same bytes; else there is none.
    wire: np.dtype[Any] | None = None

    def __init__(self, name: str, *, default: Any = None, about: str = "", alias: str = "") -> None:
        self.name = name
        self.default = default
        self.optional = default is not None
        self.about = about
        self.alias = alias
        self.value = attrgetter(name)

    @property
    def original(self) -> str:
        """What it is called where the model was made."""
        return self.alias or self.name

    # A server's inputs: from messages to columns

    @abstractmethod
    def check(self, instance: Any) -> Violation | None:
        """Return what is wrong with the field in one instance, or None."""

    @abstractmethod
    def gather(self, instances: Sequence[Any]) -> NDArray[Any]:
        """Return the field of checked instances as a column; they all have one shape."""

    def column_of(self, instance: Any) -> NDArray[Any]:
        """Return the field of an instance as a column of one row.

        Raises:
            InvalidError: If it is wrong.
        """
        if violation := self.check(instance):
            raise InvalidError([violation])
        return self.gather([instance])

    def from_wire(self, values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return the values of many messages as a column, and for each whether it is right."""
        raise NotImplementedError

    def to_wire(self, column: NDArray[Any]) -> NDArray[Any]:
        """Return a column as the values of messages."""
        raise NotImplementedError

    def rows(self, columns: Any) -> int:
        """Return how many rows a message of columns has for the field."""
        return len(self.value(columns))

    @abstractmethod
    def read(self, columns: Any, rows: int) -> Column:
        """Return the field's column of a message of columns.

        Raises:
            InvalidError: If a row is wrong.
        """

    def shape(self, instance: Any) -> tuple[int, ...]:
        """Return the shape of a checked instance's, if it varies."""
        return ()

    def more_bytes(self, instance: Any) -> int:
        """Return what a checked instance takes up in memory beside input_bytes."""
        return 0

    def more_column_bytes(self, columns: Any) -> int:
        """Return what a message of columns takes up in memory beside input_bytes a row."""
        return 0

    @abstractmethod
    def sample(self) -> NDArray[Any]:
        """Return a column with one row that is made up."""

    # A server's outputs: from columns to messages

    @abstractmethod
    def fit(self, column: Any, rows: int) -> Column:
        """Return the model's column with the right dtype.

        Raises:
            InvalidOutputError: If it does not fit.
        """

    @abstractmethod
    def write(self, predictions: Sequence[Any], column: Any) -> None:
        """Set the field of one Prediction message a row."""

    def kept(self, column: Any) -> Any:
        """Return a column as it is kept until it is appended, where that takes less memory."""
        return column

    @abstractmethod
    def append(self, columns: Any, column: Any) -> None:
        """Append a column that was kept to a PredictionColumns message."""

    # A client's inputs: from values to messages

    def is_missing(self, value: Any) -> bool:
        """Tell whether a caller has left a value out, as nan means it where it is no number."""
        return is_missing(value, nan=self.dtype.kind != "f")

    @abstractmethod
    def pack(self, instance: Any, value: Any) -> None:
        """Set the field of an Instance message, unless the value is missing.

        Raises:
            InvalidError: If it cannot be.
        """

    @abstractmethod
    def pack_column(self, columns: Any, values: Any) -> None:
        """Set the field of an InstanceColumns message.

        Raises:
            InvalidError: If it cannot be.
        """

    # A client's outputs: from messages to values

    @abstractmethod
    def unpack(self, prediction: Any) -> Any:
        """Return the value in a Prediction message.

        Raises:
            InvalidError: If it does not fit the schema of this client.
        """

    @abstractmethod
    def unpack_column(self, columns: Any) -> Any:
        """Return the values in a PredictionColumns message.

        Raises:
            InvalidError: If they do not fit the schema of this client.
        """

    # The command line: from texts to values

    @property
    @abstractmethod
    def option(self) -> Option:
        """How the command line asks for it."""

    def from_option(self, value: Any) -> Any:
        """Return the value that an option stands for."""
        return value

    def from_cell(self, text: str) -> Any:
        """Return the value that a cell of a CSV file stands for; None if it is missing.

        Raises:
            ValueError, OSError: If it stands for none.
        """
        text = text.strip()
        return self.parse(text) if text else None

    @abstractmethod
    def parse(self, text: str) -> Any:
        """Return the value that a text stands for; raise ValueError if there is none."""

    def from_json(self, value: Any) -> Any:
        """Return the value that JSON has a form of its own for."""
        return value

    @property
    def help(self) -> str:
        """What the command line says of it."""
        need = f"Default: {in_words(self.default)}." if self.optional else "Required."
        return " ".join(filter(None, (self.about, self.option.form, need)))


def in_words(value: Any) -> str:
    """Return a default as the schema has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return value.decode() or "empty"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value) or "empty"


def shape_text(dims: Sequence[int | None]) -> str:
    """Return dims as one reads them: ``3 x ?``."""
    shown = ["?" if dim is None else str(dim) for dim in dims[:MOST_DIMS]]
    more = f" and {len(dims) - MOST_DIMS} more dims" if len(dims) > MOST_DIMS else ""
    return " x ".join(shown) + more


def fits(shape: Sequence[int], dims: Dims) -> bool:
    """Tell whether a shape has the dims that are known."""
    return len(shape) == len(dims) and all(
        dim in (None, size) for dim, size in zip(dims, shape, strict=True)
    )


def array_form(dims: Dims, limits: str) -> str:
    """Say how an array of these dims, with numbers in these limits, is written."""
    sizes = ", ".join("?" if dim is None else str(dim) for dim in dims)
    shape = f"({sizes},)" if len(dims) == 1 else f"({sizes})"
    return " ".join(filter(None, (limits, f"A JSON array of shape {shape}.")))
