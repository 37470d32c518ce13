{% set s = service(cookiecutter) %}
"""Runs the model on what callers sent: messages in, messages out."""

from collections.abc import Sequence
from typing import Protocol

from . import schema
from .schema import Inputs, Outputs
from .v1 import {{ s.package }}_pb2 as pb

# One call is one instance, or some rows of a request of columns.
Call = pb.Instance | Inputs
Answer = pb.Prediction | Outputs


class Model(Protocol):
    """What the service needs of a model.

    Attributes:
        version: Identifies the trained model; sent with every prediction.
        runtime: What runs it, with version.
    """

    version: str
    runtime: str

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch."""


class Predictor:
    """Predicts the calls of a batch in one go."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def __call__(self, calls: Sequence[Call]) -> list[Answer]:
        """Return the answer to each call, in order.

        Raises:
            encode.InvalidOutputError: If the model's answer does not fit the schema.
        """
        instances = [call for call in calls if isinstance(call, pb.Instance)]
        if len(instances) == len(calls):
            return [*schema.predictions(self._predict(schema.gather(instances)), len(calls))]
        batches = [call if isinstance(call, Inputs) else schema.gather([call]) for call in calls]
        return self._split(calls, self._predict(schema.concatenate(batches)))

    def _predict(self, inputs: Inputs) -> Outputs:
        return schema.fit(self._model.predict(inputs), schema.count(inputs))

    def _split(self, calls: Sequence[Call], outputs: Outputs) -> list[Answer]:
        answers: list[Answer] = []
        start = 0
        for call in calls:
            stop = start + size(call)
            rows = schema.part(outputs, start, stop)
            answers.append(rows if isinstance(call, Inputs) else schema.predictions(rows, 1)[0])
            start = stop
        return answers


def size(call: Call) -> int:
    """Return how many rows a call takes up in a batch."""
    return schema.count(call) if isinstance(call, Inputs) else 1
