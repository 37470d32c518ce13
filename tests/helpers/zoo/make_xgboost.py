"""Makes the XGBoost models of the zoo, each as .ubj and as .json.

PYTHONPATH=tests/helpers uv run --no-project \\
    --with xgboost-cpu==3.2.0 --with pandas --with scikit-learn \\
    python -m zoo.make_xgboost FOLDER
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from zoo.booster_data import numbers, table, table_rows, write

MADE_BY = f"xgboost {xgboost.__version__}"
FORMATS = ("ubj", "json")
TREES = {"nthread": 1, "max_depth": 3, "seed": 1}


def save(folder: Path, name: str, booster: Any, rows: list[dict[str, Any]], answer: Any) -> None:
    """Save a model in both formats, with its answers by the names of its outputs."""
    for form in FORMATS:
        place = folder / f"xgboost_{name}_{form}"
        place.mkdir(parents=True, exist_ok=True)
        booster.save_model(place / f"model.{form}")
        write(place, MADE_BY, rows, answer)


def main(folder: Path) -> None:
    """Train and save all of them."""
    features = numbers()
    shown = features[:4].copy()
    shown[1, 2] = np.nan
    rows = [{"features": row} for row in shown]
    kinds = {
        "binary": ("binary:logistic", {}, features[:, 0] > 0, "probability"),
        "multiclass": (
            "multi:softprob",
            {"num_class": 3},
            np.digitize(features[:, 0], [-0.5, 0.5]),
            "probabilities",
        ),
        "regression": ("reg:squarederror", {}, features[:, 0] * 2 - features[:, 1], "prediction"),
    }
    for name, (objective, more, target, output) in kinds.items():
        data = xgboost.DMatrix(features, target)
        booster = xgboost.train({**TREES, "objective": objective, **more}, data, 3)
        save(folder, name, booster, rows, {output: booster.predict(xgboost.DMatrix(shown))})
    frame = table()
    target = (frame["color"] == "red") ^ (frame["zone"] == 20)
    data = xgboost.DMatrix(frame, target, enable_categorical=True)
    booster = xgboost.train({**TREES, "objective": "binary:logistic"}, data, 3)
    few = frame[:6].copy()
    few.loc[1, "mean radius"] = np.nan
    answer = booster.predict(xgboost.DMatrix(few, enable_categorical=True))
    save(folder, "categories", booster, table_rows(few), {"probability": answer})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
