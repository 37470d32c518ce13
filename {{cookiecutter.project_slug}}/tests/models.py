{% set s = service(cookiecutter) %}
{% set e = s.examples %}
"""Models that stand in for the real one: the tests of the service do not depend on it."""

import threading
from dataclasses import replace
from typing import Any

{% if not e.telling %}
import numpy as np

{% endif %}
from {{ s.package }}.schema import Inputs, Outputs

from .examples import {% if e.telling %}INPUTS, {% endif %}OUTPUTS


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
        rows = ({{ e.telling.difference }}).astype(int)
{% else %}
        rows = np.zeros(len(inputs.{{ s.inputs[0].name }}), int)
{% endif %}
        return Outputs(
{% for field in e.outputs %}
{{ field.answer }}
{% endfor %}
        )


class FailingModel(StandIn):
    """Fails{% if e.telling %} if OTHER is in the batch{% endif %}."""

    def predict(self, inputs: Inputs) -> Outputs:
{% if e.telling %}
        if ({{ e.telling.difference }}).any():
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
        self.asked.set()
        self.go.wait(timeout=10)
        return super().predict(inputs)


class WrongModel(StandIn):
    """Answers with something else in one of its columns."""

    def __init__(self, column: str, value: Any) -> None:
        super().__init__()
        self._change = {column: value}

    def predict(self, inputs: Inputs) -> Outputs:
        return replace(super().predict(inputs), **self._change)
