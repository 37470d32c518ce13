"""The model that every system serves, whichever way it serves it.

BENCH_MODEL names it (lr, rf or noop) and BENCH_MODELS is the folder it is in.
"""

import os
from pathlib import Path

import joblib
import numpy as np
from numpy.typing import ArrayLike, NDArray

SPECIES = ("setosa", "versicolor", "virginica")
FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")


class IrisModel:
    """A scikit-learn classifier, or for noop none: the same answer to everything."""

    def __init__(self) -> None:
        """Load it, once."""
        self.name = os.environ["BENCH_MODEL"]
        self._estimator = None
        if self.name != "noop":
            self._estimator = joblib.load(Path(os.environ["BENCH_MODELS"], f"{self.name}.joblib"))

    def predict(self, rows: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the species, as places in SPECIES, and the probabilities of n rows of features."""
        features = np.asarray(rows, np.float32)
        if self._estimator is None:
            probabilities = np.zeros((len(features), len(SPECIES)), np.float32)
            probabilities[:, 0] = 1
        else:
            probabilities = self._estimator.predict_proba(features).astype(np.float32)
        return probabilities.argmax(1), probabilities

    def predict_json(self, rows: ArrayLike) -> list[dict[str, object]]:
        """Return what the JSON services answer, row by row."""
        species, probabilities = self.predict(rows)
        return [
            {"species": SPECIES[place], "probabilities": row}
            for place, row in zip(species.tolist(), probabilities.tolist(), strict=True)
        ]
