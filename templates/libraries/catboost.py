{% set m = s.model %}
{% set facts = m.facts %}
"""The model's own library, asked with nothing of the service between: what answers have to be."""

from collections.abc import Mapping
from typing import Any

import catboost
{% if not facts.columns or "np." in m.row_answers %}
import numpy as np
{% endif %}
{% if facts.columns %}
import pandas as pd
{% endif %}

from .model import MODEL_FILE


class Library:
    """CatBoost, with the model.

    Attributes:
        made_by: Its name and version.
    """

    def __init__(self) -> None:
        """Load the model."""
        self._model = catboost.CatBoost().load_model(str(MODEL_FILE))
        self.made_by = f"catboost {catboost.__version__}"

    def answer(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the model answers to one instance, whose values have their original names."""
{% if facts.columns %}
        rows = pd.DataFrame([row])[self._model.feature_names_]
{% else %}
        rows = np.array([row["{{ s.source.inputs[0] }}"]], np.float32)
{% endif %}
{% for variable, type in m.types %}
        {{ variable }} = self._model.predict(rows, "{{ type }}")
{% endfor %}
{{ m.row_answers }}
