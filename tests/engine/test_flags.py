"""Fields of true or false."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from contract import columns_of, gathered, pb, read, row_of, unpacked, unpacked_column
from engine.fields import Flag
from engine.fields.violations import InvalidError, InvalidOutputError

FLAG = Flag("flag")
FLAG_OR_TRUE = Flag("flag", default=True, about="Whether it is on.")


def test_flags_come_as_booleans() -> None:
    for column in (gathered(FLAG, True, False), read(FLAG, [True, False])):
        assert column.dtype == np.bool_
        assert column.tolist() == [True, False]


def test_a_flag_is_required_unless_it_has_a_default() -> None:
    assert FLAG.check(pb.Row()) == ("flag", "required")
    assert FLAG.check(pb.Row(flag=False)) is None
    assert gathered(FLAG_OR_TRUE, None, False, pd.NA).tolist() == [True, False, True]
    assert read(FLAG_OR_TRUE, [None, False]).tolist() == [True, False]
    assert FLAG_OR_TRUE.read(pb.Columns(), 2).tolist() == [True, True]
    with pytest.raises(InvalidError, match=r"flag\[1\]: required"):
        columns_of(FLAG, [True, None])


def test_a_value_that_is_no_flag_is_told() -> None:
    with pytest.raises(InvalidError, match="flag: expected bool, got 'yes'"):
        row_of(FLAG, "yes")
    with pytest.raises(InvalidError, match=r"flag\[0\]: expected bool, got 'yes'"):
        columns_of(FLAG, ["yes"])


def test_answers_are_true_or_false() -> None:
    assert unpacked(FLAG, [True, False]) == [True, False]
    assert unpacked_column(FLAG, np.array([True, False])).tolist() == [True, False]
    with pytest.raises(InvalidOutputError, match="flag: expected dtype bool, got int64"):
        FLAG.fit(np.array([1]), 1)
    with pytest.raises(InvalidError, match="flag: it is not set"):
        FLAG.unpack(pb.Row())


@pytest.mark.parametrize(("text", "value"), [("true", True), (" False ", False), ("", None)])
def test_a_flag_may_be_a_text(text: str, value: Any) -> None:
    assert FLAG.from_cell(text) is value


def test_a_text_that_is_no_flag_is_refused() -> None:
    with pytest.raises(ValueError, match="'1' is neither true nor false"):
        FLAG.from_cell("1")


def test_the_command_line_asks_for_a_flag() -> None:
    assert FLAG.option.type is bool
    assert FLAG.help == "Required."
    assert FLAG_OR_TRUE.help == "Whether it is on. Default: true."


def test_a_flag_takes_up_its_size() -> None:
    assert (FLAG.input_bytes, FLAG.output_bytes, FLAG.elements) == (2, 2, "bool")
    assert FLAG.sample().tolist() == [False]
