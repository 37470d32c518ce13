"""Models of PyTorch in TorchScript, as ``torch.jit.save`` writes them: ``.pt``.

Such a file has the code of the model, and with it the names of what it takes, but no shapes: the
types of all fields have to be answered. The facts are those of ``torch_export``, where ``loader``
is ``jit``, and a ``dtype`` and a ``rank`` are null.

Loading one needs trust: it has a pickle and code, which PyTorch's own interpreter runs.
"""

import ast
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..common.opening import SourceError
from ..common.signature import ModelFile, Part, Runtime, Signature
from ..common.zips import member, unzipped
from .export import SIZE

PACKAGES = ("torch>=2.9",)
MOST_CODE, MOST_PICKLE = 16 << 20, 64 << 20
LONGEST_HEADER = 20_000
MOST_VALUES = 100
# The pickle of a model begins with the name of its class: that of the module, and its own.
CLASS = re.compile(rb"\x80\x02c__torch__((?:\.\w+)*)\n(\w+)\n")
FORWARD = re.compile(r"\n  def (forward\(.*?\)(?: -> [^\n]*?)?):\n", re.DOTALL)
UNKNOWN = ""
INSTEAD = (
    'export it with torch.export.save(torch.export.export(model, args), "model.pt2") or with '
    'torch.onnx.export(model, args, "model.onnx")'
)
NOTES = (
    "TorchScript tells no shapes: the fields are as they were answered, and instances are taken to "
    "lie along the first axis of each tensor.",
    "PyTorch no longer develops TorchScript, and loads it with a warning.",
    SIZE,
)


def read(path: Path) -> Signature:
    """Read a model in TorchScript. The types of its fields are empty, since it does not tell them.

    Raises:
        SourceError: If it is none, or one whose ``forward`` takes or returns other than tensors.
    """
    header = _forward(path)
    try:
        [function] = ast.parse(f"def {header}: pass").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _broken() from None
    if not isinstance(function, ast.FunctionDef):
        raise _broken()
    inputs = _inputs(function)
    outputs = _outputs(function)
    facts = {
        "loader": "jit",
        "takes": "batch",
        "at_most": None,
        "arguments": {
            "tuple": [{"tuple": [{"input": name} for name in inputs]}, {"dict": {}}],
        },
        "inputs": [{"name": name} | _fact() for name in inputs],
        "outputs": [
            {"name": name, "path": place, "form": "tensor", "labels": None} | _fact()
            for name, place in outputs
        ],
    }
    return Signature(
        inputs=tuple(Part(name, UNKNOWN) for name in inputs),
        outputs=tuple(Part(name, UNKNOWN) for name, _ in outputs),
        runtime=Runtime("torch", facts, PACKAGES, (ModelFile(path, "model.pt"),), needs_trust=True),
        notes=NOTES,
    )


def _broken() -> SourceError:
    return SourceError("it is no whole model in TorchScript", INSTEAD)


def _fact() -> dict[str, Any]:
    return {"dtype": None, "cast": None, "axis": 0, "is_column": False, "rank": None}


def _forward(path: Path) -> str:
    """How ``forward`` is declared in the class of the model."""
    with unzipped(path) as archive:
        names = archive.namelist()
        pickle = next((name for name in names if name.endswith("/data.pkl")), "")
        found = CLASS.match(member(archive, pickle, MOST_PICKLE))
        if not found:
            raise _broken()
        module, name = found[1].decode().replace(".", "/"), found[2].decode()
        root = pickle.removesuffix("data.pkl")
        code = member(archive, f"{root}code/__torch__{module}.py", MOST_CODE).decode()
    body = code.partition(f"class {name}(Module):\n")[2].partition("\nclass ")[0]
    forward = FORWARD.search(body)
    if not forward or len(forward[1]) > LONGEST_HEADER:
        raise SourceError("its class has no forward", INSTEAD)
    return forward[1]


def _inputs(function: ast.FunctionDef) -> list[str]:
    """The names of the tensors that have to be given."""
    arguments = function.args.args[1:]
    required = arguments[: len(arguments) - len(function.args.defaults)]
    names = [argument.arg for argument in required]
    if not 1 <= len(names) <= MOST_VALUES:
        raise SourceError("it takes no tensors, or more than 100", INSTEAD)
    for argument in required:
        if _text(argument.annotation) != "Tensor":
            raise SourceError(
                f"its input {argument.arg[:60]!a} is no tensor, but {_shown(argument.annotation)}",
                INSTEAD,
            )
    return names


def _outputs(function: ast.FunctionDef) -> list[tuple[str, list[int]]]:
    """The names of the tensors that are returned, each with its place in the answer."""
    returned = function.returns
    if _text(returned) == "Tensor":
        return [("output", [])]
    parts = _parts(returned)
    if not 1 <= len(parts) <= MOST_VALUES or any(_text(part) != "Tensor" for part in parts):
        raise SourceError(f"it returns no tensors, but {_shown(returned)}", INSTEAD)
    return [(f"output_{place}", [place]) for place in range(len(parts))]


def _parts(annotation: ast.expr | None) -> Sequence[ast.expr]:
    """What a tuple is made of."""
    if isinstance(annotation, ast.Subscript) and _text(annotation.value) == "Tuple":
        inner = annotation.slice
        return inner.elts if isinstance(inner, ast.Tuple) else [inner]
    return []


def _text(annotation: ast.expr | None) -> str:
    return annotation.id if isinstance(annotation, ast.Name) else ""


def _shown(annotation: ast.expr | None) -> str:
    try:
        return ascii(ast.unparse(annotation)[:60]) if annotation else "anything"
    except RecursionError:
        return "something deep"
