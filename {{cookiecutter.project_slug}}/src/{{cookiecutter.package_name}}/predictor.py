{% set s = service(cookiecutter) %}
"""Runs the model on what callers sent: requests in, responses out."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Protocol, runtime_checkable

import numpy as np

from . import schema
from .schema import Inputs, Outputs
from .v1 import {{ s.package }}_pb2 as pb

# A call is one instance, or some rows of a request of columns.
Call = pb.Instance | Inputs
Response = pb.PredictResponse | pb.BatchPredictResponse


class Model(Protocol):
    """What the service needs of a model, which may be one that GivesExample too.

    Attributes:
        version: Identifies the trained model; sent with every prediction.
        runtime: What runs it, with version.
    """

    version: str
    runtime: str

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch; called on whichever thread is free, SERVER_MAX_BATCHES at a time."""


@runtime_checkable
class GivesExample(Protocol):
    """A model with a real row for its warm-up, where one that is made up makes it fail."""

    def example(self) -> Inputs:
        """Return a batch of one instance; called after each load, before it is served."""


class Predictor:
    """Predicts the calls of a batch in one go.

    Attributes:
        version, runtime: Those of the model.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self.version = model.version
        self.runtime = model.runtime

    def __call__(self, calls: Sequence[Call]) -> list[Response]:
        """Return the response to each call, in order.

        Raises:
            encode.InvalidOutputError: If the model's answer does not fit the schema.
        """
        instances = [call for call in calls if isinstance(call, pb.Instance)]
        if len(instances) == len(calls):
            return [*self._responses(self._predict(schema.gather(instances)), len(calls))]
        batches = [call if isinstance(call, Inputs) else schema.gather([call]) for call in calls]
        return self._split(calls, self._predict(schema.concatenate(batches)))

    def warm_up(self) -> None:
        """Predict one row, so that the first caller does not wait for lazy initialisation.

        Raises:
            Exception: What the model raises, or what is wrong with its example or its answer.
        """
        model = self._model
        example = checked(model.example()) if isinstance(model, GivesExample) else schema.sample()
        self._predict(example)

    def _predict(self, inputs: Inputs) -> Outputs:
        return schema.fit(self._model.predict(inputs), schema.count(inputs))

    def _responses(self, outputs: Outputs, rows: int) -> list[pb.PredictResponse]:
        responses = [pb.PredictResponse(model_version=self.version) for _ in range(rows)]
        schema.write([response.prediction for response in responses], outputs)
        return responses

    def _split(self, calls: Sequence[Call], outputs: Outputs) -> list[Response]:
        responses: list[Response] = []
        start = 0
        for call in calls:
            stop = start + (schema.count(call) if isinstance(call, Inputs) else 1)
            rows = schema.part(outputs, start, stop)
            if isinstance(call, Inputs):
                columns = schema.prediction_columns(rows)
                responses.append(
                    pb.BatchPredictResponse(predictions=columns, model_version=self.version)
                )
            else:
                responses += self._responses(rows, 1)
            start = stop
        return responses


def checked(example: Inputs) -> Inputs:
    """Return a model's example, which has to look as a batch of its callers would.

    Raises:
        ValueError: If it does not.
    """
    made_up, rows = schema.sample(), schema.count(example)
    if not rows:
        raise ValueError("there is no row")
    for name in (field.name for field in fields(Inputs)):
        column, usual = getattr(example, name), getattr(made_up, name)
        expected = f"{usual.dtype}, {usual.ndim} dims, {rows} rows"
        if not isinstance(column, np.ndarray):
            raise ValueError(f"{name}: expected an array ({expected}), got {type(column).__name__}")
        got = f"{column.dtype}, {column.ndim} dims, {len(column)} rows"
        if got != expected:
            raise ValueError(f"{name}: expected {expected}, got {got}")
    return example
