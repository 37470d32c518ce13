"""What callers give as values, and what is missing among them."""

import base64
import json
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Set, Sized
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from .violations import InvalidError, Violation, raise_faults

# An error tells of no more wrong values of a column than this.
MOST_WRONG_ROWS = 20
# What protobuf raises when a value is of another type than a field, or out of its range.
UNFIT = (TypeError, ValueError, OverflowError)
# Bytes that a message may have, unless a client says otherwise.
LARGEST_MESSAGE = 64 * 1024 * 1024


def is_missing(value: Any, *, nan: bool = False) -> bool:
    """Tell whether a value is left out: None, or pandas' NA, told by name to do without pandas.

    Args:
        nan: Whether nan is no value either. pandas has it for all that is missing.
    """
    if value is None or type(value).__name__ == "NAType":
        return True
    return nan and isinstance(value, float) and value != value


def whole(value: Any) -> Any:
    """Return whole floats as integers: data frames make floats of integers that have a gap."""
    return int(value) if isinstance(value, float | np.floating) and value.is_integer() else value


def misfit(message: Any, name: str, value: Any) -> str:
    """Say of which type a field of a message is, and what it got instead."""
    kind = message.DESCRIPTOR.fields_by_name[name].type
    expected = FieldDescriptorProto.Type.Name(kind).removeprefix("TYPE_").lower()
    return f"expected {expected}, got {reprlib.repr(value)}"


def put(message: Any, name: str, value: Any) -> None:
    """Set a field of a message.

    Raises:
        InvalidError: If the value is of another type.
    """
    try:
        setattr(message, name, value)
    except UNFIT:
        try:
            setattr(message, name, whole(value))
        except UNFIT:
            raise InvalidError([Violation(name, misfit(message, name, value))]) from None


def put_all(
    message: Any, name: str, values: Iterable[Any], is_missing: Callable[[Any], bool]
) -> None:
    """Append values to a repeated field of a message.

    Raises:
        InvalidError: Naming those that are missing or of another type.
    """
    column, every = getattr(message, name), list(values)
    try:
        column.extend(every)
    except UNFIT:
        del column[:]
        faults = (
            (row, "required" if is_missing(value) else misfit(message, name, value))
            for row, value in put_each(message, name, every)
        )
        raise_faults(name, islice(faults, MOST_WRONG_ROWS))


def put_each(message: Any, name: str, values: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    """Append values to a repeated field one by one; yield those that it does not take."""
    column = getattr(message, name)
    for row, value in enumerate(values):
        try:
            column.append(whole(value))
        except UNFIT:
            yield row, value


def is_array_of_numbers(values: Any, *, nan: bool = True) -> bool:
    """Tell whether a column is an array of numbers without gaps.

    NumPy makes nan of the gaps that columns of other libraries have.

    Args:
        nan: Whether nan is a number, too.
    """
    if not hasattr(values, "__array__"):
        return False
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        return False
    return (nan and isinstance(values.dtype, np.dtype)) or not np.isnan(array).any()


def refuse_no_column(name: str, values: Any) -> None:
    """Raise an error if values are not several in an order."""
    no_rows = isinstance(values, str | bytes | Mapping | Set) or not isinstance(values, Sized)
    if no_rows or getattr(values, "shape", None) == ():
        raise InvalidError([Violation(name, f"expected a column, got {reprlib.repr(values)}")])


def refuse_wide(name: str, values: Any) -> None:
    """Raise an error if the rows of a column are arrays."""
    shape = getattr(values, "shape", ())
    if len(shape) > 1:
        sizes = " x ".join(map(str, shape))
        fault = f"expected one value a row, got a column of shape {sizes}"
        raise InvalidError([Violation(name, fault)])


def read_file(path: Path) -> bytes:
    """Return what is in a file; raise ValueError if it is larger than any message."""
    with path.open("rb") as file:
        content = file.read(LARGEST_MESSAGE + 1)
    if len(content) > LARGEST_MESSAGE:
        most = f"{LARGEST_MESSAGE:,} bytes, as many as a message may have"
        raise ValueError(f"{path} has more than {most}")
    return content


def from_base64(value: Any) -> Any:
    """Return the bytes in Base64 as JSON holds them, or those in lists of them."""
    if isinstance(value, list):
        return [from_base64(each) for each in value]
    return base64.b64decode(value, validate=True)


def parse_array(text: str, dims: int) -> Any:
    """Return an array of so many dims that is written as JSON; raise ValueError if it is none."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list):
        like = f"{'[' * dims}1, 2{']' * dims}"
        raise ValueError(f"expected a JSON array, like {like}, got {reprlib.repr(text)}")
    return found
