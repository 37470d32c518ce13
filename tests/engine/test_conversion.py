"""Values become messages, and messages values, of a whole schema."""

import math
from typing import Any

import grpc
import numpy as np
import pandas as pd
import polars as pl
import pytest
from contract import CONVERSION, SCHEMA, Prediction, pb
from engine.calling.errors import CallError, invalid
from engine.fields.violations import Violation

INSTANCE = {"x": 1.0, "count": 2, "series": [1.0, 2.0]}

HINT = "server and client have different schemas; update the older one"


def faults(error: CallError) -> dict[str, str]:
    """Return what is wrong, by its path."""
    return dict(error.violations)


def test_an_instance_becomes_a_message() -> None:
    assert CONVERSION.to_instance(INSTANCE) == pb.Instance(x=1, count=2, series=[1, 2])
    assert CONVERSION.to_instance({"x": 1.0, "count": None}) == pb.Instance(x=1)


def test_all_that_is_wrong_with_an_instance_is_told_at_once() -> None:
    with pytest.raises(CallError) as caught:
        CONVERSION.to_instance({"x": "1", "count": 0.5, "series": []})
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert faults(caught.value) == {
        "instance.x": "expected float, got '1'",
        "instance.count": "expected int32, got 0.5",
        "instance.series": "expected at least one value along each dimension, got shape 0",
    }


def test_what_only_the_server_checks_is_told_too_if_something_cannot_be_sent() -> None:
    with pytest.raises(CallError) as caught:
        CONVERSION.to_instance({"x": 101.0, "count": 0.5})
    assert faults(caught.value) == {
        "instance.x": "101 is above 100",
        "instance.count": "expected int32, got 0.5",
        "instance.series": "at least one value is required",
    }
    with pytest.raises(CallError) as caught:
        CONVERSION.to_columns({"x": [1.0, 101.0], "count": [1, 0.5]})
    assert faults(caught.value) == {
        "instances.x[1]": "101 is above 100",
        "instances.count[1]": "expected int32, got 0.5",
        "instances.series": "required",
    }


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("cuont", "the model has no such input; did you mean count?"),
        ("quite_other", "the model has no such input"),
    ],
)
def test_an_input_that_there_is_not_is_told(name: str, fault: str) -> None:
    with pytest.raises(CallError) as caught:
        CONVERSION.to_instance({**INSTANCE, name: 1})
    assert faults(caught.value) == {f"instance.{name}": fault}
    with pytest.raises(CallError) as caught:
        CONVERSION.to_columns({"x": [1.0], name: [1]})
    assert faults(caught.value) == {f"instances.{name}": fault}


@pytest.mark.parametrize("frame", [dict, pd.DataFrame, pl.DataFrame])
def test_columns_may_be_a_mapping_or_a_data_frame(frame: Any) -> None:
    message = CONVERSION.to_columns(frame({"x": [1.0, 2.0], "series": [[1.0], [2.0, 3.0]]}))
    series = [pb.FloatTensor(shape=[1], values=[1]), pb.FloatTensor(shape=[2], values=[2, 3])]
    assert message == pb.InstanceColumns(x=[1, 2], series=series)


@pytest.mark.parametrize(
    "value", [1, "text", b"bytes", {"a": 1}, {1}, np.array(1), (x for x in "")]
)
def test_a_column_that_is_none_is_told(value: Any) -> None:
    with pytest.raises(CallError, match=r"instances\.x: expected a column, got"):
        CONVERSION.to_columns({"x": value})


def test_what_is_no_frame_is_told() -> None:
    with pytest.raises(CallError, match="instances: expected columns or a data frame, got list"):
        CONVERSION.to_columns([1])  # type: ignore[arg-type]


def test_all_that_is_wrong_with_columns_is_told_at_once() -> None:
    with pytest.raises(CallError) as caught:
        CONVERSION.to_columns({"x": [1, "1"], "count": [None, "2"], "series": [None]})
    assert faults(caught.value) == {
        "instances.x[1]": "expected float, got '1'",
        "instances.count[1]": "expected int32, got '2'",
        "instances.series[0]": "at least one value is required",
    }


def test_a_prediction_becomes_values() -> None:
    message = pb.Prediction(y=0.5, colour=2)
    assert CONVERSION.to_prediction(message, "7") == Prediction(0.5, "green", "7")
    response = pb.StreamPredictResponse(prediction=message, model_version="7")
    assert CONVERSION.to_result(response) == Prediction(0.5, "green", "7")


def test_predictions_become_columns() -> None:
    found = CONVERSION.to_predictions(pb.PredictionColumns(y=[0.5, 1], colour=[2, 1]), "7", rows=2)
    assert isinstance(found, SCHEMA.Predictions)
    assert (found.y.tolist(), found.colour, found.model_version) == (
        [0.5, 1],
        ["green", "red"],
        "7",
    )


def test_an_answer_that_does_not_fit_says_what_to_do() -> None:
    fault = f"there is no label of number 3; {HINT}"
    with pytest.raises(CallError) as caught:
        CONVERSION.to_prediction(pb.Prediction(y=math.inf, colour=3), "7")
    assert caught.value.code is grpc.StatusCode.INTERNAL
    assert faults(caught.value) == {"prediction.colour": fault}
    result = CONVERSION.to_result(pb.StreamPredictResponse(prediction=pb.Prediction(y=1, colour=3)))
    assert faults(result) == {"prediction.colour": fault}


@pytest.mark.parametrize(
    ("y", "colour", "name", "fault"),
    [
        ([1, 2], [1], "colour", "expected 2 rows, as many as there are instances, got 1"),
        ([1], [1, 2], "y", "expected 2 rows, as many as there are instances, got 1"),
        ([1], [1], "y", "expected 2 rows, as many as there are instances, got 1"),
        ([1, 2, 3], [1, 2, 1], "y", "expected 2 rows, as many as there are instances, got 3"),
        ([], [], "y", "expected 2 rows, as many as there are instances, got 0"),
    ],
)
def test_columns_of_an_answer_with_more_or_fewer_rows_are_told(
    y: list[float], colour: list[int], name: str, fault: str
) -> None:
    with pytest.raises(CallError) as caught:
        CONVERSION.to_predictions(pb.PredictionColumns(y=y, colour=colour), "7", rows=2)
    told = f"{fault}; {HINT}"
    assert faults(caught.value) == {f"predictions.{name}": told}


def test_an_error_of_many_violations_says_few_of_them_and_how_many_more() -> None:
    error = invalid([Violation(f"x[{row}]", "required") for row in range(12)])
    assert str(error).count("required") == 10
    assert str(error).endswith("x[9]: required; and 2 more")
    assert len(error.violations) == 12


def test_an_instance_that_the_server_calls_invalid_is_an_error() -> None:
    violation = pb.FieldViolation(field="instance.x", description="required")
    invalid = pb.InvalidInstance(violations=[violation])
    result = CONVERSION.to_result(pb.StreamPredictResponse(invalid=invalid))
    assert isinstance(result, CallError)
    assert result.code is grpc.StatusCode.INVALID_ARGUMENT
    assert faults(result) == {"instance.x": "required"}
