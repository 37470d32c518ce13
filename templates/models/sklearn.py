{% set m = s.model %}
{% set facts = m.facts %}
"""The model. This is the file to edit; nothing in it knows of gRPC."""

{% if facts.loader == "pickle" %}
import pickle
{% endif %}
from pathlib import Path

{% if facts.loader == "joblib" %}
import joblib
{% endif %}
{% if "np." in m.returned %}
import numpy as np
{% endif %}
{% if facts.takes == "frame" %}
import pandas as pd
{% endif %}
import sklearn
{% if facts.loader == "skops" %}
import skops.io
{% endif %}

{{ m.project_imports(m.helpers, ["from .engine.models.estimators import use_one_thread"]) }}

{{ m.path_line("MODEL_FILE") }}
GOLDEN_FILE = Path(__file__).with_name("golden.json")
{% if m.has_trusted %}
# The types in the file; no others are loaded.
{{ m.trusted }}
{% endif %}
{% if m.gaps %}
# The columns in which an empty text stands for a missing one, which is NaN for the model.
{{ m.gaps }}
{% endif %}
{% if m.objects %}
# The columns that the model compares with its categories one by one.
{{ m.objects }}
{% endif %}
{% if m.columns and facts.takes in ("frame", "columns") %}
# The columns in the order of training.
{{ m.columns_line }}
{% endif %}


class Model:
{% set runner = "scikit-learn" %}
{% include "parts/about_model.py" %}

    def __init__(self) -> None:
        """Load the model, once."""
{% include "parts/load_sklearn.py" %}
        use_one_thread(self._model)
        self.version = version_of(MODEL_FILE)
        self.runtime = f"scikit-learn {sklearn.__version__}"

{% include "parts/example.py" %}

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch of n instances."""
        rows = {{ m.rows }}{{ "[COLUMNS]" if m.columns and facts.takes == "frame" }}
{% for variable, method in m.methods %}
        {{ variable }} = self._model.{{ method }}(rows)
{% endfor %}
{{ m.returned }}
