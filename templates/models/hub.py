{% set m = s.model %}
{% set facts = m.facts %}
"""The model. This is the file to edit; nothing in it knows of gRPC."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import tokenizers

{{ m.imports }}

{{ m.path_line("MODEL_FILE") }}
TOKENIZER_FILE = MODEL_FILE.with_name("tokenizer.json")
GOLDEN_FILE = Path(__file__).with_name("golden.json")
{% include "parts/takes.py" %}
{% if facts.exactly %}
# How many tokens the graph takes: longer texts are cut, and shorter ones filled up.
MOST_TOKENS = {{ facts.longest }}
{% elif facts.longest %}
# How many tokens of a text the model takes at most; the others are cut off.
MOST_TOKENS = {{ facts.longest }}
{% endif %}
{% if m.pad %}
# Fills up the shorter texts of a batch.
{{ m.pad }}
{% endif %}
{% if facts.prompt %}
# What the model was trained to have before each text.
PROMPT = {{ facts.prompt | python }}
{% endif %}
{% if m.classes %}
# The labels by their places in the model's scores.
{{ m.classes }}
{% endif %}
{% if m.task == "tokens" %}
# The labels by their places in the model's scores.
{{ m.labels }}
{% endif %}


class Model:
{% set runner = "ONNX Runtime behind its tokenizer" %}
{% include "parts/about_model.py" %}

    def __init__(self) -> None:
        """Load the model, once."""
        options = onnxruntime.SessionOptions()
        # Calls share the cores best with a thread each. A large model that is asked by few callers
        # answers sooner with all of them: 0.
        options.intra_op_num_threads = 1
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self._session = onnxruntime.InferenceSession(MODEL_FILE, options)
        self._tokenizer = tokenizers.Tokenizer.from_file(str(TOKENIZER_FILE))
{% if facts.longest %}
        self._tokenizer.enable_truncation({{ m.cutting }})
{% else %}
        self._tokenizer.no_truncation()
{% endif %}
{{ m.padding }}
        self.version = version_of(MODEL_FILE.parent)
        self.runtime = f"onnxruntime {onnxruntime.__version__}, tokenizers {tokenizers.__version__}"

{% include "parts/example.py" %}

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch of n instances."""
{% if m.task == "labels" %}
        [logits] = TAKES(self._ask, {{ m.columns }})
{% if facts.labels %}
        shares = {{ m.shares }}
{% endif %}
{% elif m.task == "tokens" %}
        starts, ends, labels, scores = TAKES(self._ask, {{ m.columns }})
{% else %}
        [embeddings] = TAKES(self._ask, {{ m.columns }})
{% endif %}
{{ m.returned }}

    def _ask(self, columns: takes.Columns) -> list[Any]:
        """Ask about texts that travel together, all filled up to the same length."""
{{ m.encoded }}
{{ m.feeds }}
{% if m.task == "labels" %}
        [logits] = {{ m.run }}
        return [logits{{ m.as_floats }}]
{% elif m.task == "tokens" %}
        [logits] = {{ m.run }}
        found = map(pieces, encoded, softmax(logits{{ m.as_floats }}))
        return [[*column] for column in zip(*found, strict=True)]
{% elif facts.pooling %}
        [tokens] = {{ m.run }}
        embeddings = pooled(tokens{{ m.as_floats }}, feeds["attention_mask"])
        return [{{ "normalized(embeddings)" if facts.is_normalized else "embeddings" }}]
{% else %}
        [embeddings] = {{ m.run }}
        return [embeddings{{ m.as_floats }}]
{% endif %}
{% if m.task == "tokens" %}


def pieces(encoded: tokenizers.Encoding, shares: Any) -> tuple[Any, ...]:
    """Return starts, ends, labels and scores of the pieces of a text{{ " that are not O" if "O" in facts.labels }}."""
    best = shares.argmax(axis=-1)
    is_special = np.array(encoded.special_tokens_mask) == 1
{% if "O" in facts.labels %}
    [kept] = np.nonzero(~is_special & (best != LABELS.index("O")))
{% else %}
    [kept] = np.nonzero(~is_special)
{% endif %}
    starts, ends = np.array(encoded.offsets, np.int32)[kept].T
    labels = np.array([LABELS[place] for place in best[kept]], np.object_)
    return starts, ends, labels, shares[kept, best[kept]]
{% endif %}
{% if facts.scores == "softmax" %}


def softmax(logits: Any) -> Any:
    """Return probabilities that add up to 1 along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
{% elif facts.scores == "sigmoid" %}


def sigmoid(logits: Any) -> Any:
    """Return probabilities, each on its own."""
    # Below -80 the probability is 0 to the last digit, and exp would overflow soon.
    return 1 / (1 + np.exp(-np.maximum(logits, -80)))
{% endif %}
{% if facts.pooling %}


def pooled(tokens: Any, mask: Any) -> Any:
{% if facts.pooling == "mean" %}
    """Return the mean of each text's tokens, but for those that fill it up."""
    weights = mask[:, :, np.newaxis].astype(np.float32)
    return (tokens * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1)
{% elif facts.pooling == "max" %}
    """Return the largest numbers among each text's tokens, but for those that fill it up."""
    return np.where(mask[:, :, np.newaxis] == 1, tokens, -np.inf).max(axis=1)
{% elif facts.pooling == "cls" %}
    """Return each text's first token."""
    return tokens[np.arange(len(mask)), mask.argmax(axis=1)]
{% else %}
    """Return each text's last token, but for those that fill it up."""
    places = mask.shape[1] - 1 - mask[:, ::-1].argmax(axis=1)
    return tokens[np.arange(len(mask)), places]
{% endif %}
{% endif %}
{% if facts.is_normalized %}


def normalized(embeddings: Any) -> Any:
    """Return embeddings of length 1."""
    return embeddings / np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-12)
{% endif %}
{% if m.has_positions %}


def positions(mask: Any) -> Any:
    """Return the places of tokens, but for those that fill a text up."""
    return np.maximum(mask.cumsum(axis=1, dtype=mask.dtype) - 1, 0)
{% endif %}
