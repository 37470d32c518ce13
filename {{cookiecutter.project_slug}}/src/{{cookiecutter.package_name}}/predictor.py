{% set s = service(cookiecutter) %}
"""Runs the model on what callers sent: slices of calls in, responses out."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from . import schema
from .calls import One, Response, Slice
from .schema import Inputs, Outputs
from .v1 import {{ s.package }}_pb2 as pb


class Model(Protocol):
    """What the service needs of a model.

    Attributes:
        version: Identifies the trained model; sent with every prediction.
        runtime: What runs it, with version.
    """

    version: str
    runtime: str

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch; called on a thread, SERVER_MAX_BATCHES batches at a time."""


class Predictor:
    """Predicts the slices of a batch in one go.

    Attributes:
        version, runtime: Those of the model.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self.version = model.version
        self.runtime = model.runtime

    def __call__(self, slices: Sequence[Slice]) -> list[Response]:
        """Return the response to each slice, in order.

        Raises:
            encode.InvalidOutputError: If the model's answer does not fit the schema.
        """
        ones = [each for each in slices if isinstance(each, One)]
        if len(ones) == len(slices):
            return [*self._responses(self._predict(gather(ones)), len(ones))]
        tables = [each for each in slices if isinstance(each, Inputs)]
        if not ones:
            return [*self._columns(self._predict(schema.concatenate(tables)), 0, tables)]
        outputs = self._predict(schema.concatenate([gather(ones), *tables]))
        of_ones = iter(self._responses(schema.part(outputs, 0, len(ones)), len(ones)))
        of_tables = self._columns(outputs, len(ones), tables)
        return [next(of_ones) if isinstance(each, One) else next(of_tables) for each in slices]

    def warm_up(self) -> None:
        """Predict a made-up instance, so that the first caller does not wait for the first time."""
        self._predict(schema.sample())

    def _predict(self, inputs: Inputs) -> Outputs:
        return schema.fit(self._model.predict(inputs), schema.count(inputs))

    def _responses(self, outputs: Outputs, rows: int) -> list[pb.PredictResponse]:
        responses = [pb.PredictResponse(model_version=self.version) for _ in range(rows)]
        schema.write([response.prediction for response in responses], outputs)
        return responses

    def _columns(
        self, outputs: Outputs, start: int, tables: Sequence[Inputs]
    ) -> Iterator[pb.BatchPredictResponse]:
        for table in tables:
            stop = start + schema.count(table)
            columns = schema.prediction_columns(schema.part(outputs, start, stop))
            yield pb.BatchPredictResponse(predictions=columns, model_version=self.version)
            start = stop


def gather(ones: Sequence[One]) -> Inputs:
    """Return instances as the columns of a batch."""
{% if "Image" in s.input_kinds %}
    return schema.concatenate([one.inputs for one in ones])
{% else %}
    return schema.gather([one.instance for one in ones])
{% endif %}
