"""Makes the LightGBM models of the zoo.

PYTHONPATH=tests/helpers uv run --no-project \\
    --with lightgbm==4.7.0 --with pandas \\
    python -m zoo.make_lightgbm FOLDER
"""

import sys
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from zoo.booster_data import numbers, table, table_rows, write

MADE_BY = f"lightgbm {lightgbm.__version__}"
TREES = {"num_threads": 1, "num_leaves": 5, "min_data_in_leaf": 5, "verbose": -1, "seed": 1}


def save(folder: Path, name: str, booster: Any, rows: list[dict[str, Any]], answer: Any) -> None:
    """Save a model with its answers by the names of its outputs."""
    place = folder / f"lightgbm_{name}"
    place.mkdir(parents=True, exist_ok=True)
    booster.save_model(place / "model.txt")
    write(place, MADE_BY, rows, answer)


def main(folder: Path) -> None:
    """Train and save all of them."""
    features = numbers().astype(np.float64)
    shown = features[:4].copy()
    shown[1, 2] = np.nan
    rows = [{"features": row} for row in shown]
    kinds = {
        "binary": ("binary", {}, features[:, 0] > 0, "probability"),
        "multiclass": (
            "multiclass",
            {"num_class": 3},
            np.digitize(features[:, 0], [-0.5, 0.5]),
            "probabilities",
        ),
        "regression": ("regression", {}, features[:, 0] * 2 - features[:, 1], "prediction"),
    }
    for name, (objective, more, target, output) in kinds.items():
        data = lightgbm.Dataset(features, target)
        booster = lightgbm.train({**TREES, "objective": objective, **more}, data, 3)
        save(folder, name, booster, rows, {output: booster.predict(shown)})
    frame = table()
    target = (frame["color"] == "red") ^ (frame["zone"] == 20)
    data = lightgbm.Dataset(frame, target)
    booster = lightgbm.train({**TREES, "objective": "binary"}, data, 3)
    few = frame[:6].astype({"visits": float, "member": float})
    few.loc[1, "mean radius"] = np.nan
    answer = booster.predict(few)
    named = few.rename(columns={"mean radius": "mean_radius"})
    save(folder, "categories", booster, table_rows(named), {"probability": answer})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
