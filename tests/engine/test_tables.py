"""Columns by the names and in the forms that models want them, and their answers as columns."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from engine.fields import Label, Number, Text
from engine.fields.violations import RefusedError
from engine.models.tables import (
    by_label,
    cells,
    codes,
    dense,
    matrix,
    named,
    output,
    places,
    table,
    texts,
    vectors,
)

LABELS = ("low", "high", "10")
FIELDS = [
    Number("mean_radius", np.float64, alias="mean radius"),
    Label("kind", ["a", "b b"]),
    Number("zone", np.int64),
]
INPUTS = SimpleNamespace(
    mean_radius=np.array([0.5, 1.5]), kind=np.array([1, 0]), zone=np.array([20, 10])
)


def test_a_table_has_original_names_and_labels_as_texts() -> None:
    found = table(FIELDS, INPUTS)
    assert [*found] == ["mean radius", "kind", "zone"]
    assert found["kind"].tolist() == ["b b", "a"]
    assert found["mean radius"] is INPUTS.mean_radius


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array(["high", "low"]), [1, 0]),
        (np.array(["high", 10], np.object_), [1, 2]),
        (np.array([10]), [2]),
        (np.array([["10", "low"]]), [[2, 0]]),
    ],
)
def test_predicted_labels_become_their_places_by_name(values: Any, expected: list[Any]) -> None:
    assert places(LABELS, values).tolist() == expected


def test_a_label_that_the_schema_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(
        ValueError, match="the model answered 'medium', which is none of its labels"
    ):
        places(LABELS, ["medium"])


def test_maps_and_columns_of_classes_come_in_the_order_of_the_labels() -> None:
    rows = [{10: 0.2, "low": 0.5, "high": 0.3}]
    assert vectors(LABELS, rows).tolist() == [[0.5, 0.3, 0.2]]
    shares = np.array([[0.2, 0.3, 0.5]])
    assert by_label(LABELS, np.array(["10", "high", "low"]), shares).tolist() == [[0.5, 0.3, 0.2]]
    with pytest.raises(ValueError, match="the model has 2 classes, and the schema 3"):
        by_label(LABELS, ["low", "high"], shares[:, :2])


def test_categories_become_their_places_and_unknown_ones_are_refused() -> None:
    categories: dict[str, list[Any]] = {"kind": ["b b", "a"], "zone": [10, 20]}
    order = ["zone", "mean radius", "kind"]
    found = matrix(FIELDS, INPUTS, order, np.float32, categories)
    assert found.dtype == np.float32
    assert found.tolist() == [[1, 0.5, 0], [0, 1.5, 1]]
    with pytest.raises(RefusedError) as caught:
        matrix(FIELDS, INPUTS, order, np.float32, {"zone": [10]})
    assert str(caught.value) == "zone: the model was not trained with 20"


def test_an_empty_text_is_a_missing_category_where_it_is_the_default() -> None:
    optional, required = Text("kind", default=""), Text("kind")
    column = SimpleNamespace(kind=np.array(["a", ""], np.object_))
    found = codes(optional, column, ["b", "a"])
    assert found[0] == 1
    assert np.isnan(found[1])
    with pytest.raises(RefusedError):
        codes(required, column, ["b", "a"])
    assert codes(optional, column, ["", "a"]).tolist() == [1, 0]


def test_frames_mappings_and_arrays_of_answers_become_columns() -> None:
    frame = pd.DataFrame({"b": [1, 2], "a": [3, 4]})
    assert [column.tolist() for column in named(frame, ["a", "b"])] == [[3, 4], [1, 2]]
    assert [column.tolist() for column in named(frame, ["x", "y"])] == [[1, 2], [3, 4]]
    assert [column.tolist() for column in named(frame, ["x"])] == [[[1, 3], [2, 4]]]
    assert [column.tolist() for column in named({"a": [1]}, ["a"])] == [[1]]
    assert [column.tolist() for column in named(np.array([[1, 2]]), ["x", "y"])] == [[1], [2]]
    assert [column.tolist() for column in named(np.array([1, 2]), ["x"])] == [[1, 2]]


def test_answers_of_several_outputs_come_apart() -> None:
    assert output([np.array([1]), np.array([2])], 1).tolist() == [2]
    assert output(np.array([[1, 2], [3, 4]]), 1).tolist() == [2, 4]
    assert texts(np.array([1, 2])).tolist() == ["1", "2"]
    assert dense(SimpleNamespace(toarray=lambda: np.eye(2))).tolist() == [[1, 0], [0, 1]]
    assert cells(table(FIELDS, INPUTS), ["zone", "kind"]).tolist() == [[20, "b b"], [10, "a"]]
    assert cells(table(FIELDS, INPUTS)).tolist() == [[0.5, "b b", 20], [1.5, "a", 10]]
