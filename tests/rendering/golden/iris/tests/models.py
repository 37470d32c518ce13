"""Models that stand in for the real one: the tests of the service do not depend on it."""

import threading
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iris_classifier.engine.serving.batches import count
from iris_classifier.schema import (
    SCHEMA,
    Inputs,
    Instance,
    Outputs,
    Prediction,
)

from .answers import usual_answers
from .examples import INSTANCE, OTHER
from .values import seen_of


def seen_columns(instance: Instance) -> dict[str, NDArray[Any]]:
    """Return what a model sees of an instance: columns of one row."""
    given: dict[str, Any] = {**instance}
    return {name: seen_of(field, given[name]) for name, field in FIELDS.items() if name in given}


# Where SCHEMA, the views in schema.py and the examples differ, test_contract.py tells. So nothing
# here fails of that before it has told.
FIELDS = {field.name: field for field in SCHEMA.inputs}
# What a model sees of INSTANCE.
SEEN = seen_columns(INSTANCE)
# Whether the schema has room for two instances that differ.
ARE_DIFFERENT = not all(map(np.array_equal, SEEN.values(), seen_columns(OTHER).values()))
# What a model may answer to INSTANCE and to OTHER.
ANSWERS = {field.name: usual_answers(field) for field in SCHEMA.outputs}
# What callers get of the answer to INSTANCE.
GOT = {name: first.got for name, (first, _) in ANSWERS.items()} | {"model_version": "1.2.3"}
EXPECTED: dict[str, Any] = {field.name: GOT.get(field.name) for field in fields(Prediction)}
PREDICTION = Prediction(**EXPECTED)


def are_other(inputs: Inputs) -> NDArray[np.bool_]:
    """Tell which rows are not those of INSTANCE."""
    found = np.zeros(count(inputs), np.bool_)
    for field in fields(Inputs):
        given, usual = getattr(inputs, field.name), SEEN[field.name]
        if given.shape[1:] != usual.shape[1:]:
            return np.ones(len(given), np.bool_)
        is_same = (given == usual) | ((given != given) & (usual != usual))  # nan is what it was.
        found |= ~is_same.reshape(len(given), -1).all(axis=1)
    return found


class StandIn:
    """Answers INSTANCE with the first of ANSWERS, and all else with the second.

    Attributes:
        batches: What it has been asked, in order.
    """

    version = PREDICTION.model_version
    runtime = "stand-in"

    def __init__(self) -> None:
        self.batches: list[Inputs] = []

    def predict(self, inputs: Inputs) -> Outputs:
        self.batches.append(inputs)
        places = are_other(inputs).astype(int)
        columns: dict[str, Any] = {}
        for field in SCHEMA.outputs:
            rows = [ANSWERS[field.name][place].column for place in places]
            columns[field.name] = [row[0] for row in rows] if field.varies else np.concatenate(rows)
        return Outputs(**columns)


class FailingModel(StandIn):
    """Fails if OTHER is in the batch."""

    def predict(self, inputs: Inputs) -> Outputs:
        if are_other(inputs).any() or not ARE_DIFFERENT:
            raise RuntimeError("a secret of the model")
        return super().predict(inputs)


class SlowModel(StandIn):
    """Answers once it is let go.

    Attributes:
        asked: Set once it has been asked.
        go: Lets it answer.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.go = threading.Event()

    def predict(self, inputs: Inputs) -> Outputs:
        if self.batches:  # The first one only warms it up.
            self.asked.set()
            self.go.wait(timeout=30)
        return super().predict(inputs)


class ChangedModel(StandIn):
    """Answers with other columns where it is told to.

    Attributes:
        columns: The other columns, by their names.
    """

    def __init__(self, **columns: Any) -> None:
        super().__init__()
        self.columns = columns

    def predict(self, inputs: Inputs) -> Outputs:
        return replace(super().predict(inputs), **self.columns)
