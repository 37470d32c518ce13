"""Fields of arrays whose shape differs from instance to instance."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from contract import columns_of, gathered, pb, read, row_of, unpacked, unpacked_column
from engine.fields import VaryingTensor
from engine.fields.elements import TEXT_BYTES
from engine.fields.varying import HOLDER_BYTES
from engine.fields.violations import InvalidError, InvalidOutputError

TOKENS = VaryingTensor("tokens", np.int64, (None,), low=0, about="What it says.")
LINES = VaryingTensor("lines", np.float32, (3, None))
RAGGED = VaryingTensor("ragged", np.float32, (None, None), low=0, high=1)
STRINGS = VaryingTensor("strings", str, (None,))
CHUNKS = VaryingTensor("chunks", bytes, (None,))

THREE_LINES = [[1, 2], [3, 4], [5, 6]]
EVERY = [
    (TOKENS, [1, 2, 3]),
    (LINES, THREE_LINES),
    (RAGGED, [[0, 1], [0.5, 0.25]]),
    (STRINGS, ["a", ""]),
    (CHUNKS, [b"\xff", b""]),
]


def tensor(*shape: int, values: Any) -> Any:
    """Return a message of a tensor."""
    return pb.FloatTensor(shape=shape, values=values)


@pytest.mark.parametrize(("field", "value"), EVERY)
def test_arrays_of_one_shape_are_a_column(field: VaryingTensor, value: Any) -> None:
    expected = np.array(value, field.dtype)
    column = gathered(field, value, value)
    assert column.dtype == field.dtype
    np.testing.assert_array_equal(column, [expected, expected])
    assert field.shape(row_of(field, value)) == expected.shape


@pytest.mark.parametrize(("field", "value"), EVERY)
def test_rows_of_a_column_are_arrays(field: VaryingTensor, value: Any) -> None:
    rows = read(field, [value, value])
    assert [row.dtype for row in rows] == [field.dtype] * 2
    for row in rows:
        np.testing.assert_array_equal(row, np.array(value, field.dtype))


def test_rows_may_differ_in_shape() -> None:
    assert [row.tolist() for row in read(TOKENS, [[1], [2, 3]])] == [[1], [2, 3]]
    assert [row.shape for row in read(RAGGED, [np.ones((1, 4)), np.ones((2, 1))])] == [
        (1, 4),
        (2, 1),
    ]


def test_the_shape_may_be_left_out_where_one_dim_is_unknown() -> None:
    [row] = LINES.read(pb.Columns(lines=[tensor(values=range(6))]), 1)
    assert row.tolist() == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(InvalidError, match=r"ragged\[0\]: expected shape \? x \?, got none"):
        RAGGED.read(pb.Columns(ragged=[tensor(values=[1])]), 1)


@pytest.mark.parametrize(
    ("field", "message", "path", "fault"),
    [
        (TOKENS, pb.Row(), "tokens", "at least one value is required"),
        (TOKENS, pb.Row(tokens=[1, -1]), "tokens[1]", "-1 is below 0"),
        (
            LINES,
            pb.Row(lines=[1] * 4),
            "lines",
            "expected a multiple of 3 values (shape 3 x ?), got 4",
        ),
        (RAGGED, pb.Row(), "ragged", "at least one value is required"),
        (
            RAGGED,
            pb.Row(ragged=tensor(2, values=[1, 1])),
            "ragged",
            "expected shape ? x ?, got 2",
        ),
        (
            RAGGED,
            pb.Row(ragged=tensor(-1, -2, values=[1, 1])),
            "ragged",
            "expected shape ? x ?, got -1 x -2",
        ),
        (
            RAGGED,
            pb.Row(ragged=tensor(0, 2, values=[])),
            "ragged",
            "expected at least one value along each dimension, got shape 0 x 2",
        ),
        (
            RAGGED,
            pb.Row(ragged=tensor(2, 2, values=[1] * 3)),
            "ragged",
            "expected 4 values (shape 2 x 2), got 3",
        ),
        (RAGGED, pb.Row(ragged=tensor(1, 2, values=[1, 2])), "ragged[1]", "2 is above 1"),
    ],
)
def test_a_wrong_array_is_told(field: VaryingTensor, message: Any, path: str, fault: str) -> None:
    assert field.check(message) == (path, fault)


def test_wrong_rows_of_a_column_are_told() -> None:
    good, high, none = tensor(1, 1, values=[1]), tensor(1, 1, values=[2]), tensor(values=[])
    with pytest.raises(InvalidError) as caught:
        RAGGED.read(pb.Columns(ragged=[high, good, none]), 3)
    assert caught.value.violations == (
        ("ragged[0][0]", "2 is above 1"),
        ("ragged[2]", "at least one value is required"),
    )
    with pytest.raises(InvalidError) as caught:
        LINES.read(pb.Columns(lines=[tensor(2, 3, values=[1] * 6)]), 1)
    assert caught.value.violations == (("lines[0]", "expected shape 3 x ?, got 2 x 3"),)


def test_of_many_wrong_rows_the_first_are_told() -> None:
    with pytest.raises(InvalidError) as caught:
        RAGGED.read(pb.Columns(ragged=[tensor(values=[])] * 2000), 2000)
    assert len(caught.value.violations) == 1000


@pytest.mark.parametrize("missing", [None, pd.NA])
def test_what_is_missing_is_left_out_of_an_instance_and_told_in_a_column(missing: Any) -> None:
    assert row_of(TOKENS, missing) == pb.Row()
    with pytest.raises(InvalidError) as caught:
        columns_of(TOKENS, [[1], missing])
    assert caught.value.violations == (("tokens[1]", "at least one value is required"),)


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        (TOKENS, 1, "expected shape ?, got a single value"),
        (TOKENS, [], "expected at least one value along each dimension, got shape 0"),
        (TOKENS, [0.5], "expected int64, got float64"),
        (LINES, [[1, 2]], "expected shape 3 x ?, got shape 1 x 2"),
        (RAGGED, [[1], [2, 3]], "its parts differ in length"),
        (STRINGS, ["a", None], "expected str, got None"),
    ],
)
def test_a_value_that_does_not_fit_is_told(field: VaryingTensor, value: Any, fault: str) -> None:
    with pytest.raises(InvalidError) as caught:
        row_of(field, value)
    assert caught.value.violations == ((field.name, fault),)
    with pytest.raises(InvalidError) as caught:
        columns_of(field, [value])
    assert caught.value.violations == ((f"{field.name}[0]", fault),)


@pytest.mark.parametrize(("field", "value"), EVERY)
def test_answers_are_arrays_each(field: VaryingTensor, value: Any) -> None:
    expected = np.array(value, field.dtype)
    for answer in (*unpacked(field, [value]), *unpacked_column(field, [value])):
        assert answer.dtype == field.dtype
        np.testing.assert_array_equal(answer, expected)


def test_an_answer_may_be_empty() -> None:
    [row] = unpacked(RAGGED, [np.ones((0, 2))])
    assert row.shape == (0, 2)
    [row] = unpacked_column(TOKENS, [np.empty(0, int)])
    assert row.shape == (0,)
    for empty in (np.array([]), np.empty((0, 5)), np.empty(0, np.object_)):
        [row] = unpacked(LINES, [empty])
        assert row.shape == (3, 0)
        [row] = unpacked_column(TOKENS, [empty])
        assert row.shape == (0,)


def test_an_answer_that_does_not_fit_is_told() -> None:
    with pytest.raises(InvalidOutputError, match="tokens: expected 2 arrays, got 1"):
        TOKENS.fit([[1]], 2)
    with pytest.raises(InvalidOutputError, match=r"lines: expected shape 3 x \?, got 2 x 1"):
        LINES.fit([[[1], [2]]], 1)
    with pytest.raises(InvalidOutputError, match="tokens: expected dtype int64, got float64"):
        TOKENS.fit([[0.5]], 1)
    with pytest.raises(InvalidOutputError, match="ragged: not every value is a finite float32"):
        RAGGED.fit([[[np.inf]]], 1)


def test_an_answer_that_this_client_does_not_know_is_told() -> None:
    with pytest.raises(InvalidError, match="ragged: it is not set"):
        RAGGED.unpack(pb.Row())
    with pytest.raises(InvalidError, match=r"lines: expected shape 3 x \?, got 4 values"):
        LINES.unpack(pb.Row(lines=[1] * 4))
    fault = r"ragged: expected shape \? x \?, got shape 1 x 1 x 1"
    with pytest.raises(InvalidError, match=fault):
        RAGGED.unpack(pb.Row(ragged=tensor(1, 1, 1, values=[1])))
    fault = r"ragged\[1\]: expected shape 2 x 2, got 3 values"
    rows = [tensor(1, 1, values=[1]), tensor(2, 2, values=[1] * 3)]
    with pytest.raises(InvalidError, match=fault):
        RAGGED.unpack_column(pb.Columns(ragged=rows))


def test_the_command_line_takes_json() -> None:
    assert TOKENS.help == "What it says. At least 0. A JSON array of shape (?,). Required."
    assert RAGGED.option.form == "0 to 1. A JSON array of shape (?, ?)."
    assert TOKENS.option.metavar == "JSON"
    assert TOKENS.from_option("[1]") == TOKENS.from_cell(" [1] ") == [1]
    assert CHUNKS.from_option('["/w=="]') == CHUNKS.from_json(["/w=="]) == [b"\xff"]


def test_the_made_up_array_has_one_element_along_what_is_unknown() -> None:
    assert TOKENS.sample().tolist() == [[0]]
    assert LINES.sample().shape == (1, 3, 1)
    assert STRINGS.sample().tolist() == [[""]]


def test_an_array_takes_up_a_holder_and_its_elements() -> None:
    assert TOKENS.input_bytes == TOKENS.output_bytes == HOLDER_BYTES
    assert TOKENS.varies
    assert TOKENS.more_bytes(row_of(TOKENS, [1, 2])) == 2 * 16
    assert RAGGED.more_bytes(row_of(RAGGED, [[1, 0], [0, 1]])) == 4 * 4
    assert STRINGS.more_bytes(row_of(STRINGS, ["a"])) == TEXT_BYTES
    assert TOKENS.more_column_bytes(columns_of(TOKENS, [[1], [2, 3]])) == 3 * 16


def test_a_shape_of_many_dims_is_told_in_few_words() -> None:
    field = VaryingTensor("series", np.float32, (None, None))
    row = SimpleNamespace(series=SimpleNamespace(values=[1.0], shape=[1] * 100_000))
    fault = field.check(row)
    assert fault
    assert fault.description.startswith("expected shape ? x ?, got 1 x 1 x 1")
    assert fault.description.endswith(" and 99936 more dims")
    assert len(fault.description) < 500


def test_an_array_that_is_no_list_of_rows_is_told_with_its_shape() -> None:
    with pytest.raises(
        InvalidOutputError, match="expected 1 arrays, got 8, in an array of shape 8 x 3"
    ):
        VaryingTensor("series", np.float32, (None,)).fit(np.zeros((8, 3), np.float32), 1)


@pytest.mark.parametrize(
    ("field", "row"),
    [
        (TOKENS, pb.Row()),
        (TOKENS, pb.Row(tokens=[-1])),
        (LINES, pb.Row(lines=[1, 2])),
        (RAGGED, pb.Row(ragged=tensor(1, 2, values=[1]))),
        (RAGGED, pb.Row(ragged=tensor(1, 1, values=[2]))),
    ],
)
def test_an_instance_is_checked_as_it_becomes_a_column(field: VaryingTensor, row: Any) -> None:
    with pytest.raises(InvalidError) as caught:
        field.column_of(row)
    assert caught.value.violations == (field.check(row),)
