"""Trains what all systems serve, and writes down the right answers; runs in its own environment.

python models.py FOLDER
"""

import json
import sys
from pathlib import Path

import joblib
import numpy as np
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression


def main(folder: Path) -> None:
    """Write each model, the rows to ask about, and each model's answers to them."""
    features, species = load_iris(return_X_y=True)
    rows = features.astype(np.float32)
    models = {
        "lr": LogisticRegression(max_iter=500),
        "rf": RandomForestClassifier(100, random_state=0),
    }
    answers = {"noop": [[1.0, 0.0, 0.0]] * len(rows)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, model in models.items():
        joblib.dump(model.fit(rows, species), folder / f"{name}.joblib")
        answers[name] = model.predict_proba(rows).tolist()
    (folder / "answers.json").write_text(json.dumps({"rows": rows.tolist(), "answers": answers}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
