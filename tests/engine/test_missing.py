"""What callers have left out: nan means it where it is no number, as pandas has it."""

import math
from typing import Any

import numpy as np
import pytest
from contract import columns_of, pb
from engine.fields import Data, Flag, Image, Label, Number, Tensor, Text, VaryingTensor
from engine.fields.violations import InvalidError

NO_FLOATS: list[Any] = [
    Number("age", np.int32, default=3),
    Flag("flag", default=True),
    Text("name", default="a"),
    Data("blob", default=b"a"),
    Label("colour", ("red", "green"), default="red"),
    Image("photo", 3),
]
TAKE_NAN: list[Any] = [
    Number("height", np.float32),
    Tensor("vector", np.float32, (3,)),
    VaryingTensor("tokens", np.int64, (None,)),
]


@pytest.mark.parametrize("field", NO_FLOATS, ids=lambda field: field.name)
def test_nan_is_missing_where_it_is_no_number(field: Any) -> None:
    assert field.is_missing(math.nan)
    assert field.is_missing(None)
    assert not field.is_missing("a")


@pytest.mark.parametrize("field", TAKE_NAN, ids=lambda field: field.name)
def test_nan_is_a_value_of_floats_and_no_array(field: Any) -> None:
    assert not field.is_missing(math.nan)
    assert field.is_missing(None)


def test_a_gap_in_integers_is_the_default_or_is_told() -> None:
    message = pb.Columns()
    Number("age", np.int32, default=3).pack_column(message, np.array([5.0, math.nan]))
    assert list(message.age) == [5, 3]
    with pytest.raises(InvalidError, match=r"age\[1\]: required"):
        columns_of(Number("age", np.int32), np.array([5.0, math.nan]))
