{% set m = s.model %}
{% set facts = m.facts %}
"""The model's own library, asked with nothing of the service between: what answers have to be."""

from collections.abc import Mapping
from typing import Any

import mlflow
import numpy as np
{% if facts.takes == "frame" %}
import pandas as pd
{% endif %}

from .engine.models.tables import named
from .model import ANSWERS, DTYPES, MODEL_FOLDER


class Library:
    """MLflow, with the model.

    Attributes:
        made_by: Its name and version.
    """

    def __init__(self) -> None:
        """Load the model."""
        self._model = mlflow.pyfunc.load_model(str(MODEL_FOLDER))
        self.made_by = f"mlflow {mlflow.__version__}"

    def answer(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the model answers to one instance, whose values have their original names."""
        typed = {name: np.array([row[name]], dtype) for name, dtype in DTYPES.items()}
{% if facts.takes == "array" %}
        [rows] = typed.values()
{% elif facts.takes == "tensors" %}
        rows = typed
{% elif facts.named %}
        rows = pd.DataFrame(typed)
{% else %}
        rows = pd.DataFrame([[value[0] for value in typed.values()]])
{% endif %}
        answers = named(self._model.predict(rows), ANSWERS)
{{ m.row_answers }}
