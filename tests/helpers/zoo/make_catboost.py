"""Makes the CatBoost models of the zoo.

PYTHONPATH=tests/helpers uv run --no-project \\
    --with catboost==1.2.10 --with pandas \\
    python -m zoo.make_catboost FOLDER
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import catboost
import numpy as np
from zoo.booster_data import numbers, table, table_rows, write

MADE_BY = f"catboost {catboost.__version__}"
TREES = {
    "iterations": 3,
    "depth": 2,
    "verbose": 0,
    "thread_count": 1,
    "random_seed": 1,
    "allow_writing_files": False,
}


def save(
    folder: Path, name: str, model: Any, rows: list[dict[str, Any]], answers: Mapping[str, Any]
) -> None:
    """Save a model with its answers by the names of its outputs."""
    place = folder / f"catboost_{name}"
    place.mkdir(parents=True, exist_ok=True)
    model.save_model(str(place / "model.cbm"))
    write(place, MADE_BY, rows, answers)


def classes(model: Any, rows: Any) -> dict[str, Any]:
    """The labels as texts, and the probabilities."""
    labels = np.array([str(label) for label in np.ravel(model.predict(rows))])
    return {"label": labels, "probabilities": model.predict_proba(rows)}


def main(folder: Path) -> None:
    """Train and save all of them."""
    frame = table().astype({"color": str, "zone": int, "member": float, "visits": float})
    frame.loc[3:9, "mean radius"] = np.nan
    target = np.where((frame["color"] == "red") ^ (frame["zone"] == 20), "yes", "no")
    few = frame[:6]
    shown = table_rows(few.astype({"zone": str}))

    model = catboost.CatBoostClassifier(**TREES, cat_features=["color", "zone"])
    save(folder, "categories", model.fit(frame, target), shown, classes(model, few))

    words = np.random.default_rng(9).choice(["good thing here", "bad thing", "an odd one"], 200)
    frame = frame[["mean radius", "color"]].assign(note=words)
    few = frame[:4]
    model = catboost.CatBoostClassifier(**TREES, cat_features=["color"], text_features=["note"])
    model.fit(frame, words == "bad thing")
    save(folder, "texts", model, table_rows(few), classes(model, few))

    features = numbers()
    few = features[:4]
    rows = [{"features": row} for row in few]
    model = catboost.CatBoostClassifier(**TREES)
    model.fit(features, np.digitize(features[:, 0], [-0.5, 0.5]) * 1.5)
    save(folder, "multiclass", model, rows, classes(model, few))

    model = catboost.CatBoostRegressor(**TREES, loss_function="RMSEWithUncertainty")
    model.fit(features, features[:, 0] * 2 - features[:, 1])
    mean, variance = model.predict(few).T
    save(folder, "uncertain", model, rows, {"prediction": mean, "variance": variance})

    frame = table()[["mean radius", "visits"]]
    model = catboost.CatBoostRegressor(**TREES, loss_function="Poisson").fit(frame, frame["visits"])
    answer = {"prediction": model.predict(frame[:4])}
    save(folder, "counts", model, table_rows(frame[:4]), answer)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
