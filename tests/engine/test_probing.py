"""How a model takes many rows is found by asking it, whatever its file says."""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from contract import Inputs, Outputs
from engine.models.probing import how_it_takes
from engine.models.takes import Columns, OneByOne, Together

THREE = Inputs(
    np.array([1, 2, 3], np.float32), np.array([1, 2, 3], np.int32), np.ones((3, 2), np.float32)
)


class Module(ModuleType):
    """A module of a model that is asked by a function."""

    def __init__(self, ask: Callable[[Columns], Sequence[Any]], takes: Any = None) -> None:
        super().__init__("model")
        self.ask = ask
        self.TAKES = takes or OneByOne()

    def predict(self, inputs: Inputs) -> Outputs:
        """Ask, in the way that TAKES says."""
        y, colour = self.TAKES(self.ask, {"x": inputs.x})
        return Outputs(y, colour)


def found(ask: Callable[[Columns], Sequence[Any]], takes: Any = None) -> tuple[Any, str]:
    """Return what is found out of a model, and why."""
    module = Module(ask, takes)
    before = module.TAKES
    found = how_it_takes(module, module, THREE)
    assert module.TAKES is before
    return found.takes, found.why


def zeros(x: Any) -> Any:
    """Return places of labels."""
    return np.zeros(len(x), np.int64)


def test_rows_that_are_answered_together_as_alone_travel_together() -> None:
    takes, why = found(lambda columns: [columns["x"] * 2, zeros(columns["x"])])
    assert takes == Together()
    assert why == "3 rows together are answered as alone, to the last bit"


def test_a_little_rounding_is_allowed_and_told() -> None:
    def ask(columns: Columns) -> list[Any]:
        return [columns["x"] + 2e-6 * (len(columns["x"]) > 1), zeros(columns["x"])]

    takes, why = found(ask)
    assert takes == Together()
    assert why.endswith("to within 1e-06") or why.endswith("to within 2e-06")


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda c: [c["x"] - c["x"].mean(), zeros(c["x"])], "moves answers by"),
        (lambda c: [c["x"][:1], zeros(c["x"][:1])], "changes answers"),
        (lambda c: [c["x"], zeros(c["x"]) + (len(c["x"]) > 1)], "changes answers"),
    ],
)
def test_rows_that_change_each_others_answers_are_asked_about_alone(
    ask: Callable[[Columns], Sequence[Any]], told: str
) -> None:
    takes, why = found(ask)
    assert takes == OneByOne()
    assert told in why


def test_a_model_that_fails_on_several_rows_gets_one() -> None:
    def ask(columns: Columns) -> list[Any]:
        if len(columns["x"]) > 1:
            raise RuntimeError("expected 1, got 3\nat axis 0")
        return [columns["x"], zeros(columns["x"])]

    takes, why = found(ask)
    assert takes == OneByOne()
    assert why == "3 rows together fail: RuntimeError: expected 1, got 3 at axis 0"


def test_a_model_that_answers_the_same_row_differently_is_told_so() -> None:
    random = np.random.default_rng(0)
    takes, why = found(lambda c: [random.random(len(c["x"])), zeros(c["x"])])
    assert takes == OneByOne()
    assert why == "the same row is answered differently each time"


def test_a_fixed_number_of_rows_stays() -> None:
    def ask(columns: Columns) -> list[Any]:
        assert len(columns["x"]) == 8
        return [columns["x"], zeros(columns["x"])]

    assert found(ask, Together(exactly=8))[0] == Together(exactly=8)
