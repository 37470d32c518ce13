"""Mends the shapes of outputs that a file has wrong, where its nodes tell better.

Exporters write the shapes of outputs beside the graph, and nothing checks them: ddddocr says two
axes where there are three, skl2onnx one where there are two, and sizes that depend on what the
model is asked about are those of the example that it was exported with.
"""

from collections.abc import Sequence
from dataclasses import replace

from .graph import Dim, Model, Node, Value, attribute, integers_of, read_node
from .wire import BYTES, VARINT, Span, Wire

# What leaves the shape as it is.
KEEPING = {"Binarizer", "Cast", "Identity", "Round", "Sigmoid"}
# How many nodes are looked through between two outputs and what both are made of.
FARTHEST = 8
INT64 = 7
# More axes than NumPy has.
MOST_AXES = 64


def mended(values: Sequence[Value], wire: Wire, model: Model) -> list[Value]:
    """The outputs, with better dims where their nodes tell them."""
    nodes = _Nodes(wire, model)
    values = [_with(nodes.opened(value), nodes.reshaped_to(value.name)) for value in values]
    roots = {value.name: nodes.root(value.name) for value in values}
    return [
        _with(value, other.dims)
        if (other := _other(value, [v for v in values if roots[v.name] == roots[value.name]]))
        else value
        for value in values
    ]


def _with(value: Value, dims: tuple[Dim, ...] | None) -> Value:
    """A value with these dims, if they are of another number than it has."""
    if value.form != "tensor" or dims is None:
        return value
    is_same = value.dims is not None and len(value.dims) == len(dims)
    return value if is_same else replace(value, dims=dims)


def _other(value: Value, others: Sequence[Value]) -> Value | None:
    """The one of the same shape that tells most of it, if that is more than the value does."""
    best = max(others, key=lambda each: len(each.dims or ()))
    return best if best.dims and len(best.dims) > len(value.dims or ()) else None


class _Nodes:
    """Looks up how values are made."""

    def __init__(self, wire: Wire, model: Model) -> None:
        self._wire = wire
        self._model = model

    def root(self, name: str) -> str:
        """The value that another has its shape of."""
        for _ in range(FARTHEST):
            node = self._maker(name)
            if node is None or node.operator not in KEEPING or not node.inputs:
                break
            name = node.inputs[0]
        return name

    def opened(self, value: Value) -> Value:
        """A value whose sizes depend on what numbers or texts the model is asked about, as such."""
        node, dims = self._maker(value.name), value.dims
        if node is None or not dims:
            return value
        if node.operator == "StringNormalizer":  # It drops stop words.
            return replace(value, dims=(*dims[:-1], None))
        asked = {each.name for each in self._model.inputs}
        is_asked = node.operator == "Expand" and not asked.isdisjoint(node.inputs[1:])
        return replace(value, dims=(None,) * len(dims)) if is_asked else value

    def reshaped_to(self, name: str) -> tuple[Dim, ...] | None:
        """The dims that a Reshape gives to a value; None if it is no Reshape that tells."""
        node = self._maker(name)
        if node is None or node.operator != "Reshape" or len(node.inputs) < 2:
            return None
        shape = node.inputs[1]
        if (sizes := self._sizes(shape)) is not None:
            return sizes
        maker = self._maker(shape)
        if maker is None or maker.operator != "Concat":
            return None
        parts = [self._size(part) for part in maker.inputs[:MOST_AXES]]
        return None if any(part is None for part in parts) else tuple(p[0] for p in parts if p)

    def _size(self, name: str) -> tuple[Dim, ...] | None:
        """The size in a tensor of one; None if it has more, or that is not known."""
        sizes = self._sizes(name)
        if sizes is None:
            maker = self._maker(name)
            return (None,) if maker is not None and maker.operator == "Unsqueeze" else None
        return sizes if len(sizes) == 1 else None

    def _sizes(self, name: str) -> tuple[Dim, ...] | None:
        """The sizes in a constant, with None for what depends on the input."""
        span = self._model.constants.get(name)
        maker = self._maker(name)
        if span is None and maker is not None and maker.operator == "Constant":
            held = attribute(self._wire, maker, "value", 5)
            span = held[0][1] if held else None
        if span is None:
            return None
        sizes = self._integers(span)
        return None if sizes is None else tuple(size if size > 0 else None for size in sizes)

    def _integers(self, span: Span) -> tuple[int, ...] | None:
        """The numbers in a short list of int64; None if it is none."""
        kind, raw = 0, b""
        for number, value, held in self._wire.fields(span, {2: VARINT, 9: BYTES}):
            if number == 2:
                kind = value
            elif held[1] - held[0] <= 8 * MOST_AXES:
                raw = self._wire.raw(held)
        if kind != INT64 or len(integers_of(self._wire, span, 1)) != 1:
            return None
        starts = range(0, len(raw) // 8 * 8, 8)
        numbers = tuple(int.from_bytes(raw[at : at + 8], "little", signed=True) for at in starts)
        numbers = numbers or integers_of(self._wire, span, 7)
        return numbers if 0 < len(numbers) <= MOST_AXES else None

    def _maker(self, name: str) -> Node | None:
        span = self._model.makers.get(name)
        return None if span is None else read_node(self._wire, span)
