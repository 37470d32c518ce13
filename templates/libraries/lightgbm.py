{% set m = s.model %}
{% set facts = m.facts %}
"""The model's own library, asked with nothing of the service between: what answers have to be."""

from collections.abc import Mapping
from typing import Any

import lightgbm
{% if facts.columns %}
import pandas as pd
{% else %}
import numpy as np
{% endif %}

from .model import {{ "CATEGORIES, " if m.categories }}{{ "COLUMNS, " if m.order }}MODEL_FILE


class Library:
    """LightGBM, with the model.

    Attributes:
        made_by: Its name and version.
    """

    def __init__(self) -> None:
        """Load the model."""
        self._booster = lightgbm.Booster(model_file=MODEL_FILE)
        self.made_by = f"lightgbm {lightgbm.__version__}"

    def answer(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the model answers to one instance, whose values have their original names."""
{% if facts.columns %}
        rows = pd.DataFrame([row])[{{ "COLUMNS" if m.order else "self._booster.feature_name()" }}]
{% if m.categories %}
{% set frame = "rows" %}
{% include "parts/categories.py" %}
{% endif %}
{% else %}
        rows = np.array([row["{{ s.source.inputs[0] }}"]], np.float64)
{% endif %}
        answers: Any = self._booster.predict(rows)
        return {"{{ m.answered }}": answers[0]}
