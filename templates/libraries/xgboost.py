{% set m = s.model %}
{% set facts = m.facts %}
"""The model's own library, asked with nothing of the service between: what answers have to be."""

from collections.abc import Mapping
from typing import Any

{% if facts.columns %}
import pandas as pd
{% else %}
import numpy as np
{% endif %}
import xgboost

from .model import {{ "CATEGORIES, " if m.categories }}{{ "COLUMNS, " if m.order }}MODEL_FILE


class Library:
    """XGBoost, with the model.

    Attributes:
        made_by: Its name and version.
    """

    def __init__(self) -> None:
        """Load the model."""
        self._booster = xgboost.Booster(model_file=MODEL_FILE)
        self.made_by = f"xgboost {xgboost.__version__}"

    def answer(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the model answers to one instance, whose values have their original names."""
{% if facts.columns %}
        frame = pd.DataFrame([row])[{{ "COLUMNS" if m.order else "self._booster.feature_names" }}]
{% if m.categories %}
{% set frame = "frame" %}
{% include "parts/categories.py" %}
{% endif %}
        data = xgboost.DMatrix(frame, enable_categorical=True)
{% else %}
        data = xgboost.DMatrix(np.array([row["{{ s.source.inputs[0] }}"]], np.float32))
{% endif %}
        answers = self._booster.predict(data{{ m.rounds }})
        return {"{{ m.answered }}": {{ "int(answers[0])" if facts.whole else "answers[0]" }}}
