"""A batch of calls of both kinds is asked at once, and each call gets its own answer."""

from typing import Any

import numpy as np
import pytest
from contract import BATCHES, Inputs, Outputs, StandIn, columns_of_answers, pb
from engine.batching.run import Run
from engine.fields.violations import RefusedError, Violation
from engine.serving.calls import Many, One
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
    found = [rows_of(answer) for answer in Predictor(model, BATCHES)(slices)]
    return found, [batch.x.tolist() for batch in model.batches]


def rows_of(answer: Any) -> list[float]:
    """Return the y of what a slice is answered."""
    if isinstance(answer, pb.PredictResponse):
        assert answer.model_version == "1.2.3"
        return [answer.prediction.y]
    answered, version = answer
    assert version == "1.2.3"
    return list(columns_of_answers(answered).y)


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


def run_of(*rows: list[float]) -> Run[Any]:
    """Return a run of slices with these x."""
    numbers = [number for each in rows for number in each]
    call = Many(BATCHES, [table(*numbers)], most_bytes=10**6)
    most = len(rows[0])
    return Run(call.take(most), call, most, most_rows=lambda rows: most)


class OneBuffer(StandIn):
    """Answers with the same arrays each time."""

    def __init__(self) -> None:
        super().__init__()
        self._y, self._colour = np.zeros(2, np.float32), np.zeros(2, np.int64)

    def predict(self, inputs: Inputs) -> Outputs:
        found = super().predict(inputs)
        count = len(found.y)
        self._y[:count], self._colour[:count] = found.y, found.colour
        return Outputs(self._y[:count], self._colour[:count])


@pytest.mark.parametrize("model", [StandIn(), OneBuffer()], ids=lambda model: type(model).__name__)
def test_a_run_asks_slice_after_slice_and_has_one_answer(model: StandIn) -> None:
    [answer] = Predictor(model, BATCHES)([run_of([1, 2], [3, 4], [5])])
    assert rows_of(answer) == [10, 20, 30, 40, 50]
    assert [batch.x.tolist() for batch in model.batches] == [[1, 2], [3, 4], [5]]


@pytest.mark.parametrize(
    ("second", "fault"),
    [
        (np.ones(3, np.float32), "expected shape (2,), got (3,)"),
        (np.float32(1), "expected shape (2,), got ()"),
        (np.array([1, np.nan], np.float32), "not every value is a finite float32"),
        (np.array(["a", "b"]), "expected dtype float32"),
        (np.ma.masked_array([1.0, 2.0], [True, False]), "some values are masked"),
    ],
)
def test_an_answer_that_does_not_fit_one_slice_of_a_run_is_the_models_fault(
    second: Any, fault: str
) -> None:
    class Failing(StandIn):
        def predict(self, inputs: Inputs) -> Outputs:
            found = super().predict(inputs)
            return Outputs(second, found.colour) if inputs.x[0] == 3 else found

    with pytest.raises(ModelError) as caught:
        Predictor(Failing(), BATCHES)([run_of([1, 2], [3, 4])])
    assert fault in str(caught.value.__cause__)


class SmallModel(StandIn):
    """Fails on more than two rows, of which it has changed what it was given."""

    def predict(self, inputs: Inputs) -> Outputs:
        found = super().predict(inputs)
        if len(inputs.x) > 2:
            inputs.x[:] = 0
            raise ValueError("there is no room for that")
        return found


class ShortModel(StandIn):
    """Answers two rows at most."""

    def predict(self, inputs: Inputs) -> Outputs:
        found = super().predict(inputs)
        return Outputs(found.y[:2], found.colour[:2])


@pytest.mark.parametrize("slices", [[table(1, 2, 3, 4, 5)], [run_of([1, 2, 3, 4, 5])]])
def test_a_model_that_fails_on_more_rows_than_usual_gets_fewer_from_then_on(
    slices: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    model = SmallModel()
    predictor = Predictor(model, BATCHES, usual_rows=2)
    [answer] = predictor(slices)
    assert rows_of(answer) == [10, 20, 30, 40, 50]
    assert "fails on 5 rows at once: ValueError: there is no room for that" in caplog.text
    [answer] = predictor([table(1, 2, 3)])
    assert rows_of(answer) == [10, 20, 30]
    assert [len(batch.x) for batch in model.batches] == [5, 2, 2, 1, 2, 1]


def test_a_model_that_answers_fewer_rows_than_it_gets_gets_fewer_from_then_on() -> None:
    [answer] = Predictor(ShortModel(), BATCHES, usual_rows=2)([table(1, 2, 3, 4, 5)])
    assert rows_of(answer) == [10, 20, 30, 40, 50]


@pytest.mark.parametrize("dtype", [np.float64, np.int64, np.uint8])
def test_slices_may_be_answered_in_several_dtypes(dtype: type[np.generic]) -> None:
    class Varied(StandIn):
        def predict(self, inputs: Inputs) -> Outputs:
            found = super().predict(inputs)
            if inputs.x[0] == 3:
                return Outputs(found.y.astype(dtype), found.colour.astype(np.uint64))
            return found

    [answer] = Predictor(Varied(), BATCHES)([run_of([1, 2], [3, 4], [5])])
    assert rows_of(answer) == [10, 20, 30, 40, 50]


def test_a_large_slice_that_is_refused_does_not_make_later_ones_smaller() -> None:
    model = RefusingModel()
    predictor = Predictor(model, BATCHES, usual_rows=2)
    with pytest.raises(RefusedError):
        predictor([table(1, 2, 13)])
    predictor([table(1, 2, 3)])
    assert len(model.batches[-1].x) == 3


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
