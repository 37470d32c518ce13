{% set m = s.model %}
{% set facts = m.facts %}
"""The model's own library, asked with nothing of the service between: what answers have to be."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnxruntime
import tokenizers

{{ m.library_imports }}


class Library:
    """ONNX Runtime and tokenizers, with the model; texts are alone, and not filled up.

    Attributes:
        made_by: Their names and versions.
    """

    def __init__(self) -> None:
        """Load the model."""
        self._session = onnxruntime.InferenceSession(MODEL_FILE)
        self._tokenizer = tokenizers.Tokenizer.from_file(str(TOKENIZER_FILE))
{% if facts.longest %}
        self._tokenizer.enable_truncation({{ m.cutting }})
{% else %}
        self._tokenizer.no_truncation()
{% endif %}
{{ m.padding if facts.exactly else "        self._tokenizer.no_padding()" }}
        self.made_by = f"onnxruntime {onnxruntime.__version__}, tokenizers {tokenizers.__version__}"

    def answer(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the model answers to one instance, whose values have their original names."""
        encoded = self._tokenizer.encode({{ m.given_alone }})
{{ m.feeds_alone }}
        answers: list[Any] = {{ m.run }}
{% if m.task == "labels" %}
        logits = answers[0][0].astype(np.float64)
{% if facts.scores == "softmax" %}
        powers = np.exp(logits - logits.max())
        shares = powers / powers.sum()
{% elif facts.scores == "sigmoid" %}
        shares = 1 / (1 + np.exp(-logits))
{% else %}
        shares = logits
{% endif %}
{% elif m.task == "tokens" %}
        powers = np.exp(answers[0][0].astype(np.float64))
        found = []
        for place, (start, end) in enumerate(encoded.offsets):
            shares = powers[place] / powers[place].sum()
            label = LABELS[shares.argmax()]
            if not encoded.special_tokens_mask[place]{{ ' and label != "O"' if "O" in facts.labels }}:
                found.append((start, end, label, shares.max()))
{% else %}
{% if facts.pooling %}
        tokens = answers[0][0][np.array(encoded.attention_mask) == 1]
        embedding = tokens.astype(np.float64){{ m.pooled_alone }}
{% else %}
        embedding = answers[0][0]
{% endif %}
{% if facts.is_normalized %}
        embedding = embedding / np.linalg.norm(embedding)
{% endif %}
{% endif %}
{{ m.row_answers }}
