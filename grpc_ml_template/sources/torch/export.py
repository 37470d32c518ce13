"""Models of PyTorch, as ``torch.export.save`` writes them: ``.pt2``.

The facts of such a model::

    {
        "loader": "export",           # or "jit": see torchscript
        "takes": "batch",             # as for ONNX: "batch", "fixed" or "whole"
        "at_most": 64,                # how many rows a call may have; null if any number
        "arguments": {"tuple": [      # how tensors are nested in a call: positional, named ones
            {"tuple": [{"input": "x"}, {"constant": 3}]}, {"dict": {}}
        ]},
        "inputs": [{"name": "x", "dtype": "float32", "cast": null, "axis": 0, "is_column": false,
                    "rank": 2}],
        "outputs": [{"name": "scores", "path": ["scores"], "cast": null, "axis": 0,
                     "is_column": false, "rank": 2, "form": "tensor", "labels": null}]
    }

Loading one may run code of its own, and so needs trust: ``torch.export.load`` evaluates the
expressions in its shapes with SymPy, which uses ``eval``, and unpickles its sample inputs.
"""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from ...language.parser import MOST_FIELDS
from ...language.rules import MOST_DIMS, MOST_ELEMENTS
from ..common.opening import SourceError
from ..common.signature import ModelFile, Part, Runtime, Signature
from .program import AGAIN, Dim, Program, Tensor, read_program

Takes = Literal["batch", "fixed", "whole"]
VERSION = re.compile(r"(2)\.(\d{1,3})\.")
# The first that writes these files as they are now.
OLDEST = (2, 9)
SIZE = (
    "On Linux, PyTorch from PyPI brings CUDA along, which is gigabytes. With uv, "
    "UV_TORCH_BACKEND=cpu in the environment installs the small build from download.pytorch.org "
    "in its place."
)


def read(path: Path) -> Signature:
    """Read a program of PyTorch.

    Raises:
        SourceError: If it is none, or one that cannot be served.
    """
    try:
        program = read_program(path)
        return _signature(program, ModelFile(path, "model.pt2"))
    except (KeyError, ValueError, StopIteration, TypeError, RecursionError):
        raise SourceError("it is no whole program of PyTorch", AGAIN) from None


def _signature(program: Program, file: ModelFile) -> Signature:
    _check(program)
    takes, symbol = _takes(program.inputs)
    low, high = program.spans.get(symbol or "", (0, None))
    # PyTorch writes 2 for what it has not seen run with fewer, and runs it with fewer.
    if low > 2:
        raise SourceError(
            f"it takes {low} instances at once at least",
            "export it with Dim('batch'), without min",
        )
    names = _output_names(program.outputs)
    inputs = [_placed(each, takes, symbol) for each in program.inputs]
    outputs = [_placed(each, takes, symbol) for each in program.outputs]
    facts = {
        "loader": "export",
        "takes": takes,
        "at_most": high if takes == "batch" else None,
        "arguments": program.arguments,
        "inputs": [
            {"name": tensor.name} | fact
            for tensor, (_, fact) in zip(program.inputs, inputs, strict=True)
        ],
        "outputs": [
            {"name": name, "path": [*tensor.path], "form": "tensor", "labels": None} | fact
            for name, tensor, (_, fact) in zip(names, program.outputs, outputs, strict=True)
        ],
    }
    return Signature(
        inputs=tuple(
            _part(tensor.name, tensor, dims, program, symbol)
            for tensor, (dims, _) in zip(program.inputs, inputs, strict=True)
        ),
        outputs=tuple(
            _part(name, tensor, dims, program, symbol)
            for name, tensor, (dims, _) in zip(names, program.outputs, outputs, strict=True)
        ),
        runtime=Runtime("torch", facts, _packages(program), (file,), needs_trust=True),
        notes=tuple(_notes(program, takes)),
    )


def _check(program: Program) -> None:
    if not program.inputs:
        raise SourceError("it takes no tensors", "export the model with the inputs that vary")
    if not program.outputs:
        raise SourceError("it returns no tensors", "export a model that returns what it predicts")
    for tensors in (program.inputs, program.outputs):
        if len(tensors) > MOST_FIELDS:
            raise SourceError(f"it has more than {MOST_FIELDS} tensors", "join them in the model")
    for tensor in (*program.inputs, *program.outputs):
        sizes = [dim if isinstance(dim, int) else 1 for dim in tensor.dims]
        name = ascii(tensor.name[:60])
        if min(sizes, default=1) < 1:
            raise SourceError(
                f"the shape of {name} has a 0 in it", "export it with sizes from 1 on"
            )
        if len(sizes) > MOST_DIMS or math.prod(sizes) > MOST_ELEMENTS:
            raise SourceError(
                f"{name} has more than {MOST_DIMS} axes or {MOST_ELEMENTS} elements",
                "reduce it in the model",
            )


def _takes(inputs: Sequence[Tensor]) -> tuple[Takes, str | None]:
    """How the instances are given, and the symbol of how many there are.

    That is the first dim of an input, and it is in each of the others or that has no symbols: one
    value for all instances. Sizes that have to be equal share a symbol, so this is exact.
    """
    ranked = [tensor.dims for tensor in inputs if tensor.dims]
    for dims in ranked:
        symbol = dims[0]
        if isinstance(symbol, str) and all(_may_share(symbol, other) for other in ranked):
            return "batch", symbol
    if ranked and all(dims[0] == 1 for dims in ranked):
        return "fixed", None
    return "whole", None


def _may_share(symbol: str, dims: tuple[Dim, ...]) -> bool:
    return dims.count(symbol) == 1 or all(isinstance(dim, int) for dim in dims)


def _placed(
    tensor: Tensor, takes: Takes, symbol: str | None
) -> tuple[tuple[int | None, ...], dict[str, Any]]:
    """The dims of one instance, and what the page has to know of a tensor."""
    axis = None
    if takes == "batch" and symbol and tensor.dims.count(symbol) == 1:
        axis = tensor.dims.index(symbol)
    elif takes == "fixed" and tensor.dims[:1] == (1,):
        axis = 0
    sizes = [dim if isinstance(dim, int) else None for dim in tensor.dims]
    dims = tuple(size for place, size in enumerate(sizes) if place != axis)
    is_half = tensor.dtype == "bfloat16"
    return dims, {
        "dtype": "float32" if is_half else tensor.dtype,
        "cast": tensor.dtype if is_half else None,
        "axis": axis,
        "is_column": axis is not None and len(tensor.dims) == 2 and dims == (1,),
        "rank": len(tensor.dims),
    }


def _part(
    name: str,
    tensor: Tensor,
    dims: tuple[int | None, ...],
    program: Program,
    symbol: str | None,
) -> Part:
    is_one = not dims or (dims == (1,) and len(tensor.dims) == 2)
    symbols = [dim for dim in tensor.dims if isinstance(dim, str) and dim != symbol]
    ends = [program.spans[dim][1] for dim in symbols if dim in program.spans]
    longest = [end for end in ends if end is not None]
    about = f"Its sizes go up to {max(longest)}" if longest else ""
    return Part(name, tensor.type, None if is_one else dims, about=about)


def _output_names(outputs: Sequence[Tensor]) -> list[str]:
    """What the outputs are called: by the keys that lead to them."""
    if len(outputs) == 1 and not any(isinstance(key, str) for key in outputs[0].path):
        return ["output"]
    paths = [[*map(str, tensor.path)] for tensor in outputs]
    return [
        "_".join(path if isinstance(tensor.path[0], str) else ["output", *path])
        for tensor, path in zip(outputs, paths, strict=True)
    ]


def _packages(program: Program) -> tuple[str, ...]:
    """PyTorch, of the version that has written the program or a later one."""
    found = VERSION.match(program.version)
    version = max(OLDEST, (int(found[1]), int(found[2]))) if found else OLDEST
    return (f"torch>={version[0]}.{version[1]}",)


def _notes(program: Program, takes: Takes) -> list[str]:
    notes = [SIZE]
    if takes == "whole":
        notes.append(
            "It takes one instance a call, since its shapes leave no place for more. If the first "
            "size is the batch's, export it with dynamic_shapes={'x': {0: Dim('batch')}}."
        )
    if takes == "fixed":
        notes.append("It takes one instance a call: its first size is 1.")
    if program.others:
        notes.append(f"{program.others} of its answers are no tensors, and are left out.")
    return notes
