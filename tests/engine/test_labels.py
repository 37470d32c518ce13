"""Fields of one of a few labels."""

from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from contract import columns_of, gathered, pb, read, row_of, unpacked, unpacked_column
from engine.fields import Label
from engine.fields.violations import InvalidError, InvalidOutputError

COLOUR = Label("colour", ("red", "green"), about="What it looks like.")
COLOUR_OR_GREEN = Label("colour", ("red", "green"), default="green")


def test_labels_come_as_their_places() -> None:
    for column in (gathered(COLOUR, "red", "green"), read(COLOUR, ["red", "green"])):
        assert column.dtype == np.int64
        assert column.tolist() == [0, 1]


def test_a_label_is_required_unless_it_has_a_default() -> None:
    assert COLOUR.check(pb.Row()) == ("colour", "required")
    assert gathered(COLOUR_OR_GREEN, None, "red", pd.NA).tolist() == [1, 0, 1]
    assert read(COLOUR_OR_GREEN, [None, "red"]).tolist() == [1, 0]
    assert COLOUR_OR_GREEN.read(pb.Columns(colour=[0, 1]), 2).tolist() == [1, 0]
    assert COLOUR_OR_GREEN.read(pb.Columns(), 2).tolist() == [1, 1]
    with pytest.raises(InvalidError, match=r"colour\[1\]: required"):
        columns_of(COLOUR, ["red", None])


@pytest.mark.parametrize("number", [3, -1])
def test_a_number_that_no_label_has_is_told(number: int) -> None:
    fault = f"{number} is no label's number; they go from 1 to 2"
    assert COLOUR.check(pb.Row(colour=number)) == ("colour", fault)
    with pytest.raises(InvalidError) as caught:
        COLOUR.read(pb.Columns(colour=[1, number]), 2)
    assert caught.value.violations == (("colour[1]", fault),)


def test_labels_that_are_left_out_of_a_column_are_told() -> None:
    with pytest.raises(InvalidError) as caught:
        COLOUR.read(pb.Columns(colour=[0, 1, 0]), 3)
    assert caught.value.violations == (("colour[0]", "required"), ("colour[2]", "required"))


def test_of_many_wrong_labels_the_first_are_told() -> None:
    with pytest.raises(InvalidError) as caught:
        COLOUR.read(pb.Columns(colour=[9] * 2000), 2000)
    assert len(caught.value.violations) == 1000
    with pytest.raises(InvalidError) as caught:
        columns_of(COLOUR, ["blue"] * 40)
    assert len(caught.value.violations) == 20


@pytest.mark.parametrize("value", ["blue", 1, b"red", ["red"]])
def test_a_value_that_is_no_label_is_told(value: Any) -> None:
    fault = f"{value!r} is not one of red, green"
    with pytest.raises(InvalidError) as caught:
        row_of(COLOUR, value)
    assert caught.value.violations == (("colour", fault),)
    with pytest.raises(InvalidError) as caught:
        columns_of(COLOUR, ["red", value])
    assert caught.value.violations == (("colour[1]", fault),)


def test_a_column_is_no_table() -> None:
    with pytest.raises(InvalidError, match="expected one value a row"):
        columns_of(COLOUR, np.array([["red", "green"]]))


def test_answers_are_labels() -> None:
    assert unpacked(COLOUR, np.array([1, 0])) == ["green", "red"]
    assert unpacked_column(COLOUR, np.array([1, 0], np.int8)) == ["green", "red"]


@pytest.mark.parametrize("place", [-1, 2])
def test_an_answer_that_is_no_place_is_told(place: int) -> None:
    with pytest.raises(InvalidOutputError, match=f"{place} is no label's place, 0 to 1"):
        COLOUR.fit(np.array([0, place]), 2)


def test_an_answer_that_does_not_fit_is_told() -> None:
    with pytest.raises(InvalidOutputError, match="colour: expected dtype int64, got float64"):
        COLOUR.fit(np.array([0.5]), 1)
    with pytest.raises(InvalidOutputError, match=r"colour: expected shape \(2,\), got \(1,\)"):
        COLOUR.fit(np.array([0]), 2)


@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_label_that_this_client_does_not_know_is_told(number: int) -> None:
    fault = f"there is no label of number {number}"
    with pytest.raises(InvalidError) as caught:
        COLOUR.unpack(pb.Row(colour=number))
    assert caught.value.violations == (("colour", fault),)
    with pytest.raises(InvalidError) as caught:
        COLOUR.unpack_column(pb.Columns(colour=[1, number]))
    assert caught.value.violations == (("colour[1]", fault),)


def test_a_label_that_is_not_set_is_told() -> None:
    with pytest.raises(InvalidError, match="colour: it is not set"):
        COLOUR.unpack(pb.Row())


def test_the_command_line_offers_the_labels() -> None:
    assert get_args(COLOUR.option.type) == ("red", "green")
    assert COLOUR.help == "What it looks like. Required."
    assert COLOUR_OR_GREEN.help == "Default: green."


def test_labels_keep_their_blanks() -> None:
    assert COLOUR.from_cell(" red") == " red"
    assert COLOUR.from_cell("") is None
    assert COLOUR.parse("red") == COLOUR.from_json("red") == "red"


def test_a_label_takes_up_its_size() -> None:
    assert (COLOUR.input_bytes, COLOUR.output_bytes) == (12, 12)
    assert COLOUR.sample().tolist() == [0]
    assert Label("x", ("a", "b"), default="b").sample().tolist() == [1]


def test_a_model_that_answers_labels_by_their_names_is_told_how_they_are_given() -> None:
    with pytest.raises(
        InvalidOutputError, match="got <U3; a label is its place among the labels, 0 f"
    ):
        COLOUR.fit(np.array(["red"]), 1)


# Label 2 is gone.
NUMBERED = Label("colour", ("blue", "red", "green"), numbers=(4, 1, 3), default="red")


def test_labels_keep_their_numbers_wherever_they_stand() -> None:
    assert row_of(NUMBERED, "blue").colour == 4
    for column in (gathered(NUMBERED, "blue", "red", None), read(NUMBERED, ["blue", "red", None])):
        assert column.tolist() == [0, 1, 1]
    assert NUMBERED.read(pb.Columns(colour=[3, 0, 4]), 3).tolist() == [2, 1, 0]
    assert unpacked(NUMBERED, np.array([2, 0])) == ["green", "blue"]
    assert unpacked_column(NUMBERED, np.array([2, 0])) == ["green", "blue"]
    assert NUMBERED.sample().tolist() == [1]


@pytest.mark.parametrize("number", [2, 5, -1, 2**31 - 1])
def test_the_number_of_a_label_that_is_gone_is_no_label(number: int) -> None:
    fault = f"{number} is no label's number; they are 1, 3, 4"
    assert NUMBERED.check(pb.Row(colour=number)) == ("colour", fault)
    with pytest.raises(InvalidError) as caught:
        NUMBERED.read(pb.Columns(colour=[1, number]), 2)
    assert caught.value.violations == (("colour[1]", fault),)
    with pytest.raises(InvalidError, match=f"colour: there is no label of number {number}"):
        NUMBERED.unpack(pb.Row(colour=number))
