{% set m = s.model %}
{% set facts = m.facts %}
"""The model. This is the file to edit; nothing in it knows of gRPC."""

from pathlib import Path
from typing import Any

import lightgbm
{% if facts.columns %}
import numpy as np
{% endif %}

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
{% set runner = "LightGBM" %}
{% include "parts/about_model.py" %}

    def __init__(self) -> None:
        """Load the model, once."""
        self._booster = lightgbm.Booster(model_file=MODEL_FILE)
        self.version = version_of(MODEL_FILE)
        self.runtime = f"lightgbm {lightgbm.__version__}"

{% include "parts/example.py" %}

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch of n instances."""
{% if facts.columns %}
{{ m.rows("self._booster.feature_name()", "float64") }}
{% else %}
        rows = inputs.{{ m.first.name }}
{% endif %}
        # A call has few rows, for which more threads cost more than they give.
        answers: Any = self._booster.predict(rows, num_threads=1)
        return Outputs({{ m.answered }}=answers)
