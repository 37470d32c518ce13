{% set m = s.model %}
{% set facts = m.facts %}
"""The model. This is the file to edit; nothing in it knows of gRPC."""

from pathlib import Path
from typing import Any

import catboost
{% if m.uses_numpy %}
import numpy as np
{% endif %}

{{ m.project_imports(m.helpers) }}

{{ m.path_line("MODEL_FILE") }}
GOLDEN_FILE = Path(__file__).with_name("golden.json")


class Model:
{% set runner = "CatBoost" %}
{% include "parts/about_model.py" %}

    def __init__(self) -> None:
        """Load the model, once."""
        self._model = catboost.CatBoost().load_model(str(MODEL_FILE))
        self.version = version_of(MODEL_FILE)
        self.runtime = f"catboost {catboost.__version__}"

{% include "parts/example.py" %}

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch of n instances."""
{% if facts.cells %}
        columns = table(SCHEMA.inputs, inputs)
        rows = cells({name: columns[name] for name in self._model.feature_names_})
{% elif facts.columns %}
        rows = matrix(SCHEMA.inputs, inputs, self._model.feature_names_, np.float32, {})
{% else %}
        rows = inputs.{{ m.first.name }}
{% endif %}
{% for variable, type in m.types %}
        {{ variable }} = self._ask(rows, "{{ type }}")
{% endfor %}
{{ m.returned }}

    def _ask(self, rows: Any, prediction_type: str) -> Any:
        """Ask the model for one type of prediction."""
        # A call has few rows, for which more threads cost more than they give.
        return self._model.predict(rows, prediction_type, thread_count=1)
