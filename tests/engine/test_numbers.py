"""Fields of one number, from what callers have to what the model sees, and back."""

import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from contract import columns_of, gathered, pb, read, row_of, unpacked, unpacked_column
from engine.fields import Number
from engine.fields.violations import InvalidError, InvalidOutputError

AGE = Number("age", np.int32, low=0, high=120, about="Age in years.")
AGE_OR_30 = Number("age", np.int32, low=0, high=120, default=30)
HEIGHT = Number("height", np.float32, low=0.1, high=2.5)
EXACT = Number("exact", np.float64)
HALF_OR_NAN = Number("half", np.float16, default=math.nan)
TINY = Number("tiny", np.int8)
BIG = Number("big", np.uint64)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        (AGE, [0, 120]),
        (HEIGHT, [0.1, 2.5]),
        # As 32 bits the ends are 0.69999999 and 0.80000001.
        (Number("height", np.float32, low=0.7, high=0.8), [0.7, 0.8]),
        (Number("half", np.float16, low=0.7, high=0.8), [0.7, 0.8]),
        (EXACT, [0.1, -1e300]),
        (HALF_OR_NAN, [0.5, math.nan]),
        (TINY, [-128, 127]),
        (BIG, [0, 2**64 - 1]),
    ],
)
def test_numbers_come_as_their_dtype_one_by_one_and_as_columns(
    field: Number, values: list[Any]
) -> None:
    expected = np.array(values, field.dtype)
    for column in (gathered(field, *values), read(field, values), read(field, expected)):
        assert column.dtype == field.dtype
        np.testing.assert_array_equal(column, expected)


@pytest.mark.parametrize(
    ("field", "message", "fault"),
    [
        (AGE, pb.Row(), "required"),
        (AGE, pb.Row(age=-1), "-1 is below 0"),
        (AGE, pb.Row(age=121), "121 is above 120"),
        (HEIGHT, pb.Row(height=0.0), "0 is below 0.1"),
        (HEIGHT, pb.Row(height=math.nan), "nan is not a finite number"),
        (
            EXACT,
            pb.Row(exact=math.inf),
            "inf is not a finite number; float64 goes up to 1.798e+308",
        ),
        (HALF_OR_NAN, pb.Row(half=70000.0), "70000 is above 65504"),
        (
            HALF_OR_NAN,
            pb.Row(half=-math.inf),
            "-inf is not a finite number; float32 goes up to 3.403e+38",
        ),
        (TINY, pb.Row(tiny=128), "128 is above 127"),
    ],
)
def test_a_wrong_number_is_told(field: Number, message: Any, fault: str) -> None:
    assert field.check(message) == (field.name, fault)


@pytest.mark.parametrize("field", [AGE_OR_30, HALF_OR_NAN])
def test_a_number_that_is_missing_has_its_default(field: Number) -> None:
    assert field.check(pb.Row()) is None
    np.testing.assert_array_equal(field.gather([pb.Row()]), [field.default])
    np.testing.assert_array_equal(field.read(pb.Columns(), 3), [field.default] * 3)


def test_zero_is_not_missing() -> None:
    assert AGE.check(pb.Row(age=0)) is None
    assert gathered(AGE_OR_30, 0, None, 5).tolist() == [0, 30, 5]


def test_wrong_numbers_of_a_column_are_told_by_their_rows() -> None:
    with pytest.raises(InvalidError) as caught:
        read(AGE, [1, 121, 2, -1])
    assert caught.value.violations == (
        ("age[1]", "121 is above 120"),
        ("age[3]", "-1 is below 0"),
    )


@pytest.mark.parametrize("missing", [None, pd.NA])
def test_what_is_missing_is_left_out_of_an_instance(missing: Any) -> None:
    assert row_of(AGE, missing) == pb.Row()


@pytest.mark.parametrize(
    "values",
    [
        [1, None, 3],
        [1, pd.NA, 3],
        pd.Series([1, pd.NA, 3], dtype="Int64"),
        pl.Series([1, None, 3]),
    ],
)
def test_gaps_of_a_column_have_the_default_or_are_told(values: Any) -> None:
    assert read(AGE_OR_30, values).tolist() == [1, 30, 3]
    with pytest.raises(InvalidError) as caught:
        columns_of(AGE, values)
    assert caught.value.violations == (("age[1]", "required"),)


@pytest.mark.parametrize(
    "values",
    [
        [0.5, None],
        pd.Series([0.5, math.nan]),
        pd.Series([0.5, pd.NA], dtype="Float64"),
        pl.Series([0.5, None]),
    ],
)
def test_gaps_of_floats_are_nan_where_that_is_the_default(values: Any) -> None:
    np.testing.assert_array_equal(read(HALF_OR_NAN, values), [0.5, math.nan])


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        (AGE, "old", "expected int32, got 'old'"),
        (AGE, 1.5, "expected int32, got 1.5"),
        (AGE, 2**31, "expected int32, got 2147483648"),
        (BIG, -1, "expected uint64, got -1"),
        (HEIGHT, b"1", "expected float, got b'1'"),
    ],
)
def test_a_value_of_another_type_is_told(field: Number, value: Any, fault: str) -> None:
    with pytest.raises(InvalidError) as caught:
        row_of(field, value)
    assert caught.value.violations == ((field.name, fault),)
    with pytest.raises(InvalidError) as caught:
        columns_of(field, [value])
    assert caught.value.violations == ((f"{field.name}[0]", fault),)


def test_of_many_wrong_numbers_the_first_are_told() -> None:
    with pytest.raises(InvalidError) as caught:
        AGE.read(pb.Columns(age=[-1] * 2000), 2000)
    assert len(caught.value.violations) == 1000
    with pytest.raises(InvalidError) as caught:
        columns_of(AGE, ["old"] * 40)
    assert len(caught.value.violations) == 20


def test_whole_floats_are_integers_as_well() -> None:
    assert gathered(AGE, 3.0, np.float64(4)).tolist() == [3, 4]
    assert read(AGE, np.array([3.0, 4.0])).tolist() == [3, 4]


def test_a_column_is_no_table() -> None:
    for field in (AGE, HEIGHT):
        with pytest.raises(InvalidError, match="expected one value a row, got a column of shape"):
            columns_of(field, np.ones((2, 3)))


@pytest.mark.parametrize(
    ("field", "column"),
    [
        (EXACT, np.array([0.1, -1e300])),
        (TINY, np.array([1, -1])),
        (HEIGHT, [0.5, 1.5]),
        (BIG, np.array([2**64 - 1], np.uint64)),
    ],
)
def test_answers_come_as_the_dtype_of_their_field(field: Number, column: Any) -> None:
    assert unpacked(field, column) == list(column)
    answers = unpacked_column(field, column)
    assert answers.dtype == field.dtype
    assert answers.tolist() == list(column)


@pytest.mark.parametrize(
    ("column", "fault"),
    [
        (np.ones((1, 1)), r"height: expected shape \(1,\), got \(1, 1\)"),
        (np.ones(2), r"height: expected shape \(1,\), got \(2,\)"),
        (np.array(["1"]), "height: expected dtype float32, got <U1"),
        (np.array([1e300]), "height: not every value is a finite float32"),
        (np.array([math.nan]), "height: not every value is a finite float32"),
    ],
)
def test_an_answer_that_does_not_fit_is_told(column: Any, fault: str) -> None:
    with pytest.raises(InvalidOutputError, match=fault):
        HEIGHT.fit(column, 1)


def test_an_integer_that_does_not_fit_is_told() -> None:
    with pytest.raises(InvalidOutputError, match="tiny: not every value fits int8"):
        TINY.fit(np.array([128]), 1)


def test_an_answer_that_its_dtype_cannot_hold_is_told() -> None:
    with pytest.raises(InvalidError, match="tiny: not every value fits int8"):
        TINY.unpack_column(pb.Columns(tiny=[1, 128]))


def test_an_answer_that_is_not_set_is_told() -> None:
    with pytest.raises(InvalidError, match="exact: it is not set"):
        EXACT.unpack(pb.Row())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (AGE, 0),
        (HEIGHT, 0.1),
        (Number("x", np.float32, high=-2.5), -2.5),
        (HALF_OR_NAN, 0),
        (AGE_OR_30, 30),
    ],
)
def test_the_made_up_number_is_the_default_or_the_nearest_to_zero(
    field: Number, value: float
) -> None:
    column = field.sample()
    assert column.dtype == field.dtype
    assert column.tolist() == [np.array(value, field.dtype)]


def test_the_command_line_takes_the_range_of_a_number() -> None:
    assert AGE.option == (int, None, 0, 120, None)
    assert HEIGHT.option == (float, None, 0.1, 2.5, None)
    # It would refuse nan, as no number of a range.
    field = Number("x", np.float32, low=0, default=math.nan)
    assert field.option == (float, "At least 0.", None, None, None)
    assert field.help == "At least 0. Default: nan."


def test_a_number_may_be_a_text() -> None:
    assert AGE.from_cell(" 5 ") == 5
    assert AGE.from_cell("  ") is None
    assert HEIGHT.from_cell("1.5") == 1.5
    assert AGE.from_option(5) == AGE.from_json(5) == 5
    assert AGE.from_cell("5.0") == 5  # As data frames write integers of a column with gaps.
    for wrong in ("five", "5.5", "1_0", "\u0661", "nan"):
        with pytest.raises(ValueError, match="expected a whole number, got "):
            AGE.from_cell(wrong)
    with pytest.raises(ValueError, match="expected a number, got 'NA'"):
        HEIGHT.from_cell("NA")


def test_the_help_says_what_a_number_is() -> None:
    assert AGE.help == "Age in years. Required."
    assert AGE_OR_30.help == "Default: 30."
    assert Number("x", np.float32, default=1.0).help == "Default: 1."
    assert HALF_OR_NAN.help == "Default: nan."


@pytest.mark.parametrize(
    ("field", "input_bytes", "output_bytes"),
    [(HEIGHT, 4, 8), (EXACT, 8, 16), (AGE, 8, 8), (TINY, 2, 2)],
)
def test_a_number_takes_up_its_size(field: Number, input_bytes: int, output_bytes: int) -> None:
    assert (field.input_bytes, field.output_bytes) == (input_bytes, output_bytes)
    assert (field.more_bytes(pb.Row()), field.more_column_bytes(pb.Columns())) == (0, 0)
    assert not field.varies
    assert not field.decodes
    assert field.shape(pb.Row()) == ()
    assert field.elements == str(field.dtype)


@pytest.mark.parametrize(("text", "value"), [("True", 1), ("false", 0), ("FALSE", 0)])
def test_files_may_have_numbers_as_frames_write_bools(text: str, value: int) -> None:
    for dtype in (np.float64, np.int64):
        number = Number("x", dtype).parse(text)
        assert number == value
        assert type(number) is not bool
