{% set m = s.model %}
{% set facts = m.facts %}
"""The model. This is the file to edit; nothing in it knows of gRPC."""

from pathlib import Path
from typing import Any

import mlflow
{% if "np." in m.dtypes ~ m.returned %}
import numpy as np
{% endif %}
{% if facts.takes == "frame" %}
import pandas as pd
{% endif %}

{{ m.project_imports(["named", "table"], ["from .engine.models import takes"]) }}

{{ m.path_line("MODEL_FOLDER") }}
GOLDEN_FILE = Path(__file__).with_name("golden.json")
{% include "parts/takes.py" %}
# The types that MLflow wants: it refuses others.
{{ m.dtypes }}
# What its answers are called.
{{ m.answer_names }}


class Model:
{% set runner = "MLflow" %}
{% include "parts/about_model.py" %}

    def __init__(self) -> None:
        """Load the model, once."""
        self._model = mlflow.pyfunc.load_model(str(MODEL_FOLDER))
        self.version = version_of(MODEL_FOLDER)
        self.runtime = f"mlflow {mlflow.__version__}"

{% include "parts/example.py" %}

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch of n instances."""
        answers = TAKES(self._ask, table(SCHEMA.inputs, inputs))
{{ m.returned }}

    def _ask(self, columns: takes.Columns) -> list[Any]:
        """Ask about instances that travel together: row i of each column is of instance i."""
        typed = {name: columns[name].astype(dtype) for name, dtype in DTYPES.items()}
{% if facts.takes == "array" %}
        [rows] = typed.values()
{% elif facts.takes == "tensors" %}
        rows = typed
{% elif facts.named %}
        rows = pd.DataFrame(typed)
{% else %}
        rows = pd.DataFrame(typed).set_axis(range(len(typed)), axis=1)
{% endif %}
        return [*named(self._model.predict(rows), ANSWERS)]
