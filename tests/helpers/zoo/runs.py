"""Tells whether onnxruntime by itself loads and runs a model, with numbers that are made up.

python tests/helpers/zoo/runs.py FILE prints nothing if it does, or else why not.
"""

import re
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

# The sizes to try for what the file leaves open, and what to try as numbers: some, zeros, ones.
SIZES = (1, 4, 64, 512)
NUMBERS = (None, 0, 1)


def main(path: Path) -> None:
    """Load a model and run it until it has answered once."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(path, options)
    except Exception as error:  # It has many of its own.
        sys.exit(f"does not load: {in_line(error)}")
    reason = "it has no inputs"
    for feeds in made_up(session):
        try:
            session.run(None, feeds)
            return
        except Exception as error:
            reason = in_line(error)
    sys.exit(f"refuses what is made up: {reason}")


def made_up(session: onnxruntime.InferenceSession) -> Iterator[dict[str, Any]]:
    """Yield tensors for all inputs, of other sizes and numbers each time."""
    for size, number in product(SIZES, NUMBERS):
        draw = np.random.default_rng(7)
        feeds = {}
        for each in session.get_inputs():
            shape = [dim if isinstance(dim, int) else size for dim in each.shape]
            numbers = draw.integers(0, 4, shape) if number is None else np.full(shape, number)
            feeds[each.name] = numbers.astype(dtype_of(each.type))
        yield feeds


def dtype_of(type_: str) -> str:
    """The dtype of what onnxruntime calls ``tensor(float)``."""
    name = type_.removeprefix("tensor(").removesuffix(")")
    return {"float": "float32", "double": "float64", "string": "object"}.get(name, name)


def in_line(error: Exception) -> str:
    """An error on one line, without the name and number of its sort, and the model's path."""
    line = " ".join(str(error).split()).rpartition(" : ")[2]
    return re.sub(r"^Load model from \S+ failed:", "", line)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
