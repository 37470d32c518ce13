"""Fields of arrays whose shape is known."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from contract import columns_of, gathered, pb, read, row_of, unpacked, unpacked_column
from engine.fields import Tensor
from engine.fields.elements import TEXT_BYTES
from engine.fields.violations import InvalidError, InvalidOutputError

VECTOR = Tensor("vector", np.float32, (3,), low=-1, high=1, about="Where it is.")
GRID = Tensor("grid", np.float64, (2, 3))
GRID_OR_HALVES = Tensor("grid", np.float64, (2, 3), default=0.5)
WORDS = Tensor("words", str, (2,))
BLOBS = Tensor("blobs", bytes, (1,))
MASK = Tensor("mask", np.bool_, (4,))
PIXELS = Tensor("pixels", np.uint8, (2, 2))
HALVES = np.full((2, 3), 0.5)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (VECTOR, [0.1, -1, 1]),
        (GRID, [[1, 2, 3], [4, 5, 6]]),
        (WORDS, ["a", ""]),
        (BLOBS, [b"\xff"]),
        (MASK, [True, False, True, True]),
        (PIXELS, [[0, 255], [1, 2]]),
    ],
)
def test_tensors_come_with_their_dims_after_the_rows(field: Tensor, value: Any) -> None:
    expected = np.array([value, value], field.dtype)
    for column in (gathered(field, value, value), read(field, [value, value])):
        assert column.dtype == field.dtype
        np.testing.assert_array_equal(column, expected)
    np.testing.assert_array_equal(read(field, expected), expected)
    assert field.rows(columns_of(field, [value] * 3)) == 3


def test_arrays_in_any_order_are_sent_row_by_row() -> None:
    array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    assert list(row_of(GRID, array).grid) == [0, 1, 2, 3, 4, 5]


def test_a_tensor_is_required_unless_it_has_a_default() -> None:
    assert GRID.check(pb.Row()) == ("grid", "required")
    np.testing.assert_array_equal(gathered(GRID_OR_HALVES, None), [HALVES])
    ones = np.ones((2, 3))
    for values in ([None, ones], [pd.NA, ones]):
        np.testing.assert_array_equal(read(GRID_OR_HALVES, values), [HALVES, ones])
        np.testing.assert_array_equal(gathered(GRID_OR_HALVES, *values), [HALVES, ones])
    np.testing.assert_array_equal(GRID_OR_HALVES.read(pb.Columns(), 2), [HALVES, HALVES])
    with pytest.raises(InvalidError) as caught:
        columns_of(GRID, [ones, None])
    assert caught.value.violations == (("grid[1]", "required"),)


@pytest.mark.parametrize("count", [1, 5, 7])
def test_a_tensor_of_a_wrong_size_is_told(count: int) -> None:
    fault = f"expected 6 values (shape 2 x 3), got {count}"
    assert GRID.check(pb.Row(grid=[1] * count)) == ("grid", fault)
    with pytest.raises(InvalidError) as caught:
        GRID.rows(pb.Columns(grid=[1] * count))
    expected = "expected a multiple of 6 values (shape 2 x 3)"
    assert caught.value.violations == (("grid", f"{expected}, got {count}"),)


def test_a_wrong_element_is_told() -> None:
    assert VECTOR.check(pb.Row(vector=[0, 2, 3])) == ("vector[1]", "2 is above 1")
    with pytest.raises(InvalidError) as caught:
        VECTOR.read(pb.Columns(vector=[0, 0, 0, 0, -2, 0, 9, 0, 0]), 3)
    assert caught.value.violations == (
        ("vector[1]", "-2 is below -1"),
        ("vector[2]", "9 is above 1"),
    )


def test_of_many_wrong_elements_the_first_are_told() -> None:
    with pytest.raises(InvalidError) as caught:
        VECTOR.read(pb.Columns(vector=[9] * 6000), 2000)
    assert len(caught.value.violations) == 1000


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        (VECTOR, [1, 2], "expected shape 3, got shape 2"),
        (VECTOR, 1, "expected shape 3, got a single value"),
        (VECTOR, ["a", "b", "c"], "expected float32, got <U1"),
        (GRID, [[1, 2, 3]], "expected shape 2 x 3, got shape 1 x 3"),
        (GRID, [[1, 2, 3], [4, 5]], "its parts differ in length"),
        (PIXELS, [[0, 256], [1, 2]], "not every value fits uint8: 256 does not"),
        (PIXELS, [[0, -1], [1, 2]], "not every value fits uint8: -1 does not"),
        (PIXELS, [[0, 0.5], [1, 2]], "expected uint8, got float64"),
        (WORDS, ["a", 1], "expected str, got 1"),
        (BLOBS, ["a"], "expected bytes, got 'a'"),
        (MASK, [0, 1, 0, 1], "expected bool, got int64"),
    ],
)
def test_a_value_that_does_not_fit_is_told(field: Tensor, value: Any, fault: str) -> None:
    with pytest.raises(InvalidError) as caught:
        row_of(field, value)
    assert caught.value.violations == ((field.name, fault),)
    with pytest.raises(InvalidError) as caught:
        columns_of(field, [value])
    assert caught.value.violations == ((f"{field.name}[0]", fault),)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (VECTOR, np.array([0.5, 0.25, 1])),
        (GRID, HALVES),
        (WORDS, np.array(["a", "b"], np.object_)),
        (MASK, np.array([True, False, True, True])),
        (PIXELS, np.array([[0, 255], [1, 2]], np.uint64)),
        (PIXELS, np.array([[0, 255], [1, 2]], np.int64)),
    ],
)
def test_answers_have_their_dims_after_the_rows(field: Tensor, value: Any) -> None:
    [answer] = unpacked(field, value[np.newaxis])
    answers = unpacked_column(field, np.stack([value, value]))
    assert answer.dtype == answers.dtype == field.dtype
    np.testing.assert_array_equal(answer, value)
    np.testing.assert_array_equal(answers, [value, value])


def test_an_answer_that_does_not_fit_is_told() -> None:
    with pytest.raises(InvalidOutputError, match=r"grid: expected shape \(1, 2, 3\), got \(1, 6\)"):
        GRID.fit(np.ones((1, 6)), 1)
    with pytest.raises(InvalidOutputError, match="vector: some values are masked"):
        VECTOR.fit(np.ma.masked_equal([[0.0, 1.0, 2.0]], 0), 1)
    with pytest.raises(InvalidOutputError, match="vector: not every value is a finite float32"):
        VECTOR.fit(np.full((1, 3), np.nan), 1)
    with pytest.raises(InvalidOutputError, match="words: expected str, got int"):
        WORDS.fit([["a", 1]], 1)


def test_answers_of_a_wrong_size_are_told() -> None:
    with pytest.raises(InvalidError) as caught:
        GRID.unpack(pb.Row(grid=[1] * 5))
    assert caught.value.violations == (("grid", "expected shape 2 x 3, got 5 values"),)
    with pytest.raises(InvalidError) as caught:
        GRID.unpack_column(pb.Columns(grid=[1] * 13))
    assert caught.value.violations == (("grid", "expected shape ? x 2 x 3, got 13 values"),)


def test_an_answer_that_its_dtype_cannot_hold_is_told() -> None:
    with pytest.raises(InvalidError, match="pixels: not every value fits uint8"):
        PIXELS.unpack(pb.Row(pixels=[1, 2, 3, 256]))
    with pytest.raises(InvalidError, match="pixels: not every value fits uint8"):
        PIXELS.unpack_column(pb.Columns(pixels=[256, 2, 3, 4]))


def test_the_command_line_takes_json() -> None:
    assert VECTOR.option == (
        str,
        "-1 to 1. A JSON array of shape (3,).",
        None,
        None,
        "JSON",
    )
    assert VECTOR.help == "Where it is. -1 to 1. A JSON array of shape (3,). Required."
    assert GRID_OR_HALVES.help == "A JSON array of shape (2, 3). Default: 0.5."
    assert VECTOR.from_option("[1, 2]") == VECTOR.from_cell(" [1, 2] ") == [1, 2]
    assert VECTOR.from_cell("") is None
    assert BLOBS.from_option('["/w=="]') == BLOBS.from_json(["/w=="]) == [b"\xff"]
    for wrong in ("[1,", "1, 2", "5", "{}"):
        with pytest.raises(ValueError, match=r"expected a JSON array, like \[1, 2\], got "):
            VECTOR.from_cell(wrong)


@pytest.mark.parametrize(
    ("field", "element"),
    [(VECTOR, 0), (Tensor("grid", np.float64, (2, 3), low=2), 2), (WORDS, ""), (BLOBS, b"")],
)
def test_the_made_up_tensor_has_its_shape(field: Tensor, element: Any) -> None:
    column = field.sample()
    assert column.dtype == field.dtype
    assert column.shape == (1, *field.dims)
    assert (column == element).all()


def test_a_tensor_takes_up_its_elements() -> None:
    assert (VECTOR.input_bytes, VECTOR.output_bytes) == (3 * 4, 3 * 8)
    assert (PIXELS.input_bytes, PIXELS.output_bytes) == (4 * 2, 4 * 2)
    assert WORDS.input_bytes == 2 * TEXT_BYTES
    assert (VECTOR.elements, WORDS.elements) == ("float32", "str objects")
    assert not VECTOR.varies


@pytest.mark.parametrize(
    ("row", "violation"),
    [
        (pb.Row(), ("vector", "required")),
        (pb.Row(vector=[1, 1]), ("vector", "expected 3 values (shape 3), got 2")),
        (pb.Row(vector=[0, 0, 1.5]), ("vector[2]", "1.5 is above 1")),
        (pb.Row(vector=[0, np.nan, 0]), ("vector[1]", "nan is not a finite number")),
    ],
)
def test_an_instance_is_checked_as_it_becomes_a_column(row: Any, violation: Any) -> None:
    assert VECTOR.check(row) == violation
    with pytest.raises(InvalidError) as caught:
        VECTOR.column_of(row)
    assert caught.value.violations == (violation,)
