"""The benchmark's model in the generated project: takes the place of its model.py."""

import numpy as np
import sklearn
from bench_model import FEATURES, IrisModel

from .schema import Inputs, Outputs


class Model:
    """One of the benchmark's models.

    Attributes:
        version: Identifies the trained model; sent with every prediction.
        runtime: What runs it, with version.
    """

    version = "1"
    runtime = f"scikit-learn {sklearn.__version__}"

    def __init__(self) -> None:
        """Load the model, once."""
        self._model = IrisModel()

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch of n instances."""
        features = np.array([getattr(inputs, name) for name in FEATURES]).T
        species, probabilities = self._model.predict(features)
        return Outputs(species=species, probabilities=probabilities)
