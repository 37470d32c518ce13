{% set m = s.model %}
"""The model's own library, asked with nothing of the service between: what answers have to be."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnxruntime

{{ m.library_imports }}


class Library:
    """ONNX Runtime, with the model.

    Attributes:
        made_by: Its name and version.
    """

    def __init__(self) -> None:
        """Load the model."""
{% if m.facts.locale %}
        model = with_locale(MODEL_FILE.read_bytes(), "C.UTF-8")
        self._session = onnxruntime.InferenceSession(model)
{% else %}
        self._session = onnxruntime.InferenceSession(MODEL_FILE)
{% endif %}
        self.made_by = f"onnxruntime {onnxruntime.__version__}"

    def answer(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the model answers to one instance, whose values have their original names."""
{{ m.row_feeds }}
        answers: list[Any] = self._session.run(None, feeds)
{{ m.row_answers }}
