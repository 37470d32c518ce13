{% set m = s.model %}
{% set facts = m.facts %}
"""The model's own library, asked with nothing of the service between: what answers have to be."""

{% if facts.loader == "pickle" %}
import pickle
{% endif %}
from collections.abc import Mapping
from typing import Any

{% if facts.loader == "joblib" %}
import joblib
{% endif %}
{% if m.gaps or "np." in m.row ~ m.row_answers %}
import numpy as np
{% endif %}
{% if facts.takes == "frame" %}
import pandas as pd
{% endif %}
import sklearn
{% if facts.loader == "skops" %}
import skops.io
{% endif %}

from .model import {{ "COLUMNS, " if m.columns and facts.takes in ("frame", "columns") }}{{ "GAPS, " if m.gaps }}MODEL_FILE{{ ", OBJECTS" if m.objects }}{{ ", TRUSTED" if m.has_trusted }}


class Library:
    """scikit-learn, with the model.

    Attributes:
        made_by: Its name and version.
    """

    def __init__(self) -> None:
        """Load the model."""
{% include "parts/load_sklearn.py" %}
        self.made_by = f"scikit-learn {sklearn.__version__}"

    def answer(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the model answers to one instance, whose values have their original names."""
{% if m.gaps %}
        row = {name: np.nan if name in GAPS and not value else value for name, value in row.items()}
{% endif %}
        rows = {{ m.row }}{{ "[COLUMNS]" if m.columns and facts.takes == "frame" }}
{% for variable, method in m.methods %}
        {{ variable }} = self._model.{{ method }}(rows)
{% endfor %}
{{ m.row_answers }}
