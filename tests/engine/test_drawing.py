"""Instances that are made up, and answers that have other shapes than the schema says."""

from typing import Any

import numpy as np
import pytest
from engine.fields import Number, Tensor, Text, VaryingTensor
from engine.models.drawing import drawn
from engine.models.shapes import misfits, not_finite

PICTURE = VaryingTensor("picture", np.float32, (3, None, None))
AGE = Number("age", np.int64, low=18)


def test_what_is_made_up_is_the_same_each_time_and_in_range() -> None:
    first, again = ([*drawn([AGE], {})] for _ in range(2))
    assert first == again
    assert len(first) == 3
    assert all(row["age"] >= 18 for rows in first for row in rows)


def test_what_a_schema_leaves_open_is_made_up_in_several_sizes() -> None:
    shapes = [rows[0]["picture"].shape for rows in drawn([PICTURE], {})]
    assert shapes == [(3, size, size) for size in (4, 64, 512) for _ in range(3)]


def test_rows_that_would_be_too_large_are_not_made_up() -> None:
    film = VaryingTensor("film", np.float32, (None, None, None, None))
    assert [rows[0]["film"].shape[0] for rows in drawn([film], {})] == [4, 4, 4]


def test_what_is_made_up_has_the_values_that_a_model_knows_where_a_field_allows_them() -> None:
    known: dict[str, list[Any]] = {"city": ["Berlin", "Rome"], "age": [7, 21, 30], "picture": [1.0]}
    kinds = [*drawn([Text("city"), AGE, PICTURE], known)]
    rows = [row for rows in kinds for row in rows]
    assert {row["city"] for row in rows} == {"Berlin", "Rome"}
    assert {row["age"] for row in rows} == {21, 30}
    assert all(row["picture"].shape for row in rows)


def test_the_last_row_of_some_kinds_has_gaps_where_the_schema_allows_them() -> None:
    income = Number("income", np.float64, default=np.nan)
    kinds = [*drawn([AGE, income], {})]
    with_gaps = [[row["income"] is None for row in rows] for rows in kinds]
    assert with_gaps == [[False] * 7 + [True], [False] * 8] * 3
    assert not any(row["age"] is None for rows in kinds for row in rows)


@pytest.mark.parametrize(
    ("field", "values", "said"),
    [
        (VaryingTensor("y", np.float32, (None,)), [np.zeros((2, 3)), np.zeros((4, 3))], "[?, 3]"),
        (Tensor("y", np.float32, (2,)), [np.zeros(3)], "[3]"),
        (Number("y", np.float32), [np.zeros(1)], "[1]"),
    ],
)
def test_an_output_with_another_shape_is_told_with_the_one_that_it_has(
    field: Any, values: list[Any], said: str
) -> None:
    [line] = misfits([field], [{"y": value} for value in values])
    assert f"outputs='y: float{said}'" in line


def test_an_output_with_the_shape_that_the_schema_says_is_not_told() -> None:
    fields = [Tensor("scores", np.float32, (2,)), VaryingTensor("boxes", np.float32, (None, 4))]
    answer = {"scores": np.zeros(2), "boxes": np.zeros((0, 4))}
    assert not [*misfits(fields, [answer])]


def test_an_answer_that_is_nan_or_infinite_is_told() -> None:
    fields = [Number("y", np.float64), Tensor("z", np.float32, (2,))]
    good = {"y": 1.0, "z": np.zeros(2)}
    assert not [*not_finite(fields, [good, {"y": 1, "z": {"a": 0.5, "b": 0.5}}])]
    told = [*not_finite(fields, [good, {"y": np.nan, "z": {"a": 0.5, "b": np.inf}}])]
    assert [line.partition(",")[0] for line in told] == [
        "y: the model answers nan",
        "z: the model answers inf",
    ]
