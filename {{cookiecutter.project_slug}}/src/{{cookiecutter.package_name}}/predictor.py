{% set s = service(cookiecutter) %}
"""Runs the model on what callers sent: slices of calls in, responses out."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Protocol, runtime_checkable

import numpy as np

from . import schema
from .calls import One, Response, Slice
from .schema import Inputs, Outputs
from .v1 import service_pb2 as pb


class Model(Protocol):
    """What the service needs of a model, which may be one that GivesExample too.

    Attributes:
        version: Identifies the trained model; sent with every prediction.
        runtime: What runs it, with version.
    """

    version: str
    runtime: str

    def predict(self, inputs: Inputs) -> Outputs:
        """Predict a batch; called on a thread, SERVER_MAX_BATCHES batches at a time."""


@runtime_checkable
class GivesExample(Protocol):
    """A model with a real row for its warm-up, where one that is made up makes it fail."""

    def example(self) -> Inputs:
        """Return a batch of one instance; called after each load, before it is served."""


class ModelError(Exception):
    """The model failed, as its cause says: whatever that is, the caller is not to blame."""


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
            ModelError: If the model fails, or its answer does not fit the schema.
        """
        try:
            return self._answer(slices)
        except Exception as error:
            raise ModelError from error

    def _answer(self, slices: Sequence[Slice]) -> list[Response]:
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
