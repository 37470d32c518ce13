"""Predictions beside each other."""

from dataclasses import fields

import numpy as np

from kitchen import Prediction, Predictions


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
