"""A model is loaded, and shows that it can be served."""

from dataclasses import fields, replace
from typing import Any

import pytest
from contract import BATCHES, INPUTS, Inputs, Outputs, StandIn, serving
from engine.failures import NoModelError
from engine.processes.single import imported
from engine.serving.loading import new_predictor
from engine.serving.server import Server
from engine.settings import Settings
from waiting import run


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


@pytest.mark.parametrize("transport", ["native", "grpcio", "asyncio"])
def test_a_model_that_fails_on_its_warm_up_row_is_not_served(transport: Any) -> None:
    async def serve() -> None:
        settings = Settings(host="127.0.0.1", port=0, transport=transport, grace_seconds=5)
        server = Server(serving(PickyModel), settings)
        try:
            await server.start()
        finally:
            await server.stop()

    with pytest.raises(NoModelError) as caught:
        run(serve())
    assert str(caught.value) == (
        "the model failed on a made-up row: ValueError: this row is not real; "
        "give a real one in PickyModel.example(), or set SERVER_WARM_UP=try"
    )


def test_a_model_that_fails_on_its_warm_up_row_is_served_with_a_warning_where_that_is_set(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert new_predictor(PickyModel, BATCHES, "try").version == PickyModel.version
    assert "this row is not real" in caplog.text


def test_a_model_is_asked_nothing_where_the_warm_up_is_skipped() -> None:
    model = StandIn()
    new_predictor(lambda: model, BATCHES, "skip")
    assert model.batches == []


def test_a_model_may_give_the_row_that_warms_it_up() -> None:
    model = GivingModel()
    new_predictor(lambda: model, BATCHES, "require")
    [batch] = model.batches
    assert batch is model.example()


def test_a_row_that_does_not_fit_names_its_column() -> None:
    name = fields(Inputs)[0].name
    with pytest.raises(NoModelError, match=f"{name}: expected an array"):
        new_predictor(lambda: GivingModel(**{name: [1]}), BATCHES, "require")


def test_a_model_that_ends_the_program_as_it_loads_is_told_as_any_other() -> None:
    def load() -> StandIn:
        raise SystemExit("no licence")

    with pytest.raises(NoModelError, match="cannot be loaded: SystemExit: no licence"):
        new_predictor(load, BATCHES, "require")


def test_an_answer_that_does_not_fit_is_not_blamed_on_the_row() -> None:
    class SilentModel(StandIn):
        def predict(self, inputs: Inputs) -> Any:
            return None

    with pytest.raises(NoModelError, match="expected Outputs, got NoneType; mend predict"):
        new_predictor(SilentModel, BATCHES, "require")


def test_a_version_that_is_no_text_is_named() -> None:
    class CountedModel(StandIn):
        version: Any = 3

    with pytest.raises(NoModelError, match="TypeError: version: expected str, got int"):
        new_predictor(CountedModel, BATCHES, "require")


class UnshownError(BaseException):
    """An error that fails to say what it is."""

    def __repr__(self) -> str:
        raise ValueError

    __str__ = __repr__


def test_an_error_that_cannot_be_shown_is_told_by_its_class() -> None:
    def load() -> StandIn:
        raise UnshownError

    with pytest.raises(NoModelError, match="UnshownError: it cannot be shown"):
        new_predictor(load, BATCHES, "require")


def test_a_model_that_cannot_be_imported_is_told() -> None:
    def serving_of_it() -> Any:
        raise ImportError("cannot import name 'Model'")

    with pytest.raises(NoModelError, match="cannot be imported: ImportError: cannot import name"):
        imported(serving_of_it)


class Asynchronous(StandIn):
    """Cannot be asked from a thread."""

    async def predict(self, inputs: Any) -> Any:  # type: ignore[override]
        return inputs


class Mute(StandIn):
    """Cannot be asked."""

    predict = None  # type: ignore[assignment]


@pytest.mark.parametrize(("model", "got"), [(Asynchronous, "a coroutine function"), (Mute, "None")])
def test_a_model_that_cannot_be_asked_is_told(model: Any, got: str) -> None:
    fault = f"TypeError: predict: expected a method that returns Outputs, got {got}"
    with pytest.raises(NoModelError, match=fault):
        new_predictor(model, BATCHES, "skip")
