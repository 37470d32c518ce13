{% set m = s.sklearn %}
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
{% if m.columns and facts.takes in ("frame", "columns") %}
# The columns in the order of training.
{{ m.columns_line }}
{% endif %}


class Model:
    """The model in {{ s.source.origin | docstring }}, run by scikit-learn.

    Attributes:
        version: Identifies the trained model: the start of its checksum. Sent with every prediction.
        runtime: What runs it, with version.
    """

    def __init__(self) -> None:
        """Load the model, once."""
{% if facts.loader == "joblib" %}
        self._model = joblib.load(MODEL_FILE)
{% elif facts.loader == "pickle" %}
        with MODEL_FILE.open("rb") as file:
            self._model = pickle.load(file)
{% else %}
        self._model = skops.io.load(MODEL_FILE, trusted={{ "TRUSTED" if m.has_trusted else "[]" }})
{% endif %}
        use_one_thread(self._model)
        self.version = version_of(MODEL_FILE)
        self.runtime = f"scikit-learn {sklearn.__version__}"

    def example(self) -> Inputs:
        """Return a batch of one, for the warm-up."""
        batch: Inputs = example(SCHEMA, GOLDEN_FILE)
        return batch

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch of n instances."""
        rows = {{ m.rows }}{{ "[COLUMNS]" if m.columns and facts.takes == "frame" }}
{% for variable, method in m.methods %}
        {{ variable }} = self._model.{{ method }}(rows)
{% endfor %}
{{ m.returned }}
