"""The labels of a classifier's outputs, traced to the nodes that have them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...language.numbers import LABEL
from .graph import (
    STRING,
    Model,
    Node,
    attribute,
    integers_of,
    read_node,
)
from .wire import BYTES, VARINT, Span, Wire

LONGEST_LABEL = 1000
# How many nodes are looked through between an output and its classifier.
FARTHEST = 32

# What leaves the labels as they are.
PASSING = {"Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose"}
# What works on each score by itself, or on all of a row alike.
SCORING = {
    "Cast",
    "Identity",
    "Normalizer",
    "Softmax",
    "Sigmoid",
    "Exp",
    "Sub",
    "Div",
    "Mul",
    "Add",
}
CLASSIFIERS = {"LinearClassifier", "TreeEnsembleClassifier", "SVMClassifier"}
LABELS = ("classlabels_strings", "classlabels_int64s", "classlabels_ints")
STRINGS, INTEGERS = 9, 8


@dataclass(frozen=True)
class Labels:
    """The labels of a classifier, in its order, and what they are in the model."""

    texts: tuple[str, ...]
    form: Literal["text", "int"]


class Tracer:
    """Follows the outputs of a model back to where their labels are."""

    def __init__(self, wire: Wire, model: Model) -> None:
        """Take a model, and the file that it was read from."""
        self._wire = wire
        self._model = model

    def labels_of(self, output: str) -> Labels | None:
        """The labels that an output has one of for each instance, if they are known."""
        for name, node in self._back(output, PASSING):
            if node.operator in CLASSIFIERS and node.outputs[:1] == (name,):
                return self._labels_in(node)
            if node.operator == "ArrayFeatureExtractor" and node.inputs:
                constant = self._model.constants.get(node.inputs[0])
                return None if constant is None else self._labels_in_tensor(constant)
        return None

    def keys_of(self, output: str) -> Labels | None:
        """The labels that are the keys of an output of maps."""
        for _, node in self._back(output, {"Identity"}):
            if node.operator == "ZipMap":
                return self._labels_in(node)
        return None

    def has_scores(self, output: str, label: str) -> bool | None:
        """Whether an output has a number for each label of another, in their order.

        None if that cannot be told.
        """
        scores = set(self._names(output, SCORING))
        for name, node in self._back(label, PASSING):
            if node.operator in CLASSIFIERS and node.outputs[:1] == (name,):
                return None if scores.isdisjoint(node.outputs[1:2]) else self._is_in_order(node)
            if node.operator == "ArrayFeatureExtractor":
                compared = {each for place in node.inputs[1:2] for each in self._compared(place)}
                return None if scores.isdisjoint(compared) else True
        return None

    def _is_in_order(self, node: Node) -> bool:
        """Whether the scores of a classifier are those of its labels, not of pairs of them."""
        return node.operator != "SVMClassifier" or bool(attribute(self._wire, node, "prob_a", 7))

    def width_of(self, output: str) -> int | None:
        """The last dim of an output, where the node says it; exporters often write another."""
        for _, node in self._back(output, {"Cast", "Identity"}):
            if node.operator == "ArrayFeatureExtractor":
                constant = self._model.constants.get(node.inputs[-1]) if node.inputs else None
                return None if constant is None else self._size(constant)
            name = {"TreeEnsembleRegressor": "n_targets", "LinearRegressor": "targets"}
            if node.operator in name:
                values = attribute(self._wire, node, name[node.operator], 3)
                return values[-1][0] if values else None
        return None

    def _back(self, output: str, through: set[str]) -> Iterator[tuple[str, Node]]:
        """The nodes on the way back along the first inputs, each with its output on that way."""
        for _ in range(FARTHEST):
            span = self._model.makers.get(output)
            if span is None:
                return
            node = read_node(self._wire, span)
            yield output, node
            if node.operator not in through or not node.inputs:
                return
            output = node.inputs[0]

    def _names(self, output: str, through: set[str]) -> Iterator[str]:
        yield output
        for _, node in self._back(output, through):
            if node.operator in through:
                yield from node.inputs[:1]

    def _compared(self, place: str) -> Iterator[str]:
        """The names of the scores whose largest has this place."""
        for _, node in self._back(place, PASSING):
            if node.operator == "ArgMax" and node.inputs:
                yield from self._names(node.inputs[0], SCORING)

    def _labels_in(self, node: Node) -> Labels | None:
        for name in LABELS:
            is_text = name == LABELS[0]
            values = attribute(self._wire, node, name, STRINGS if is_text else INTEGERS)
            if len(values) > LABEL.most:
                return None
            if values and is_text:
                return _labels((self._wire.text(held) for _, held in values), "text")
            if values:
                numbers = (n for value, held in values for n in self._wire.integers(value, held))
                return _labels(map(str, numbers), "int")
        return None

    def _labels_in_tensor(self, span: Span) -> Labels | None:
        wire, type_, raw = self._wire, 0, None
        for number, value, held in wire.fields(span, {2: VARINT, 9: BYTES, 14: VARINT}):
            if number == 2:
                type_ = value
            elif number == 9:
                raw = held
            elif value:
                return None
        if type_ == STRING:
            texts = (held for _, _, held in wire.fields(span, {6: BYTES}))
            return _labels((wire.text(held) for held in texts), "text")
        if type_ not in INTEGER_TENSORS:
            return None
        size, field = INTEGER_TENSORS[type_]
        if raw is None:
            return _labels(map(str, integers_of(wire, span, field)), "int")
        if (raw[1] - raw[0]) % size or (raw[1] - raw[0]) > size * LABEL.most:
            return None
        content = wire.raw(raw)
        starts = range(0, len(content), size)
        numbers = (int.from_bytes(content[at : at + size], "little", signed=True) for at in starts)
        return _labels(map(str, numbers), "int")

    def _size(self, span: Span) -> int | None:
        """How many elements a tensor of one axis or none has."""
        dims = integers_of(self._wire, span, 1)
        return math.prod(dims) if len(dims) < 2 else None


# The bytes of an element, and the field that has them one by one.
INTEGER_TENSORS = {6: (4, 5), 7: (8, 7)}


def _labels(texts: Iterator[str], form: Literal["text", "int"]) -> Labels | None:
    """The labels, if an enum can have them."""
    labels: list[str] = []
    for text in texts:
        if not text.strip() or len(text) > LONGEST_LABEL or len(labels) == LABEL.most:
            return None
        labels.append(text)
    return Labels(tuple(labels), form) if labels and len(set(labels)) == len(labels) else None
