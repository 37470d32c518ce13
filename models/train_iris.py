"""Trains the example model and writes it into the template; run it by ``make iris-model``."""

from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

PACKAGE = "{{cookiecutter.project_slug}}/src/{{cookiecutter.package_name}}"
NAME = "{% if service(cookiecutter).is_iris %}model.onnx{% endif %}"
MODEL_VERSION = 1


def main() -> None:
    """Train on all 150 flowers of the data set, and say how well the same does on unseen ones."""
    features, species = load_iris(return_X_y=True)
    features = features.astype(np.float32)
    classifier = make_pipeline(StandardScaler(), LogisticRegression())
    accuracy = cross_val_score(classifier, features, species, cv=10).mean()
    print(f"Accuracy in 10-fold cross-validation: {accuracy:.3f}")

    classifier.fit(features, species)
    model = to_onnx(
        classifier,
        initial_types=[("features", FloatTensorType([None, 4]))],
        options={"zipmap": False},
        target_opset=17,
    )
    model.model_version = MODEL_VERSION
    path = Path(__file__).parent.parent / PACKAGE / NAME
    path.write_bytes(model.SerializeToString())
    print(f"Wrote {path.stat().st_size} bytes to {path.name}")


if __name__ == "__main__":
    main()
