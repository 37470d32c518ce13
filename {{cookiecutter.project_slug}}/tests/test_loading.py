{% set s = service(cookiecutter) %}
"""A model is loaded, and shows that it can be served."""

from dataclasses import fields, replace
from typing import Any

import pytest

from {{ s.package }}.failures import NoModelError
from {{ s.package }}.loading import new_predictor
from {{ s.package }}.schema import Inputs, Outputs

from .examples import INPUTS
from .models import StandIn
from .running import Background


class PickyModel(StandIn):
    """Takes real rows only."""

    def predict(self, inputs: Inputs) -> Outputs:
        raise ValueError("this row is not real")


class GivingModel(StandIn):
    """Gives a row for its warm-up."""

    def __init__(self, **columns: Any) -> None:
        super().__init__()
        self._example = replace(INPUTS, **columns)

    def example(self) -> Inputs:
        return self._example


def test_a_model_that_fails_on_its_warm_up_row_is_not_served(background: Background) -> None:
    with (
        pytest.raises(NoModelError) as caught,
        background.serving(PickyModel, warm_up="require"),
    ):
        pass
    assert str(caught.value) == (
        "the model failed on a made-up row: ValueError: this row is not real; "
        "give a real one in PickyModel.example(), or set SERVER_WARM_UP=try"
    )


def test_a_model_that_fails_on_its_warm_up_row_is_served_with_a_warning_where_that_is_set(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert new_predictor(PickyModel, "try").version == PickyModel.version
    assert "this row is not real" in caplog.text


def test_a_model_is_asked_nothing_where_the_warm_up_is_skipped() -> None:
    model = StandIn()
    new_predictor(lambda: model, "skip")
    assert model.batches == []


def test_a_model_may_give_the_row_that_warms_it_up() -> None:
    model = GivingModel()
    new_predictor(lambda: model, "require")
    [batch] = model.batches
    assert batch is model.example()


def test_a_row_that_does_not_fit_names_its_column() -> None:
    name = fields(Inputs)[0].name
    with pytest.raises(NoModelError, match=f"{name}: expected an array"):
        new_predictor(lambda: GivingModel(**{name: [1]}), "require")


def test_an_answer_that_does_not_fit_is_not_blamed_on_the_row() -> None:
    class SilentModel(StandIn):
        def predict(self, inputs: Inputs) -> Any:
            return None

    with pytest.raises(NoModelError, match="expected Outputs, got NoneType; mend predict"):
        new_predictor(SilentModel, "require")


def test_a_version_that_is_no_text_is_named() -> None:
    class CountedModel(StandIn):
        version: Any = 3

    with pytest.raises(NoModelError, match="TypeError: version: expected str, got int"):
        new_predictor(CountedModel, "require")


def test_a_model_that_ends_the_program_as_it_loads_is_told_as_any_other() -> None:
    def load() -> StandIn:
        raise SystemExit("no licence")

    with pytest.raises(NoModelError, match="cannot be loaded: SystemExit: no licence"):
        new_predictor(load, "require")
