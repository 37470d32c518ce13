"""What the name, the type and the sizes of a field must keep to."""

import difflib
import keyword
import math
import re
from collections.abc import Mapping

from .errors import quoted, shown
from .fields import SCALARS
from .scanner import SchemaError
from .spelling import LONGEST_FIELD, snake

MOST_ELEMENTS = 2**27
MOST_DIMS = 8
LONGEST_SIZE = 20

FIELD_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# What people coming from other systems write.
OTHER_NAMES = {
    "array": "float[?]",
    "boolean": "bool",
    "byte": "bytes",
    "category": "enum",
    "half": "float16",
    "int": "int64",
    "integer": "int64",
    "list": "float[?]",
    "number": "double",
    "object": "string",
    "str": "string",
    "tensor": "float[?]",
    "text": "string",
    "uint": "uint64",
}
EXAMPLES = {"enum": "enum(low, high)", "image": "image[224,224,3]"}


def check_name(name: str, taken: Mapping[str, str]) -> None:
    """Refuse a field name that some file of the project could not use; `taken` says why not."""
    if not FIELD_NAME.fullmatch(name):
        raise SchemaError(
            f"{quoted(name)} is not a lower_snake_case name",
            f'write it like "{shown(_suggested_name(name))}: float"',
        )
    if len(name) > LONGEST_FIELD:
        raise SchemaError(
            f"{quoted(name)} is longer than {LONGEST_FIELD} characters",
            'write a shorter name, like "age: float"',
        )
    owner = "is a Python keyword" if keyword.iskeyword(name) else taken.get(name)
    if owner:
        raise SchemaError(f"{quoted(name)} {owner}", f'choose another, like "{name}_value: float"')


def _suggested_name(name: str) -> str:
    suggested = re.sub(r"^[^a-z]+", "", snake(name))
    return suggested[:40].rstrip("_") or "age"


def unknown_type(name: str, word: str) -> SchemaError:
    """The fault of a type that does not exist, with the nearest one that does."""
    known = [*SCALARS, "enum", "image"]
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.5)
    best = OTHER_NAMES.get(word.lower()) or (near[0] if near else "float")
    return SchemaError(
        f"{quoted(word)} is not a type",
        f'write one of {", ".join(known)}, like "{name}: {EXAMPLES.get(best, best)}"',
    )


def read_dims(held: str, example: str) -> tuple[int | None, ...]:
    """The sizes in the brackets of a tensor; empty brackets mean one unknown size."""
    if not held.strip():
        return (None,)
    dims = tuple(_dim(part.strip(), example) for part in held.split(","))
    if len(dims) > MOST_DIMS:
        raise SchemaError(
            f"{len(dims)} sizes are more than {MOST_DIMS}", f'write fewer, like "{example}"'
        )
    if math.prod(dim or 1 for dim in dims) > MOST_ELEMENTS:
        raise SchemaError(
            f"it holds more than {MOST_ELEMENTS} elements", f'write smaller sizes, like "{example}"'
        )
    return dims


def _dim(text: str, example: str) -> int | None:
    if text == "?":
        return None
    size = int(text) if re.fullmatch(r"[0-9]+", text) and len(text) <= LONGEST_SIZE else 0
    if size < 1:
        raise SchemaError(
            f"{quoted(text)} is not a size",
            f'write whole numbers of at least 1, or ? for any size, like "{example}"',
        )
    return size
