"""What counts as the same answer, and what is told of others."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from engine.models.comparing import differences, furthest


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        ("high", "high"),
        (0.1, np.float32(0.1)),
        (1_000_000.0, 1_000_009.0),
        (0.0, 9e-7),
        (np.nan, np.nan),
        (np.array([1.0, np.inf]), [1.0, np.inf]),
        ({"a": 0.5, "b": 0.5}, {"a": 0.500001, "b": 0.5}),
        (np.array([1, 2]), [1, 2]),
        (True, True),
        (["a", "b"], ["a", "b"]),
    ],
)
def test_answers_that_are_the_same(got: Any, expected: Any) -> None:
    assert differences([SimpleNamespace(y=got)], [{"y": expected}]) == []


@pytest.mark.parametrize(
    ("got", "expected", "told"),
    [
        ("high", "low", "row 0: y: expected 'low', got 'high'"),
        (0.1, 0.10001, "row 0: y: expected 0.10001, got 0.1"),
        (np.nan, 0.5, "row 0: y: expected 0.5, got nan"),
        (np.array([1.0, 2.0]), [1.0, 3.0], "row 0: y[1]: expected 3.0, got 2.0"),
        ({"a": 0.5}, {"a": 0.6}, "row 0: y['a']: expected 0.6, got 0.5"),
        ({"a": 0.5}, {"a": 0.5, "b": 0.0}, "row 0: y['b']: expected 0.0, got None"),
        ({"a": 0.5, "b": 0.0}, {"a": 0.5}, "row 0: y['b']: expected None, got 0.0"),
        (np.zeros(2), [0.0], "row 0: y: expected [0.0], got array([0., 0.])"),
        (3, 4, "row 0: y: expected 4, got 3"),
        (True, False, "row 0: y: expected False, got True"),
    ],
)
def test_answers_that_differ_are_told_with_their_place(got: Any, expected: Any, told: str) -> None:
    [found] = differences([SimpleNamespace(y=got)], [{"y": expected}])
    assert str(found) == told


def test_the_distance_of_answers_is_that_of_the_furthest_number() -> None:
    one = [np.array([1.0, 200.0]), np.array([0, 1])]
    assert furthest(one, [np.array([1.0, 200.0]), np.array([0, 1])]) == 0
    assert furthest(one, [np.array([1.5, 202.0]), np.array([0, 1])]) == pytest.approx(0.5 / 1.5)
    assert furthest(one, [np.array([1.0, 200.0]), np.array([0, 2])]) == np.inf
    assert furthest(one, [np.array([1.0]), np.array([0, 1])]) == np.inf
    assert furthest(one, one[:1]) == np.inf
    assert furthest([[np.zeros(1), np.ones(2)]], [[np.zeros(1), np.ones(2)]]) == 0
    assert furthest([[np.zeros(1)]], [[np.zeros(1), np.ones(2)]]) == np.inf
