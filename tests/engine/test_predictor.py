"""A batch of calls of both kinds is asked at once, and each call gets its own answer."""

from typing import Any

import numpy as np
import pytest
from contract import BATCHES, Inputs, Outputs, StandIn, pb
from engine.fields.violations import RefusedError, Violation
from engine.serving.calls import One
from engine.serving.predictor import ModelError, Predictor


def one(x: float) -> One:
    """Return a call that asks about one instance."""
    instance = pb.Instance(x=x, series=[1])
    return One(instance, BATCHES.shapes(instance))


def table(*x: float) -> Any:
    """Return rows of a call that asks about many."""
    series = [pb.FloatTensor(values=[1])] * len(x)
    [rows] = BATCHES.read(pb.InstanceColumns(x=x, series=series))
    return rows


def answers(slices: list[Any]) -> tuple[list[list[float]], list[list[float]]]:
    """Return what each slice is answered, and the x of each batch of the model."""
    model = StandIn()
    responses = Predictor(model, BATCHES)(slices)
    assert {response.model_version for response in responses} == {"1.2.3"}
    found = [
        [response.prediction.y]
        if isinstance(response, pb.PredictResponse)
        else list(response.predictions.y)
        for response in responses
    ]
    return found, [batch.x.tolist() for batch in model.batches]


@pytest.mark.parametrize(
    ("slices", "expected", "batch"),
    [
        ([one(1), one(2)], [[10], [20]], [1, 2]),
        ([table(1, 2), table(3)], [[10, 20], [30]], [1, 2, 3]),
        ([table(1, 2), one(3), table(4), one(5)], [[10, 20], [30], [40], [50]], [3, 5, 1, 2, 4]),
    ],
)
def test_each_slice_has_its_own_answer_of_one_batch(
    slices: list[Any], expected: list[list[float]], batch: list[float]
) -> None:
    assert answers(slices) == (expected, [batch])


def test_an_answer_that_does_not_fit_is_the_models_fault() -> None:
    class ShortModel(StandIn):
        def predict(self, inputs: Inputs) -> Outputs:
            return Outputs(y=np.ones(1, np.float32), colour=np.zeros(1, np.int64))

    with pytest.raises(ModelError) as caught:
        Predictor(ShortModel(), BATCHES)([one(1), one(2)])
    assert "y: expected shape (2,), got (1,)" in str(caught.value.__cause__)


class RefusingModel(StandIn):
    """Refuses what it does not know, which no schema says."""

    def predict(self, inputs: Inputs) -> Outputs:
        if 13 in inputs.x:
            raise RefusedError([Violation("x", "the model was not trained with 13")])
        return super().predict(inputs)


def test_what_a_model_refuses_is_the_callers_fault_and_not_its_neighbours() -> None:
    predictor = Predictor(RefusingModel(), BATCHES)
    with pytest.raises(RefusedError, match="x: the model was not trained with 13"):
        predictor([one(13)])
    with pytest.raises(ModelError):
        predictor([one(1), one(13)])
    assert len(predictor([one(1)])) == 1
