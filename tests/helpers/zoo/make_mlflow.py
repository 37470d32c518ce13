"""Makes the MLflow folders of the zoo: one of scikit-learn, one of XGBoost, one of Python code.

PYTHONPATH=tests/helpers uv run --no-project \\
    --with mlflow-skinny==3.17.2 --with scikit-learn==1.9.1 --with skops==0.16.0 \\
    --with xgboost-cpu==3.2.0 --with pandas \\
    python -m zoo.make_mlflow FOLDER
"""

import shutil
import sys
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import xgboost
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression
from zoo.booster_data import numbers, table, table_rows, write

MADE_BY = f"mlflow {mlflow.__version__}"


class Doubled(mlflow.pyfunc.PythonModel):
    """Answers with twice a column, and with a text."""

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
        """Answer with a table."""
        words = np.where(model_input["visits"] > 4, "often", "seldom")
        return pd.DataFrame({"twice": model_input["mean radius"] * 2, "visitor": words})


def fresh(folder: Path, name: str) -> Path:
    """The folder of a model, which MLflow wants to make itself."""
    place = folder / f"mlflow_{name}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


def main(folder: Path) -> None:
    """Make all of them."""
    frame = table()[["mean radius", "visits"]]
    labels = np.where(frame["mean radius"] + frame["visits"] > 4, "yes", "no")
    few = frame[:4]

    place = fresh(folder, "sklearn")
    classifier = LogisticRegression().fit(frame, labels)
    mlflow.sklearn.save_model(
        classifier,
        place / "model",
        signature=infer_signature(frame, labels),
        input_example=few,
        pip_requirements=["scikit-learn==1.9.1", "skops==0.16.0"],
    )
    answers = {
        "label": classifier.predict(few),
        "probabilities": classifier.predict_proba(few),
    }
    write(place, MADE_BY, table_rows(few), answers)

    place = fresh(folder, "xgboost")
    features = numbers()
    data = xgboost.DMatrix(features, features[:, 0] > 0)
    booster = xgboost.train({"objective": "binary:logistic", "max_depth": 3, "nthread": 1}, data, 3)
    columns = pd.DataFrame(features[:4], columns=["a", "b b", "c", "d"])
    signature = infer_signature(columns, np.zeros(4, np.float32))
    mlflow.xgboost.save_model(
        booster, place / "model", signature=signature, pip_requirements=["xgboost-cpu==3.2.0"]
    )
    answer = booster.predict(xgboost.DMatrix(features[:4]))
    write(place, MADE_BY, table_rows(columns), {"probability": answer})

    place = fresh(folder, "pyfunc")
    model = Doubled()
    mlflow.pyfunc.save_model(
        place / "model",
        python_model=model,
        signature=infer_signature(few, model.predict(None, few)),
        input_example=few,
        pip_requirements=["pandas", "mlflow-skinny==3.17.2"],
    )
    given = mlflow.pyfunc.load_model(str(place / "model")).predict(few)
    write(place, MADE_BY, table_rows(few), {name: given[name].to_numpy() for name in given})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
