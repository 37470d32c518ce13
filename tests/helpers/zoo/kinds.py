"""Exports models of scikit-learn of 41 kinds to ONNX.

uv run --no-project --with skl2onnx==1.20.0 --with scikit-learn==1.9.1 --with pandas==3.1.1 \
  python tests/helpers/zoo/kinds.py FOLDER
"""

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from skl2onnx import to_onnx
from skl2onnx.common.data_types import StringTensorType
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.tree import DecisionTreeClassifier

TENSOR = {"zipmap": False}
# The last that skl2onnx writes all of the kinds in.
OPSETS = {"": 17, "ai.onnx.ml": 3}
COLUMNS = {"zipmap": "columns"}
X, Y = load_iris(return_X_y=True)
X = X.astype(np.float32)
SPECIES = np.array(["setosa", "versi color", "virginica"])[Y]
WIDE = X[:, 3] > 1
TABLE = pd.DataFrame(
    {
        "age": X[:, 0],
        "city": np.where(X[:, 2] > 3, "Oslo", "Roma"),
        "last job": np.where(X[:, 3] > 1, "cook", "pilot"),
    }
)
TEXTS = ["Good movie", "bad film", "GREAT stuff", "awful thing"] * 5
MOODS = ["pos", "neg"] * 10

Exported = tuple[str, Any]


def exported(model: Any, example: Any, options: Any = None, **how: Any) -> Any:
    """A fitted model as ONNX."""
    return to_onnx(model, example, options=options, target_opset=OPSETS, **how)


def classifiers() -> Iterator[Exported]:
    """One of every sort, by turns with a map of probabilities and with an array."""
    pair = [("logistic", LogisticRegression()), ("bayes", GaussianNB())]
    sorts: dict[str, Any] = {
        "forest": RandomForestClassifier(5, random_state=0),
        "tree": DecisionTreeClassifier(max_depth=3, random_state=0),
        "boosting": GradientBoostingClassifier(n_estimators=3, random_state=0),
        "svc": SVC(),
        "linear_svc": LinearSVC(),
        "bayes": GaussianNB(),
        "neighbours": KNeighborsClassifier(),
        "network": MLPClassifier((4,), max_iter=50, random_state=0),
        "discriminant": LinearDiscriminantAnalysis(),
        "quadratic": QuadraticDiscriminantAnalysis(),
        "ada": AdaBoostClassifier(n_estimators=3, random_state=0),
        "bagging": BaggingClassifier(n_estimators=3, random_state=0),
        "voting": VotingClassifier(pair, voting="soft", flatten_transform=False),
        "calibrated": CalibratedClassifierCV(LinearSVC(), cv=2),
        "one_vs_rest": OneVsRestClassifier(LogisticRegression()),
        "one_vs_one": OneVsOneClassifier(LogisticRegression()),
        "ridge": RidgeClassifier(),
        "stacking": StackingClassifier(pair, cv=2),
        "extra_trees": ExtraTreesClassifier(3, random_state=0),
        "search": GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [2, 3]}, cv=2),
    }
    for number, (name, model) in enumerate(sorts.items()):
        yield name, exported(model.fit(X, SPECIES), X[:1], TENSOR if number % 2 else None)


def logistic() -> Iterator[Exported]:
    """One sort, with labels of all types and in all forms of skl2onnx."""
    by_name = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, SPECIES)
    yield "labels_in_maps", exported(by_name, X[:1])
    yield "labels_and_tensor", exported(by_name, X[:1], TENSOR)
    yield "labels_and_columns", exported(by_name, X[:1], COLUMNS)
    yield "raw_scores", exported(by_name, X[:1], {**TENSOR, "raw_scores": True})
    by_place = LogisticRegression().fit(X, Y * 2 - 1)
    yield "integers_in_maps", exported(by_place, X[:1])
    by_truth = LogisticRegression().fit(X, Y > 0)
    yield "bools", exported(by_truth, X[:1], TENSOR)


def regressors() -> Iterator[Exported]:
    """One number an instance and two, of single and of double precision."""
    yield "linear_double", exported(LinearRegression().fit(X.astype(float), Y), X[:1].astype(float))
    yield "linear_two", exported(LinearRegression().fit(X[:, :2], X[:, 2:]), X[:1, :2])
    forest = RandomForestRegressor(3, random_state=0).fit(X[:, :2], X[:, 2:])
    yield "forest_two", exported(forest, X[:1, :2])
    yield "svr", exported(SVR().fit(X, Y), X[:1])


def without_classes() -> Iterator[Exported]:
    """Clusterers, an outlier detector and a transformer."""
    yield "isolation", exported(IsolationForest(n_estimators=3, random_state=0).fit(X), X[:1])
    yield "clusters", exported(KMeans(3, random_state=0).fit(X), X[:1])
    yield "mixture", exported(GaussianMixture(3, random_state=0).fit(X), X[:1])
    yield "components", exported(PCA(2).fit(X), X[:1])


def with_text() -> Iterator[Exported]:
    """Columns of their own, and words."""
    split = ColumnTransformer(
        [
            ("numbers", StandardScaler(), ["age"]),
            ("words", OneHotEncoder(handle_unknown="ignore"), ["city", "last job"]),
        ]
    )
    model = make_pipeline(split, LogisticRegression()).fit(TABLE, SPECIES)
    yield "columns", exported(model, TABLE, TENSOR)
    words = [("text", StringTensorType([None, 1]))]
    for name, vectorizer in (("tfidf", TfidfVectorizer()), ("counts", CountVectorizer())):
        model = make_pipeline(vectorizer, LogisticRegression()).fit(TEXTS, MOODS)
        options = None if name == "counts" else TENSOR
        yield name, exported(model, None, options, initial_types=words)


def several_labels() -> Iterator[Exported]:
    """Several labels an instance, which skl2onnx writes in ways of their own."""
    features, labels = make_multilabel_classification(n_features=4, n_classes=3, random_state=0)
    features = features.astype(np.float32)
    network = MLPClassifier((4,), max_iter=50, random_state=0).fit(features, labels)
    yield "multilabel_tensor", exported(network, features[:1], TENSOR)
    yield "multilabel_maps", exported(network, features[:1])
    both = np.column_stack([Y, WIDE])
    each = MultiOutputClassifier(LogisticRegression()).fit(X, both)
    yield "multioutput_tensor", exported(each, X[:1], TENSOR)
    forest = RandomForestClassifier(2, random_state=0).fit(X, both)
    yield "multioutput_forest", exported(forest, X[:1], TENSOR)


def main(folder: Path) -> None:
    """Write all of them."""
    warnings.simplefilter("ignore")
    folder.mkdir(parents=True, exist_ok=True)
    kinds = (classifiers, logistic, regressors, without_classes, with_text, several_labels)
    for exports in kinds:
        for name, model in exports():
            (folder / f"{name}.onnx").write_bytes(model.SerializeToString())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
