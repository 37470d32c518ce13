"""Fields of a number for each label of an enum."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from contract import columns_of, gathered, pb, read, row_of, unpacked, unpacked_column
from engine.fields import LabelVector
from engine.fields.violations import InvalidError, InvalidOutputError

# Label 2 is gone, and so is label 5, the last.
SCORES = LabelVector(
    "scores", np.float32, ("c", "a", "b"), numbers=(4, 1, 3), width=5, low=0, high=1
)
FILLED = LabelVector("scores", np.float32, ("a", "b"), default=0.5)


def test_the_model_sees_labels_in_their_order_whatever_their_numbers_are() -> None:
    given = {"a": 0.25, "b": 0.5, "c": 0.75}
    assert row_of(SCORES, given).scores == [0.25, 0, 0.5, 0.75, 0]
    for column in (gathered(SCORES, given), read(SCORES, [given])):
        assert column.dtype == np.float32
        assert column.tolist() == [[0.75, 0.25, 0.5]]


def test_labels_that_are_gone_are_not_looked_at() -> None:
    row = pb.Row(scores=[0.25, 99, 0.5, 0.75])
    assert SCORES.check(row) is None
    assert SCORES.gather([row]).tolist() == [[0.75, 0.25, 0.5]]


def test_a_vector_of_a_client_made_before_a_label_was_has_the_default_for_it() -> None:
    assert FILLED.gather([pb.Row(scores=[1])]).tolist() == [[1, 0.5]]
    assert FILLED.check(pb.Row(scores=[1])) is None
    columns = pb.Columns(scores=[{"values": [1]}, {"values": []}])
    assert FILLED.read(columns, 2).tolist() == [[1, 0.5], [0.5, 0.5]]
    assert SCORES.check(pb.Row(scores=[1, 0, 1])) == ("scores", "no value for 'c'")


def test_a_vector_that_is_missing_has_the_default_or_is_required() -> None:
    assert gathered(FILLED, None, {"b": 1}).tolist() == [[0.5, 0.5], [0.5, 1]]
    assert read(FILLED, [None, {}]).tolist() == [[0.5, 0.5], [0.5, 0.5]]
    filled = FILLED.read(pb.Columns(), 2)
    assert filled.tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert filled.strides[0] == 0  # The default is there once, however many rows.
    assert SCORES.check(pb.Row()) == ("scores", "required")
    with pytest.raises(InvalidError, match=r"scores\[1\]: required"):
        columns_of(SCORES, [{"a": 0, "b": 0, "c": 0}, None])


@pytest.mark.parametrize(
    ("values", "path", "words"),
    [
        ([0] * 6, "scores", "expected 5 values, one for each number of a label, got 6"),
        ([0, 0, 2, 0], "scores[b]", "2 is above 1"),
        ([0, 0, 0, -1], "scores[c]", "-1 is below 0"),
        ([0, 0, 0, np.nan], "scores[c]", "nan is not a finite number"),
    ],
)
def test_what_the_server_refuses_is_told_by_its_label(
    values: list[float], path: str, words: str
) -> None:
    assert SCORES.check(pb.Row(scores=values)) == (path, words)
    columns = pb.Columns(scores=[{"values": [0] * 4}, {"values": values}])
    with pytest.raises(InvalidError) as caught:
        SCORES.read(columns, 2)
    assert caught.value.violations == ((path.replace("scores", "scores[1]"), words),)


def test_a_shape_that_does_not_fit_is_told() -> None:
    columns = pb.Columns(scores=[{"values": [0] * 4, "shape": [2, 2]}])
    with pytest.raises(
        InvalidError, match=r"scores\[0\]: expected no shape, or \[4\], got \[2, 2\]"
    ):
        SCORES.read(columns, 1)
    assert SCORES.read(pb.Columns(scores=[{"values": [0] * 4, "shape": [4]}]), 1).tolist() == [
        [0] * 3
    ]


def test_of_many_wrong_rows_the_first_are_told() -> None:
    with pytest.raises(InvalidError) as caught:
        SCORES.read(pb.Columns(scores=[{"values": [9] * 5}] * 2000), 2000)
    assert len(caught.value.violations) == 1000
    with pytest.raises(InvalidError) as caught:
        columns_of(SCORES, [{"d": 0}] * 40)
    assert len(caught.value.violations) == 20


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([0, 0, 0], "expected a mapping of labels, got [0, 0, 0]"),
        ({"d": 0}, "'d' is not one of c, a, b"),
        ({"a": 0, "b": 0}, "no value for 'c'"),
        ({"a": 0, "b": 0, "c": pd.NA}, "no value for 'c'"),
        ({"a": 0, "b": 0, "c": [0]}, "expected one value for 'c', got [0]"),
        ({"a": 0, "b": 0, "c": "x"}, "expected float32 for 'c', got 'x'"),
    ],
)
def test_what_is_no_vector_is_told(value: Any, words: str) -> None:
    with pytest.raises(InvalidError) as caught:
        row_of(SCORES, value)
    [violation] = caught.value.violations
    assert violation.field == "scores"
    assert words in violation.description
    with pytest.raises(InvalidError) as caught:
        columns_of(SCORES, [value])
    assert caught.value.violations == (("scores[0]", violation.description),)


def test_callers_get_a_mapping_of_labels() -> None:
    column = np.array([[0.75, 0.25, 0.5]])
    expected = [{"c": 0.75, "a": 0.25, "b": 0.5}]
    assert unpacked(SCORES, column) == expected
    assert unpacked_column(SCORES, column) == expected
    message = pb.Row()
    SCORES.write([message], SCORES.fit(column, 1))
    assert message.scores == [0.25, 0, 0.5, 0.75, 0]


def test_a_client_takes_a_longer_vector_than_it_knows_and_no_shorter_one() -> None:
    assert SCORES.unpack(pb.Row(scores=[0.25, 0, 0.5, 0.75, 0, 9, 9]))["c"] == 0.75
    with pytest.raises(InvalidError, match="scores: expected at least 4 values, got 3"):
        SCORES.unpack(pb.Row(scores=[0, 0, 0]))


@pytest.mark.parametrize("column", [np.zeros((2, 3)), np.zeros((1, 5)), np.full((1, 3), np.nan)])
def test_an_answer_that_does_not_fit_is_told(column: Any) -> None:
    with pytest.raises(InvalidOutputError, match="scores: "):
        SCORES.fit(column, 1)


def test_a_vector_is_typed_as_a_json_object() -> None:
    assert SCORES.from_option('{"a": 1}') == {"a": 1}
    assert SCORES.from_cell(' {"a": 1} ') == {"a": 1}
    assert SCORES.from_cell(" ") is None
    with pytest.raises(
        ValueError, match=r"expected a JSON object, like \{\"c\": 0.0\}, got '\[1\]'"
    ):
        SCORES.parse("[1]")
    assert SCORES.help == "0 to 1. A JSON object with a number for each of c, a, b. Required."


def test_the_made_up_row_is_one_that_the_field_takes() -> None:
    assert SCORES.sample().tolist() == [[0, 0, 0]]
    assert FILLED.sample().tolist() == [[0.5, 0.5]]


def test_what_a_vector_takes_up_counts_with_the_labels_that_are_gone() -> None:
    assert SCORES.input_bytes - FILLED.input_bytes == 3 * 4
