"""What a program of PyTorch takes and answers, as ``torch.export.save`` writes it.

It is a graph in JSON: https://github.com/pytorch/pytorch/blob/main/torch/_export/serde/schema.py.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..common.json_text import read_json
from ..common.opening import SourceError
from ..common.plain import listed, mapping, text
from ..common.zips import member, unzipped
from .trees import Tree, read_tree

MOST_BYTES = 64 << 20
# What a JSON text takes in memory, in bytes for each of these in it, and at most.
COSTS = {b"{": 200, b"[": 80, b",": 60}
MOST_MEMORY = 150 << 20
SYMBOL = re.compile(r"Symbol\('(\w+)'[^()]*\)|(\w+)")
# A range that ends here has no end.
ENDLESS = 1 << 31
# The numbers that stand for types, and these as the schema language and NumPy name them.
TYPES = {
    1: ("uint8", "uint8"),
    2: ("int8", "int8"),
    3: ("int16", "int16"),
    4: ("int32", "int32"),
    5: ("int64", "int64"),
    6: ("float16", "float16"),
    7: ("float", "float32"),
    8: ("double", "float64"),
    12: ("bool", "bool"),
    13: ("float", "bfloat16"),
    28: ("uint16", "uint16"),
    34: ("uint32", "uint32"),
    35: ("uint64", "uint64"),
}
STRIDED = 7
OPERATORS = re.compile(
    r"torch\.ops\.(?!aten\.|prims?\.|higher_order\.|_?quantized|inductor\.)(\w+)"
)
AGAIN = 'save it again, with torch.export.save(program, "model.pt2")'
# A whole number, the name of a symbol, or None for what is worked out from symbols.
Dim = int | str | None


@dataclass(frozen=True)
class Tensor:
    """A tensor that goes in or comes out: its type and shape, and where it is nested."""

    name: str
    type: str
    dtype: str
    dims: tuple[Dim, ...]
    path: tuple[str | int, ...] = ()


@dataclass(frozen=True)
class Program:
    """A program.

    Attributes:
        inputs, outputs: The tensors.
        arguments: How it is called: positional and named arguments, and constants among them.
        spans: The lowest and the highest value of each symbol; None where there is no end.
        version: That of PyTorch which has written it.
        others: How many of its answers are no tensors.
    """

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    arguments: Mapping[str, Any]
    spans: Mapping[str, tuple[int, int | None]]
    version: str
    others: int


def read_program(path: Path) -> Program:
    """The program in a file.

    Raises:
        SourceError: If it is none that can be served.
        KeyError, ValueError: If it is broken.
    """
    with unzipped(path) as archive:
        names = [name for name in archive.namelist() if name.endswith("/models/model.json")]
        if len(names) != 1:
            raise ValueError("not one model")
        content = member(archive, names[0], MOST_BYTES)
    if sum(cost * content.count(mark) for mark, cost in COSTS.items()) > MOST_MEMORY:
        raise SourceError("its graph is too large", "export it to ONNX")
    return _program(mapping(read_json(content)))


def _program(saved: Mapping[str, Any]) -> Program:
    module = mapping(saved["graph_module"])
    graph = mapping(module["graph"])
    signature = mapping(module["signature"])
    values = mapping(graph["tensor_values"])
    specs = [mapping(spec) for spec in listed(signature["input_specs"])]
    _check_nodes(
        graph, {mapping(spec["buffer"])["arg"]["name"] for spec in specs if "buffer" in spec}
    )
    _check_devices(values)
    calls = [mapping(call) for call in listed(module["module_call_graph"])]
    root = mapping(next(call for call in calls if call["fqn"] == "")["signature"])
    inputs, arguments = _inputs(specs, read_tree(root["in_spec"]), values)
    outputs = _outputs(listed(signature["output_specs"]), read_tree(root["out_spec"]), values)
    tensors = tuple(each for each in outputs if each)
    spans = mapping(saved["range_constraints"])
    return Program(
        inputs=inputs,
        outputs=tensors,
        arguments=arguments,
        spans={name: _span(mapping(span)) for name, span in spans.items()},
        version=text(saved.get("torch_version", "")),
        others=len(outputs) - len(tensors),
    )


def _check_nodes(graph: Mapping[str, Any], buffers: set[str]) -> None:
    """Refuse what needs other packages, and what changes with each call."""
    for node in map(mapping, listed(graph["nodes"])):
        target = text(node["target"])
        if custom := OPERATORS.match(target):
            raise SourceError(
                f"it needs the operators of {custom[1][:60]}, which are not PyTorch's own",
                "export the model without these steps",
            )
        given = {
            each["name"]: mapping(each["arg"]) for each in map(mapping, listed(node["inputs"]))
        }
        changed = mapping(given.get("self", {}).get("as_tensor") or {}).get("name")
        trains = any(given.get(name, {}).get("as_bool") for name in ("train", "training"))
        if trains or (target.split(".")[-2:-1] and _is_in_place(target) and changed in buffers):
            raise SourceError(
                "it changes with each call, as in training",
                "call model.eval() before torch.export.export",
            )


def _is_in_place(target: str) -> bool:
    """Whether an operator changes its first argument, such as ``torch.ops.aten.add_.Tensor``."""
    return target.rsplit(".", 1)[0].endswith("_")


def _check_devices(values: Mapping[str, Any]) -> None:
    for value in map(mapping, values.values()):
        device = text(mapping(value["device"])["type"])
        if device != "cpu":
            raise SourceError(
                f"it was exported for the device {device[:20]!a}",
                "move the model and its example to the CPU, with .cpu(), and export it again",
            )


def _inputs(
    specs: list[dict[str, Any]], tree: Tree, values: Mapping[str, Any]
) -> tuple[tuple[Tensor, ...], dict[str, Any]]:
    """The tensors that are given, and how they are nested in the arguments."""
    tensors, leaves = [], []
    for spec in specs:
        if "user_input" in spec:
            name = mapping(mapping(spec["user_input"])["arg"]).get("as_tensor")
            if name is None:
                raise SourceError(
                    "one of its inputs is no tensor, and no constant",
                    "export the model with tensors in the place of numbers that vary",
                )
            tensor = _tensor(text(mapping(name)["name"]), values, ())
            tensors.append(tensor)
            leaves.append({"input": tensor.name})
        elif "constant_input" in spec:
            value = mapping(mapping(spec["constant_input"])["value"])
            leaves.append({"constant": _constant(value)})
    if len(leaves) != len([*tree.paths()]) or tree.kind != "tuple" or len(tree.branches) != 2:
        raise ValueError("not a value for each place in the arguments")
    return tuple(tensors), tree.filled(iter(leaves))


def _constant(value: Mapping[str, Any]) -> Any:
    kinds = {"as_int": int, "as_float": float, "as_string": str, "as_bool": bool}
    for kind, type_ in kinds.items():
        if type(value.get(kind)) is type_:
            return value[kind]
    return None


def _outputs(specs: list[Any], tree: Tree, values: Mapping[str, Any]) -> list[Tensor | None]:
    """The answers; None for one that is no tensor."""
    given = [mapping(spec)["user_output"] for spec in specs if "user_output" in mapping(spec)]
    arguments = [mapping(mapping(each)["arg"]) for each in given]
    pairs = zip(arguments, tree.paths(), strict=True)
    return [
        _tensor(text(mapping(each["as_tensor"])["name"]), values, path)
        if "as_tensor" in each
        else None
        for each, path in pairs
    ]


def _tensor(name: str, values: Mapping[str, Any], path: tuple[str | int, ...]) -> Tensor:
    value = mapping(values[name])
    if value["dtype"] not in TYPES or value["layout"] != STRIDED:
        raise SourceError(
            f"{name[:60]!a} is sparse, or of a type that NumPy does not have",
            "cast it to float32 in the model",
        )
    type_, dtype = TYPES[value["dtype"]]
    return Tensor(name, type_, dtype, tuple(_dims(listed(value["sizes"]))), path)


def _dims(sizes: list[Any]) -> Iterator[Dim]:
    for size in map(mapping, sizes):
        if type(size.get("as_int")) is int:
            yield size["as_int"]
            continue
        found = SYMBOL.fullmatch(text(mapping(size["as_expr"])["expr_str"])[:200])
        yield (found[1] or found[2]) if found else None


def _span(span: Mapping[str, Any]) -> tuple[int, int | None]:
    low, high = span.get("min_val"), span.get("max_val")
    is_end = type(high) is int and high < ENDLESS
    return low if type(low) is int else 0, high if is_end else None
