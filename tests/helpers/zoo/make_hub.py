"""Writes tiny models of texts in folders like those of hubs, with the answers of their libraries.

uv run --no-project --with tokenizers==0.23.3 --with onnx==1.23.2 --with onnxruntime==1.32.0 \
  python tests/helpers/zoo/make_hub.py FOLDER
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, __version__, models, normalizers, pre_tokenizers, processors

Answer = Callable[[Any, np.ndarray], dict[str, Any]]

RNG = np.random.default_rng(0)
WORDS = (
    "the quick brown fox over a lazy dog one good old river anna went to oslo with bob it is bad"
)
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS.split(), "##s", "##ly", "!", "."]
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
LONGEST, SIZE = 12, 6
TEXTS = [
    "The quick brown fox",
    "\N{FOX FACE} Anna went to Oslo, with Bob.",
    "bad",
    "It is one good old river, and quickly the dogs went over it with a lazy fox!",
    "",
]
SENTIMENTS = ["negative", "neutral", "positive"]
TAGS = ["O", "B-PER", "I-PER", "B-LOC"]


def tokenizer_of() -> Tokenizer:
    """A tokenizer of a few words."""
    known = {piece: place for place, piece in enumerate(PIECES)}
    tokenizer = Tokenizer(models.WordPiece(known, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.add_special_tokens(PIECES[:4])
    return tokenizer


def graph_of(
    last: list[onnx.NodeProto], answer: onnx.ValueInfoProto, width: int
) -> onnx.ModelProto:
    """A graph that mixes each token with what its text is about, and ends with `last`."""
    dims = ["batch", "sequence"]
    tokens = [helper.make_tensor_value_info(name, TensorProto.INT64, dims) for name in INPUTS]
    constants = {
        "words": RNG.normal(size=(len(PIECES), SIZE)),
        "kinds": RNG.normal(size=(2, SIZE)) / 4,
        "share": np.array(0.2),
        "weights": RNG.normal(size=(SIZE, width)),
    }
    tensors = [numpy_helper.from_array(v.astype(np.float32), k) for k, v in constants.items()]
    tensors += [numpy_helper.from_array(np.array([n], np.int64), f"axis{n}") for n in (1, 2)]
    nodes = [
        helper.make_node("Gather", ["words", "input_ids"], ["of_words"]),
        helper.make_node("Gather", ["kinds", "token_type_ids"], ["of_kinds"]),
        helper.make_node("Add", ["of_words", "of_kinds"], ["embedded"]),
        helper.make_node("Cast", ["attention_mask"], ["flat"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["flat", "axis2"], ["mask"]),
        helper.make_node("Mul", ["embedded", "mask"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "axis1"], ["sum"]),
        helper.make_node("ReduceSum", ["mask", "axis1"], ["count"]),
        helper.make_node("Div", ["sum", "count"], ["about"]),
        helper.make_node("Mul", ["about", "share"], ["little"]),
        helper.make_node("Add", ["embedded", "little"], ["hidden"]),
        *last,
    ]
    graph = helper.make_graph(nodes, "tiny", tokens, [answer], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def write(folder: Path, model: onnx.ModelProto, place: str, config: Any, answer: Answer) -> None:
    """Save a model with its tokenizer, and what both answer to each text alone."""
    inside = folder / "model"
    (inside / place).parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, inside / place)
    tokenizer = tokenizer_of()
    tokenizer.save(str(inside / "tokenizer.json"), pretty=False)
    write_json(inside / "config.json", {"model_type": "bert", "hidden_size": SIZE, **config})
    said = {"model_max_length": LONGEST, "tokenizer_class": "BertTokenizer"}
    write_json(inside / "tokenizer_config.json", said)
    write_json(inside / "special_tokens_map.json", {"pad_token": "[PAD]"})

    tokenizer.enable_truncation(LONGEST)
    session = onnxruntime.InferenceSession(inside / place)
    answers = []
    for text in TEXTS:
        encoded = tokenizer.encode(text)
        values = (encoded.ids, encoded.attention_mask, encoded.type_ids)
        feeds = {n: np.array([v], np.int64) for n, v in zip(INPUTS, values, strict=True)}
        answers.append(answer(encoded, session.run(None, feeds)[0][0].astype(np.float64)))
    made_by = f"onnxruntime {onnxruntime.__version__}, tokenizers {__version__}"
    rows = [{"text": text} for text in TEXTS]
    write_json(folder / "answers.json", {"made_by": made_by, "rows": rows, "answers": answers})


def write_json(path: Path, content: Any) -> None:
    """Write a small file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")


def value(name: str, dims: list[Any]) -> onnx.ValueInfoProto:
    """An output."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Shares of 1."""
    powers = np.exp(logits)
    shares: np.ndarray = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def label(encoded: Any, logits: np.ndarray) -> dict[str, Any]:
    """The label of a text."""
    return {"label": SENTIMENTS[logits.argmax()], "probabilities": softmax(logits).tolist()}


def pieces(encoded: Any, logits: np.ndarray) -> dict[str, Any]:
    """The labels of words and parts of words, as the pipeline for them has them."""
    found: dict[str, list[Any]] = {"starts": [], "ends": [], "labels": [], "scores": []}
    for place, shares in enumerate(softmax(logits)):
        tag = TAGS[shares.argmax()]
        if tag != "O" and not encoded.special_tokens_mask[place]:
            piece = (*encoded.offsets[place], tag, shares.max())
            for values, each in zip(found.values(), piece, strict=True):
                values.append(each)
    return found


def embedding(encoded: Any, hidden: np.ndarray) -> dict[str, Any]:
    """The mean of a text's tokens, of length 1."""
    mean = hidden.mean(axis=0)
    return {"embedding": (mean / np.linalg.norm(mean)).tolist()}


def main(folder: Path) -> None:
    """Write all of them."""
    projected = [
        helper.make_node("MatMul", ["about", "weights"], ["column"]),
        helper.make_node("Squeeze", ["column", "axis1"], ["logits"]),
    ]
    write(
        folder / "hub_labels",
        graph_of(projected, value("logits", ["batch", len(SENTIMENTS)]), len(SENTIMENTS)),
        "model.onnx",
        {
            "architectures": ["BertForSequenceClassification"],
            "id2label": dict(enumerate(SENTIMENTS)),
        },
        label,
    )
    projected = helper.make_node("MatMul", ["hidden", "weights"], ["logits"])
    write(
        folder / "hub_tokens",
        graph_of([projected], value("logits", ["batch", "sequence", len(TAGS)]), len(TAGS)),
        "onnx/model.onnx",
        {"architectures": ["BertForTokenClassification"], "id2label": dict(enumerate(TAGS))},
        pieces,
    )
    projected = helper.make_node("MatMul", ["hidden", "weights"], ["last_hidden_state"])
    dims = ["batch", "sequence", SIZE]
    write(
        folder / "hub_embedding",
        graph_of([projected], value("last_hidden_state", dims), SIZE),
        "onnx/model.onnx",
        {"architectures": ["BertModel"]},
        embedding,
    )
    inside = folder / "hub_embedding" / "model"
    steps = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    modules = [
        {"idx": place, "path": path, "type": f"sentence_transformers.models.{kind}"}
        for place, (path, kind) in enumerate(steps.items())
    ]
    write_json(inside / "modules.json", modules)
    write_json(inside / "1_Pooling" / "config.json", {"pooling_mode_mean_tokens": True})
    write_json(inside / "sentence_bert_config.json", {"max_seq_length": LONGEST})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
