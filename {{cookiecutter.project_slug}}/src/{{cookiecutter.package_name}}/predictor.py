{% set s = service(cookiecutter) %}
"""Runs the model on what callers sent: requests in, responses out."""

from collections.abc import Sequence
from typing import Protocol

from . import schema
from .schema import Inputs, Outputs
from .v1 import {{ s.package }}_pb2 as pb

# A call is one instance, or some rows of a request of columns.
Call = pb.Instance | Inputs
Response = pb.PredictResponse | pb.BatchPredictResponse


class Model(Protocol):
    """What the service needs of a model.

    Attributes:
        version: Identifies the trained model; sent with every prediction.
        runtime: What runs it, with version.
    """

    version: str
    runtime: str

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch; called on whichever thread is free, SERVER_MAX_BATCHES at a time."""


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
        """Predict a made-up instance, so that the first caller does not pay for first times."""
        self._predict(schema.sample())

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
