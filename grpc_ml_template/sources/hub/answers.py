"""What a hub's model answers to a text: labels, labelled pieces of the text, or an embedding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...language.errors import quoted
from ...language.rules import MOST_ELEMENTS
from ..common.opening import SourceError
from ..common.plain import mapping, text
from ..common.signature import Part, Signature
from .folder import EXPORT, THE_GRAPH, Folder, classes_of, writer, writes
from .pooling import Pooling, pooling_of

READY = "sentence_embedding"
HIDDEN = ("last_hidden_state", "token_embeddings")
LOGITS = "logits"
# The classes that models of labels and of labelled pieces were saved from.
OF_TEXTS, OF_TOKENS = "ForSequenceClassification", "ForTokenClassification"
AS_IT_IS: Mapping[str, Any] = {
    "labels": [],
    "scores": "",
    "pooling": "",
    "is_normalized": False,
}


@dataclass(frozen=True)
class Answers:
    """The outputs, what the page has to know of them, and what people should."""

    facts: Mapping[str, Any]
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Output:
    """An output of the graph: how many axes it has, and the size of the last, as far as known."""

    name: str
    type: str
    rank: int | None
    width: int | None


def answers_of(folder: Folder, config: Mapping[str, Any], graph: Signature) -> Answers:
    """What a model answers.

    Raises:
        SourceError: If that is something else, or is not clear.
        ValueError: If a file is not as it should be.
    """
    outputs = _outputs(graph)
    classes = classes_of(config)
    is_of_texts = any(name.endswith(OF_TEXTS) for name in classes)
    is_of_tokens = any(name.endswith(OF_TOKENS) for name in classes)
    if READY in outputs:
        return _embedding(outputs[READY], config, Pooling("", is_normalized=False))
    hidden = next((outputs[name] for name in HIDDEN if name in outputs), None)
    if hidden:
        return _pooled(folder, config, hidden)
    output = outputs.get(LOGITS) or (next(iter(outputs.values())) if len(outputs) == 1 else None)
    if output is None:
        raise _other(outputs)
    if is_of_texts and output.rank in (2, None):
        return _labels(config, output)
    if is_of_tokens and output.rank in (3, None):
        return _tokens(config, output)
    if output.name == LOGITS or classes:
        raise writer() if writes(config) else _other(outputs)
    if output.rank == 2:
        return _embedding(output, config, Pooling("", is_normalized=False))
    return _pooled(folder, config, output)


def _outputs(graph: Signature) -> dict[str, _Output]:
    """The outputs of the graph by their names."""
    assert graph.runtime
    outputs = {}
    for part, fact in zip(graph.outputs, graph.runtime.facts["outputs"], strict=True):
        width = part.dims[-1] if part.dims else 1
        outputs[part.name] = _Output(part.name, part.type, fact["rank"], width)
    return outputs


def _other(outputs: Mapping[str, _Output]) -> SourceError:
    names = ", ".join(quoted(name) for name in [*outputs][:5])
    return SourceError(
        f"its graph answers {names}, neither labels of texts or tokens nor an embedding", THE_GRAPH
    )


def _facts(task: str, output: _Output, **more: Any) -> dict[str, Any]:
    if output.type not in ("float", "float16", "double"):
        raise SourceError(f"its output {quoted(output.name)} has no floats", EXPORT)
    is_float = output.type == "float"
    return {"task": task, "output": output.name, "is_float": is_float, **AS_IT_IS, **more}


def _labels(config: Mapping[str, Any], output: _Output) -> Answers:
    """A label for each text, or a number if there is only one."""
    if "sentence_transformers" in config:
        raise SourceError("it is a cross-encoder, which rates pairs of texts", THE_GRAPH)
    labels = _names(config, output)
    problem = config.get("problem_type")
    if len(labels) == 1:
        is_share = problem != "regression"
        facts = _facts("labels", output, scores="sigmoid" if is_share else "")
        about = f"Probability of {labels[0]}" if is_share else "What the model answers"
        return Answers(facts, (Part("score", "float", about=about),), _notes_on_one(is_share))
    is_multi = problem == "multi_label_classification"
    facts = _facts("labels", output, labels=labels, scores="sigmoid" if is_multi else "softmax")
    label = "The most probable label" + ("; others may hold too" if is_multi else "")
    about = "Of each label on its own" if is_multi else "They add up to 1"
    parts = (
        Part("label", "enum", labels=tuple(labels), about=label),
        Part("probabilities", "float", labels_of="label", about=about),
    )
    return Answers(facts, parts, _notes_on(labels))


def _notes_on_one(is_share: bool) -> tuple[str, ...]:
    """What is said of a model with one label."""
    if not is_share:
        return ()
    return (
        "The model has one label: its score goes through a sigmoid, as in a pipeline of "
        'transformers; with "problem_type": "regression" in config.json it does not. One that '
        "rates pairs of texts is served by its ONNX file.",
    )


def _notes_on(labels: list[str]) -> tuple[str, ...]:
    if labels != _unnamed(len(labels)):
        return ()
    return ("config.json has no names for the labels; write them there, as id2label.",)


def _tokens(config: Mapping[str, Any], output: _Output) -> Answers:
    """The pieces of a text that have a label, and where they are."""
    labels = _names(config, output)
    where = "in characters from 0"
    parts = (
        Part("starts", "int32", (None,), about=f"Where each piece of the text begins, {where}"),
        Part("ends", "int32", (None,), about=f"Where each ends, {where}"),
        Part("labels", "string", (None,), about=_about_labels(labels)),
        Part("scores", "float", (None,), about="Probability of each label"),
    )
    return Answers(
        _facts("tokens", output, labels=labels, scores="softmax"), parts, _notes_on(labels)
    )


def _about_labels(labels: list[str]) -> str:
    shown = ", ".join(labels[:12]) + (", ..." if len(labels) > 12 else "")
    outside = "; pieces with O are left out" if "O" in labels else ""
    return f"Label of each, of {shown}"[:120] + outside


def _names(config: Mapping[str, Any], output: _Output) -> list[str]:
    """The labels by their places, as many as the graph's last axis has."""
    by_place = mapping(config.get("id2label") or {})
    labels = [text(by_place.get(str(place))) for place in range(len(by_place))]
    # Of two labels without names, transformers writes nothing.
    labels = labels or _unnamed(output.width or 2)
    if output.width not in (None, len(labels)):
        raise SourceError(
            f"config.json has {len(labels)} labels, and the graph {output.width}",
            "write the labels that it was trained with into config.json, as id2label",
        )
    if len({*labels}) < len(labels):
        raise SourceError(
            "two labels in config.json have one name", "give each another name in id2label"
        )
    return labels


def _unnamed(count: int) -> list[str]:
    return [f"LABEL_{place}" for place in range(min(count, MOST_ELEMENTS))]


def _pooled(folder: Folder, config: Mapping[str, Any], hidden: _Output) -> Answers:
    """One embedding a text, made of those of its tokens."""
    if hidden.rank not in (3, None):
        raise SourceError(f"its output {quoted(hidden.name)} has no embedding a token", EXPORT)
    return _embedding(hidden, config, pooling_of(folder))


def _embedding(output: _Output, config: Mapping[str, Any], pooling: Pooling) -> Answers:
    size = config.get("hidden_size")
    known = size if type(size) is int and 0 < size <= MOST_ELEMENTS else None
    about = "Embedding of the text" + (", of length 1" if pooling.is_normalized else "")
    facts = _facts("embedding", output, pooling=pooling.how, is_normalized=pooling.is_normalized)
    width = output.width or (known if pooling.how else None)
    return Answers(facts, (Part("embedding", "float", (width,), about=about),), pooling.notes)
