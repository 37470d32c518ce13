{% set m = s.model %}
{% set facts = m.facts %}
"""The model. This is the file to edit; nothing in it knows of gRPC."""

from pathlib import Path
{% if m.categories %}
from typing import Any
{% endif %}

{% if facts.columns or facts.whole %}
import numpy as np
{% endif %}
import xgboost

{{ m.project_imports(["matrix"] if facts.columns else []) }}

{{ m.path_line("MODEL_FILE") }}
GOLDEN_FILE = Path(__file__).with_name("golden.json")
{% if m.order %}
# The columns in the order of training; the file has other names for them.
{{ m.order }}
{% endif %}
{% if m.categories %}
# What stands for a category in the model is its place here.
{{ m.categories }}
{% endif %}


class Model:
{% set runner = "XGBoost" %}
{% include "parts/about_model.py" %}

    def __init__(self) -> None:
        """Load the model, once."""
        # A call has few rows, for which more threads cost more than they give.
        self._booster = xgboost.Booster({"nthread": 1}, model_file=MODEL_FILE)
{% if facts.columns and not m.order %}
        self._columns = self._booster.feature_names or []
{% endif %}
        self.version = version_of(MODEL_FILE)
        self.runtime = f"xgboost {xgboost.__version__}"

{% include "parts/example.py" %}

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch of n instances."""
{% if facts.columns %}
{{ m.rows("self._columns", "float32") }}
{% else %}
        rows = inputs.{{ m.first.name }}
{% endif %}
{% if facts.linear %}
        names, types = self._booster.feature_names, self._booster.feature_types
        data = xgboost.DMatrix(rows, feature_names=names, feature_types=types, nthread=1)
        answers = self._booster.predict(data{{ m.rounds }})
{% else %}
        answers = self._booster.inplace_predict(rows{{ m.rounds }})
{% endif %}
        return Outputs({{ m.answered }}=answers{{ ".astype(np.int32)" if facts.whole }})
