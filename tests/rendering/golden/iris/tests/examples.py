"""What goes into the model and comes out of it, in the tests."""

from dataclasses import fields

import numpy as np

from iris_classifier.schema import Inputs, Instance, Outputs, Prediction, Predictions

# Two instances that are valid, and the same as columns.
INSTANCE: Instance = {
    "sepal_length": 5.1,
    "sepal_width": 3.5,
    "petal_length": 1.4,
    "petal_width": 0.2,
}
OTHER: Instance = {
    "sepal_length": 7.0,
    "sepal_width": 3.2,
    "petal_length": 4.7,
    "petal_width": 1.4,
}
COLUMNS = {name: [INSTANCE.get(name), OTHER.get(name)] for name in INSTANCE}

# What the model sees of INSTANCE.
INPUTS = Inputs(
    sepal_length=np.full(1, 5.1, np.float32),
    sepal_width=np.full(1, 3.5, np.float32),
    petal_length=np.full(1, 1.4, np.float32),
    petal_width=np.full(1, 0.2, np.float32),
)

# What a model may answer to the two, and what the caller gets of the answer to INSTANCE.
OUTPUTS = Outputs(
    species=np.array([0, 1]),
    probabilities=np.stack(
        [np.linspace(0.5, 1.5, 3, dtype=np.float32), np.full(3, 1.5, np.float32)]
    ),
)
PREDICTION = Prediction(
    species="setosa",
    probabilities=np.linspace(0.5, 1.5, 3, dtype=np.float32),
    model_version="1.2.3",
)


def assert_same(prediction: object, expected: Prediction) -> None:
    """Check that predictions are equal, but for the rounding of floats."""
    assert isinstance(prediction, Prediction)
    for field in fields(Prediction):
        actual, wanted = getattr(prediction, field.name), getattr(expected, field.name)
        if np.asarray(wanted).dtype.kind == "f":
            np.testing.assert_allclose(actual, wanted, rtol=1e-5, err_msg=field.name)
        else:
            np.testing.assert_array_equal(actual, wanted, err_msg=field.name)


def one_by_one(predictions: Predictions) -> list[Prediction]:
    """Return the rows of predictions that came as columns."""
    names = [field.name for field in fields(Prediction) if field.name != "model_version"]
    rows = zip(*(getattr(predictions, name) for name in names), strict=True)
    values = [dict(zip(names, row, strict=True)) for row in rows]
    return [Prediction(**row, model_version=predictions.model_version) for row in values]
