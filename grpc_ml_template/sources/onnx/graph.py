"""What is in an ONNX file: the values and nodes of its graph, and what is said of the model."""

from dataclasses import dataclass, field
from typing import Literal

from ..common.opening import SourceError
from .wire import ANY, BYTES, VARINT, Span, Wire, broken, signed

# A size, the name of one that varies, or None for one that nothing is known of.
Dim = int | str | None

STRING = 8
DEEPEST = 32
# The domains whose operators onnxruntime has.
DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview"}
DOMAIN_OF_RUNTIME = "com.microsoft"
LOCALE = b"C.UTF-8"
# The metadata that say what the classes are, with the most bytes of them that are looked at.
LONGEST_METADATA = {"names": 2**16, "character": 2**20}


@dataclass(frozen=True)
class Value:
    """An input or an output of a graph.

    `type` is a number of TensorProto.DataType, and `dims` are None where the file has no shape;
    of a form other than a tensor both say nothing.
    """

    name: str
    form: Literal["tensor", "map", "other"]
    type: int = 0
    dims: tuple[Dim, ...] | None = None


@dataclass(frozen=True)
class Node:
    """An operator, as far as labels can be traced through it."""

    operator: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: tuple[Span, ...]


@dataclass
class Model:
    """What an ONNX file says.

    Attributes:
        makers: By the name of a value, the node that makes it.
        constants: By its name, each tensor that is a part of the model.
        external: The tensors whose data are in other files.
        foreign: Domain and name of each operator that onnx and onnxruntime do not define.
        has_locale: Whether text is changed in a locale that may not be installed.
    """

    inputs: list[Value] = field(default_factory=list)
    outputs: list[Value] = field(default_factory=list)
    makers: dict[str, Span] = field(default_factory=dict)
    constants: dict[str, Span] = field(default_factory=dict)
    external: list[Span] = field(default_factory=list)
    foreign: set[tuple[str, str]] = field(default_factory=set)
    metadata: dict[str, str] = field(default_factory=dict)
    opset: int = 0
    has_locale: bool = False


def read_model(wire: Wire) -> Model:
    """The model in a file.

    Raises:
        SourceError: If it is none, or a broken one.
    """
    model = Model()
    graph: Span | None = None
    functions: set[tuple[str, str]] = set()
    kinds = {1: VARINT, 7: BYTES, 8: BYTES, 14: BYTES, 25: BYTES}
    for number, _, span in wire.fields(wire.all, kinds):
        if number == 7:
            graph = span
        elif number == 8:
            _read_opset(wire, span, model)
        elif number == 14:
            _read_metadata(wire, span, model)
        elif number == 25:
            functions.add(_read_function(wire, span, model))
    if graph is None:
        raise broken()
    _read_graph(wire, graph, model)
    model.foreign -= functions
    return model


def _read_opset(wire: Wire, span: Span, model: Model) -> None:
    domain, version = "", 0
    for number, value, held in wire.fields(span, {1: BYTES, 2: VARINT}):
        if number == 1:
            domain = wire.text(held)
        else:
            version = value
    if domain in ("", "ai.onnx"):
        model.opset = version


def _read_metadata(wire: Wire, span: Span, model: Model) -> None:
    key = ""
    for number, _, held in wire.fields(span, {1: BYTES, 2: BYTES}):
        if number == 1:
            key = wire.text(held)
        elif held[1] - held[0] <= LONGEST_METADATA.get(key, 0):
            model.metadata[key] = wire.text(held)


def _read_function(wire: Wire, span: Span, model: Model) -> tuple[str, str]:
    name = domain = ""
    for number, _, held in wire.fields(span, {1: BYTES, 7: BYTES, 10: BYTES}):
        if number == 7:
            _check_node(wire, read_node(wire, held), model, 0)
        elif number == 1:
            name = wire.text(held)
        else:
            domain = wire.text(held)
    return domain, name


def _read_graph(wire: Wire, graph: Span, model: Model) -> None:
    kinds = {1: BYTES, 5: BYTES, 11: BYTES, 12: BYTES, 15: BYTES}
    for number, _, span in wire.fields(graph, kinds):
        if number == 1:
            node = read_node(wire, span)
            _check_node(wire, node, model, 0)
            model.makers.update(dict.fromkeys(node.outputs, span))
        elif number == 11:
            model.inputs.append(read_value(wire, span))
        elif number == 12:
            model.outputs.append(read_value(wire, span))
        else:
            _read_constant(wire, number, span, model)
    # What has an initial value need not be given.
    model.inputs = [value for value in model.inputs if value.name not in model.constants]


def _read_constant(wire: Wire, number: int, span: Span, model: Model) -> None:
    tensors = _parts_of_sparse(wire, span) if number == 15 else [span]
    for tensor in tensors:
        model.constants[_check_tensor(wire, tensor, model)] = tensor


def _parts_of_sparse(wire: Wire, span: Span) -> list[Span]:
    return [held for _, _, held in wire.fields(span, {1: BYTES, 2: BYTES})]


def _check_tensor(wire: Wire, span: Span, model: Model) -> str:
    """The name of a tensor, which is noted if its data are elsewhere."""
    name = ""
    for number, value, held in wire.fields(span, {8: BYTES, 14: VARINT}):
        if number == 8:
            name = wire.text(held)
        elif value == 1:
            model.external.append(span)
    return name


def read_node(wire: Wire, span: Span) -> Node:
    """A node, with its attributes as they lie there."""
    texts: dict[int, list[str]] = {1: [], 2: [], 4: [""], 7: [""]}
    attributes = []
    for number, _, held in wire.fields(span, {1: BYTES, 2: BYTES, 4: BYTES, 5: BYTES, 7: BYTES}):
        if number == 5:
            attributes.append(held)
        else:
            texts[number].append(wire.text(held))
    return Node(texts[4][-1], texts[7][-1], tuple(texts[1]), tuple(texts[2]), tuple(attributes))


def _check_node(wire: Wire, node: Node, model: Model, depth: int) -> None:
    """Note what has to be known of a node and of the graphs in it."""
    if depth > DEEPEST:
        raise SourceError(f"its graphs are nested more than {DEEPEST} deep", "simplify the model")
    if node.domain not in DOMAINS and not node.domain.startswith(DOMAIN_OF_RUNTIME):
        model.foreign.add((node.domain, node.operator))
    if node.operator == "StringNormalizer":
        locale = attribute(wire, node, "locale", 4)
        model.has_locale |= not any(wire.is_equal(held, LOCALE) for _, held in locale)
    for span in node.attributes:
        _check_attribute(wire, span, model, depth)


def _check_attribute(wire: Wire, span: Span, model: Model, depth: int) -> None:
    kinds = {5: BYTES, 6: BYTES, 7: ANY, 8: ANY, 9: ANY, 10: BYTES, 11: BYTES, 22: BYTES, 23: BYTES}
    for number, _, held in wire.fields(span, kinds):
        if number in (7, 8, 9):  # A list of numbers or texts, which may be long, and nothing else.
            return
        if number in (5, 10):
            _check_tensor(wire, held, model)
        elif number in (22, 23):
            for tensor in _parts_of_sparse(wire, held):
                _check_tensor(wire, tensor, model)
        else:
            _check_inner_graph(wire, held, model, depth + 1)


def _check_inner_graph(wire: Wire, graph: Span, model: Model, depth: int) -> None:
    for number, _, span in wire.fields(graph, {1: BYTES, 5: BYTES, 15: BYTES}):
        if number == 1:
            _check_node(wire, read_node(wire, span), model, depth)
        else:
            for tensor in _parts_of_sparse(wire, span) if number == 15 else [span]:
                _check_tensor(wire, tensor, model)


def attribute(wire: Wire, node: Node, name: str, number: int) -> list[tuple[int, Span]]:
    """The values of an attribute, which are in a field of that number; none if it is not there."""
    for span in node.attributes:
        values = []
        for found, value, held in wire.fields(span, {1: BYTES, number: ANY}):
            if found == number:
                values.append((value, held))
            elif not wire.is_equal(held, name.encode()):
                break
        else:
            return values
    return []


def read_value(wire: Wire, span: Span) -> Value:
    """An input or an output."""
    name, kind = "", None
    for number, _, held in wire.fields(span, {1: BYTES, 2: BYTES}):
        if number == 1:
            name = wire.text(held)
        else:
            kind = held
    if kind is not None:
        for number, _, held in wire.fields(
            kind, {1: BYTES, 4: BYTES, 5: BYTES, 8: BYTES, 9: BYTES}
        ):
            if number == 1:
                return _read_tensor_type(wire, name, held)
            return Value(name, "map" if number == 4 and _holds_maps(wire, held) else "other")
    return Value(name, "tensor")


def _holds_maps(wire: Wire, sequence: Span) -> bool:
    """Whether a type of sequences has maps in it, as that of a ZipMap does."""
    elements = [held for _, _, held in wire.fields(sequence, {1: BYTES})]
    return any(True for element in elements for _ in wire.fields(element, {5: BYTES}))


def _read_tensor_type(wire: Wire, name: str, span: Span) -> Value:
    element, dims = 0, None
    for number, value, shape in wire.fields(span, {1: VARINT, 2: BYTES}):
        if number == 1:
            element = value
        else:
            dims = tuple(_read_dim(wire, dim) for _, _, dim in wire.fields(shape, {1: BYTES}))
    return Value(name, "tensor", element, dims)


def _read_dim(wire: Wire, span: Span) -> Dim:
    dim: Dim = None
    for number, value, held in wire.fields(span, {1: VARINT, 2: BYTES}):
        dim = signed(value) if number == 1 else wire.text(held) or None
    # Some exporters write -1 for what varies.
    return None if isinstance(dim, int) and dim < 0 else dim


def integers_of(wire: Wire, span: Span, number: int) -> tuple[int, ...]:
    """The integers in a repeated field of a message."""
    fields = wire.fields(span, {number: ANY})
    return tuple(each for _, value, held in fields for each in wire.integers(value, held))
