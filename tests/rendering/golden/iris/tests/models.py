"""Models that stand in for the real one: the tests of the service do not depend on it."""

import threading
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iris_classifier.engine.serving.batches import count
from iris_classifier.schema import Inputs, Outputs

from .examples import INPUTS, OUTPUTS
from .messages import ARE_DIFFERENT


def are_other(inputs: Inputs) -> NDArray[np.bool_]:
    """Tell which rows are not those of INSTANCE."""
    found = np.zeros(count(inputs), np.bool_)
    for field in fields(Inputs):
        given, usual = getattr(inputs, field.name), getattr(INPUTS, field.name)
        if given.shape[1:] != usual.shape[1:]:
            return np.ones(len(given), np.bool_)
        found |= (given != usual).reshape(len(given), -1).any(axis=1)
    return found


class StandIn:
    """Answers INSTANCE with the first row of OUTPUTS, and OTHER with the second.

    Attributes:
        batches: What it has been asked, in order.
    """

    version = "1.2.3"
    runtime = "stand-in"

    def __init__(self) -> None:
        self.batches: list[Inputs] = []

    def predict(self, inputs: Inputs) -> Outputs:
        self.batches.append(inputs)
        rows = are_other(inputs).astype(int)
        columns: dict[str, Any] = {}
        for field in fields(Outputs):
            column = getattr(OUTPUTS, field.name)
            is_array = isinstance(column, np.ndarray)
            columns[field.name] = column[rows] if is_array else [column[row] for row in rows]
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
