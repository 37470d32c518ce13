"""Models that stand in for the real one: the tests of the service do not depend on it."""

import threading
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iris_classifier.schema import Inputs, Outputs

from .examples import INPUTS, OUTPUTS


def are_other(inputs: Inputs) -> NDArray[np.bool_]:
    """Tell which rows are not those of INSTANCE."""
    given = inputs.sepal_length
    usual = INPUTS.sepal_length
    different: NDArray[np.bool_] = given != usual
    return different


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
            columns[field.name] = column[rows]
        return Outputs(**columns)


class FailingModel(StandIn):
    """Fails if OTHER is in the batch."""

    def predict(self, inputs: Inputs) -> Outputs:
        if are_other(inputs).any():
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


class WrongModel(StandIn):
    """Answers with something else in one of its columns."""

    def __init__(self, column: str, value: Any) -> None:
        super().__init__()
        self._change = {column: value}

    def predict(self, inputs: Inputs) -> Outputs:
        return replace(super().predict(inputs), **self._change)
