"""How batches reach a model that takes rows one by one, together, or a fixed number of them."""

from typing import Any

import numpy as np
import pytest
from engine.models.takes import Columns, OneByOne, Together

ROWS: Columns = {
    "x": np.arange(12.0).reshape(6, 2),
    "rate": np.array([8, 16, 8, 8, 16, 32]),
}


class Asked:
    """A model of which each row's answer is the sum of its x, and its rate; it tells what it is asked."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, columns: Columns) -> list[Any]:
        self.sizes.append(len(columns["x"]))
        return [
            columns["x"].sum(axis=1),
            [np.full(int(rate) // 8, rate) for rate in columns["rate"]],
        ]


def assert_answered(answers: list[Any]) -> None:
    sums, ragged = answers
    np.testing.assert_array_equal(sums, ROWS["x"].sum(axis=1))
    assert [row.tolist() for row in ragged] == [[r] * (r // 8) for r in ROWS["rate"].tolist()]


def test_one_by_one_asks_about_each_row_alone() -> None:
    asked = Asked()
    assert_answered(OneByOne()(asked, ROWS))
    assert asked.sizes == [1] * 6


def test_together_asks_once() -> None:
    asked = Asked()
    assert_answered(Together()(asked, ROWS))
    assert asked.sizes == [6]


def test_a_fixed_number_of_rows_is_filled_up_and_cut() -> None:
    asked = Asked()
    assert_answered(Together(exactly=4)(asked, ROWS))
    assert asked.sizes == [4, 4]


def test_rows_that_differ_in_what_a_call_has_once_are_asked_about_apart_and_come_back_in_order() -> (
    None
):
    asked = Asked()
    assert_answered(Together()(asked, ROWS, alike=["rate"]))
    assert sorted(asked.sizes) == [1, 2, 3]


def test_rows_of_one_kind_are_asked_about_at_once() -> None:
    asked = Asked()
    rows = {name: column[[0, 2, 3]] for name, column in ROWS.items()}
    Together()(asked, rows, alike=["rate"])
    assert asked.sizes == [3]


@pytest.mark.parametrize("takes", [OneByOne(), Together(), Together(exactly=3)])
def test_the_code_of_each_makes_it_again(takes: OneByOne | Together) -> None:
    from engine.models import takes as module

    assert eval(takes.code, {"takes": module}) == takes
