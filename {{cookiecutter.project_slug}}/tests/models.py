{% set s = service(cookiecutter) %}
{% set e = s.examples %}
"""Models that stand in for the real one: the tests of the service do not depend on it."""

import threading
from dataclasses import fields, replace
from typing import Any

import numpy as np
{% if e.telling %}
from numpy.typing import NDArray
{% endif %}

from {{ s.package }}.schema import Inputs, Outputs

from .examples import {% if e.telling %}INPUTS, {% endif %}OUTPUTS
{% if e.telling %}


def are_other(inputs: Inputs) -> NDArray[np.bool_]:
    """Tell which rows are not those of INSTANCE."""
    given = inputs.{{ e.telling.name }}
    usual = INPUTS.{{ e.telling.name }}
{% if e.telling.field.dims %}
    different: NDArray[np.bool_] = given.reshape(len(given), -1)[:, 0] != usual.flat[0]
{% else %}
    different: NDArray[np.bool_] = given != usual
{% endif %}
    return different
{% endif %}


class StandIn:
{% if e.telling %}
    """Answers INSTANCE with the first row of OUTPUTS, and OTHER with the second.
{% else %}
    """Answers with the first row of OUTPUTS.
{% endif %}

    Attributes:
        batches: What it has been asked, in order.
    """

    version = "1.2.3"
    runtime = "stand-in"

    def __init__(self) -> None:
        self.batches: list[Inputs] = []

    def predict(self, inputs: Inputs) -> Outputs:
        self.batches.append(inputs)
{% if e.telling %}
        rows = are_other(inputs).astype(int)
{% else %}
        rows = np.zeros(len(inputs.{{ s.inputs[0].name }}), int)
{% endif %}
        columns: dict[str, Any] = {}
        for field in fields(Outputs):
            column = getattr(OUTPUTS, field.name)
            columns[field.name] = {{ "[column[row] for row in rows]" if s.checks.outputs_vary else "column[rows]" }}
        return Outputs(**columns)


class FailingModel(StandIn):
    """Fails{% if e.telling %} if OTHER is in the batch{% endif %}."""

    def predict(self, inputs: Inputs) -> Outputs:
{% if e.telling %}
        if are_other(inputs).any():
            raise RuntimeError("a secret of the model")
        return super().predict(inputs)
{% else %}
        raise RuntimeError("a secret of the model")
{% endif %}


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
