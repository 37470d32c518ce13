"""Trains the models of scikit-learn that the tests read, with the answers that the library gives.

uv run --no-project --with scikit-learn==1.9.1 --with pandas==3.1.1 --with skops==0.16.0 \
    python tests/helpers/zoo/make_sklearn.py tests/sources/models
"""

import json
import math
import pickle
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import sklearn
import skops.io
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest, RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

FOLDER = Path(sys.argv[1])
IRIS, SPECIES = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[SPECIES]
PICKED = [0, 60, 120]

Answers = dict[str, Sequence[Any]]


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, list):
        return [plain(each) for each in value]
    return "nan" if isinstance(value, float) and math.isnan(value) else value


def write(name: str, rows: list[dict[str, Any]], answers: Answers) -> Path:
    """Write down what a model answers; gives the folder for the model itself."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "made_by": f"scikit-learn {sklearn.__version__}",
        "rows": [{key: plain(value) for key, value in row.items()} for row in rows],
        "answers": [
            {key: plain(values[place]) for key, values in answers.items()}
            for place in range(len(rows))
        ],
    }
    (folder / "answers.json").write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")
    return folder


def tensors(rows: Any) -> list[dict[str, Any]]:
    """Rows of a model that was fitted on an array."""
    return [{"features": row} for row in rows]


def told(model: Any, rows: Any) -> Answers:
    """The class of each row, as text, and the probability of each class."""
    labels = [str(label) for label in model.predict(rows).tolist()]
    return {"label": labels, "probabilities": model.predict_proba(rows)}


def customers() -> tuple[pd.DataFrame, list[str]]:
    """A frame with columns of many kinds and awkward names, with gaps in one, and its classes."""
    draw = np.random.default_rng(0)
    count = 60
    frame = pd.DataFrame(
        {
            "mean radius": draw.normal(size=count),
            "class": draw.choice(["first", "second", "third class"], count),
            "A b": draw.normal(size=count),
            "a_b": draw.integers(0, 5, count),
            "city": draw.choice(["Köln", "Paris"], count),
            "is member": draw.choice([True, False], count),
            "note": ["of no use"] * count,
        }
    )
    risk = np.where(frame["A b"] + frame["a_b"] > 2, "high", "low")
    frame.loc[::7, "mean radius"] = np.nan
    return frame, risk.tolist()


def make_columns() -> None:
    """A pipeline with a column of every kind, by joblib and by skops."""
    frame, risk = customers()
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["mean radius", "A b"]),
            ("closed", OneHotEncoder(), ["class", "a_b", "is member"]),
            ("open", OneHotEncoder(handle_unknown="ignore"), ["city"]),
        ]
    )
    model = make_pipeline(columns, LogisticRegression()).fit(frame, risk)
    rows = frame.iloc[[0, 1, 2]].copy()
    rows.loc[rows.index[2], "city"] = "Oslo"
    rows["note"] = math.nan  # Nothing is made of it, so a field of it may be left out.
    for name in ("sklearn_columns", "sklearn_columns_skops"):
        folder = write(name, rows.to_dict("records"), told(model, rows))
        if name.endswith("skops"):
            skops.io.dump(model, folder / "model.skops", compression=zipfile.ZIP_DEFLATED)
        else:
            joblib.dump(model, folder / "model.joblib")


def make_texts() -> None:
    """A text classifier, by pickle."""
    texts = ["good day", "what a bad night", "a good night", "bad bad day", "so good", "so bad"]
    moods = ["glad", "sad", "glad", "sad", "glad", "sad"]
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, moods)
    rows = ["good", "a bad and rainy day", ""]
    folder = write("sklearn_texts", [{"text": row} for row in rows], told(model, rows))
    (folder / "model.pkl").write_bytes(pickle.dumps(model))


def make_arrays() -> None:
    """Models that were fitted on arrays."""
    rows = IRIS[PICKED]
    model: Any = LogisticRegression(max_iter=500).fit(IRIS, NAMES)
    joblib.dump(model, write("sklearn_iris", tensors(rows), told(model, rows)) / "model.joblib")

    model = DecisionTreeClassifier(max_depth=2).fit(IRIS, SPECIES)
    folder = write("sklearn_integers", tensors(rows), told(model, rows))
    (folder / "model.pkl").write_bytes(pickle.dumps(model, protocol=2))

    model = LinearSVC().fit(IRIS, SPECIES == 1)
    labels = [str(label) for label in model.predict(rows).tolist()]
    folder = write("sklearn_bools", tensors(rows), {"label": labels})
    skops.io.dump(model, folder / "model.skops", compression=zipfile.ZIP_DEFLATED)

    forest = RandomForestRegressor(2, max_depth=3, random_state=0).fit(IRIS[:, :3], IRIS[:, 3])
    folder = write(
        "sklearn_forest", tensors(rows[:, :3]), {"prediction": forest.predict(rows[:, :3])}
    )
    joblib.dump(forest, folder / "model.joblib", compress=("xz", 3))

    model = Ridge().fit(IRIS[:, :2], IRIS[:, 2:])
    folder = write(
        "sklearn_ridge", tensors(rows[:, :2]), {"prediction": model.predict(rows[:, :2])}
    )
    joblib.dump(model, folder / "model.joblib", compress=("bz2", 3))

    model = GridSearchCV(LogisticRegression(max_iter=500), {"C": [0.1, 1.0]}).fit(IRIS, NAMES)
    folder = write("sklearn_search", tensors(rows), told(model, rows))
    joblib.dump(model, folder / "model.joblib", compress=("zlib", 3))


def make_without_classes() -> None:
    """An outlier detector, a clusterer and a transformer."""
    rows = np.vstack([IRIS[PICKED], [[50.0, 0.0, 50.0, 0.0]]])
    forest = IsolationForest(n_estimators=3, max_samples=32, random_state=0).fit(IRIS)
    answers = {"inlier": forest.predict(rows) == 1, "score": forest.decision_function(rows)}
    folder = write("sklearn_outliers", tensors(rows), answers)
    joblib.dump(forest, folder / "model.joblib", compress=("gzip", 3))

    model: Any = KMeans(3, random_state=0).fit(IRIS)
    folder = write("sklearn_clusters", tensors(rows), {"cluster": model.predict(rows)})
    joblib.dump(model, folder / "model.joblib", compress=("lzma", 3))

    model = PCA(2).fit(IRIS)
    folder = write("sklearn_components", tensors(rows), {"output": model.transform(rows)})
    skops.io.dump(model, folder / "model.skops", compression=zipfile.ZIP_DEFLATED)


def make_several_outputs() -> None:
    """A forest that tells two labels at once."""
    wide = np.where(IRIS[:, 3] > 1, "wide", "narrow")
    model = RandomForestClassifier(2, max_depth=2, random_state=0)
    model.fit(IRIS, np.column_stack([NAMES, wide]))
    rows = IRIS[PICKED]
    labels, shares = model.predict(rows), model.predict_proba(rows)
    answers: Answers = {}
    for place in range(2):
        answers[f"label_{place}"] = labels[:, place]
        answers[f"probabilities_{place}"] = shares[place]
    folder = write("sklearn_outputs", tensors(rows), answers)
    joblib.dump(model, folder / "model.joblib", compress=3)


def make_cells() -> None:
    """A pipeline that was fitted on an array of texts and numbers."""
    frame, risk = customers()
    cells = frame[["class", "A b", "city"]].to_numpy(dtype=object)
    parts = [("words", OrdinalEncoder(), [0, 2])]
    columns = ColumnTransformer(parts, remainder="passthrough")
    model = make_pipeline(columns, DecisionTreeClassifier(max_depth=3)).fit(cells, risk)
    rows = cells[:4]
    records = [{str(at): value for at, value in enumerate(row)} for row in rows.tolist()]
    folder = write("sklearn_cells", records, told(model, rows))
    joblib.dump(model, folder / "model.joblib")


make_columns()
make_texts()
make_arrays()
make_without_classes()
make_several_outputs()
make_cells()
