"""Runs the model on what callers sent: slices of calls in, responses out."""

import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import islice
from typing import Any, Protocol, runtime_checkable

import numpy as np

from ..batching.run import Run
from ..failures import in_line
from ..fields.violations import RefusedError
from .batches import Answered, Batches, count, part
from .calls import One
from .taken import Block

logger = logging.getLogger(__name__)

# What asks about single instances.
ONES = (One, Block)


class Model(Protocol):
    """What the service needs of a model, which may be one that GivesExample too.

    Attributes:
        version: Identifies the trained model; sent with every prediction.
        runtime: What runs it, with version.
    """

    version: str
    runtime: str

    def predict(self, inputs: Any) -> Any:
        """Predict a batch; called on a thread, SERVER_MAX_BATCHES batches at a time."""


@runtime_checkable
class GivesExample(Protocol):
    """A model with a real row for its warm-up, where one that is made up makes it fail."""

    def example(self) -> Any:
        """Return a batch of one instance; called after each load, before it is served."""


class ModelError(Exception):
    """The model failed, as its cause says: whatever that is, the caller is not to blame."""


class Predictor:
    """Predicts the slices of a batch in one go.

    A slice is one instance, whose answer is a response, or some rows of a call of many as columns,
    or a run of these, whose answer is rows with the version of the model.

    Args:
        batches: Makes batches for the model, and responses of its answers.
        usual_rows: The most rows that the model should take at once. A model that fails on more gets
            no more from then on.

    Attributes:
        model: The model.
        version, runtime: Those of the model.
    """

    def __init__(self, model: Model, batches: Batches, usual_rows: int = sys.maxsize) -> None:
        self.model = model
        self._batches = batches
        self._usual_rows = usual_rows
        self._takes_more = True
        self.version = model.version
        self.runtime = model.runtime
        self._form = batches.form_of_responses(self.version)

    def __call__(self, slices: Sequence[Any]) -> list[Any]:
        """Return the answer to each slice, in order.

        Raises:
            RefusedError: If the model refuses the values of the only caller.
            ModelError: If the model fails, or its answer does not fit the schema.
        """
        try:
            return self._answer(slices)
        except RefusedError as error:
            if len(slices) == 1 and getattr(slices[0], "callers", 1) == 1:
                raise
            raise ModelError from error  # Which slice is to blame shows when each is asked alone.
        except Exception as error:
            raise ModelError from error

    def _answer(self, slices: Sequence[Any]) -> list[Any]:
        if isinstance(slices[0], Run):  # It is alone.
            return [(self._answer_run(slices[0]), self.version)]
        ones = [each for each in slices if isinstance(each, ONES)]
        if len(ones) == len(slices):
            return self._responses(self._predict(self._join(ones)), ones)
        tables = [each for each in slices if not isinstance(each, ONES)]
        if not ones:
            return [*self._columns(self._predict(self._batches.concatenate(tables)), 0, tables)]
        outputs = self._predict(self._batches.concatenate([self._join(ones), *tables]))
        rows = callers(ones)
        of_ones = iter(self._responses(part(outputs, 0, rows), ones))
        of_tables = self._columns(outputs, rows, tables)
        return [next(of_ones if isinstance(each, ONES) else of_tables) for each in slices]

    def _answer_run(self, run: Run[Any]) -> Answered:
        """Return the answer to all slices of a run, whose values are looked at together."""
        batches = self._batches
        slices = map(batches.concatenate, ([rows] for rows in run))
        parts = [batches.own(self._ask(inputs), count(inputs)) for inputs in slices]
        return batches.answered(batches.fit(batches.joined(parts), sum(map(count, parts))))

    def warm_up(self) -> None:
        """Predict one row, so that the first caller does not wait for lazy initialisation.

        Raises:
            Exception: What the model raises, or what is wrong with its example or its answer.
        """
        example = made_up = self._batches.sample()
        if isinstance(self.model, GivesExample):
            example = checked(self.model.example(), made_up)
        self._predict(example)

    def _join(self, ones: Sequence[One | Block]) -> Any:
        return self._batches.join([one.instance for one in ones])

    def _predict(self, inputs: Any) -> Any:
        return self._batches.fit(self._ask(inputs), count(inputs))

    def _ask(self, inputs: Any) -> Any:
        """Return what the model answers to a batch, which may not fit."""
        if count(inputs) <= self._usual_rows:
            return self.model.predict(inputs)
        parts = split(inputs, self._usual_rows)
        if not self._takes_more:
            return self._ask_each(parts)
        try:  # With a copy, since the model may change it before it fails.
            return self._ask_each([self._batches.copied(inputs)])
        except Exception as error:
            outputs = self._ask_each(parts)
            rows, usual = count(inputs), self._usual_rows
            reason = f"{rows} rows at once: {in_line(error)}"
            logger.warning("The model fails on %s; it gets %d from now on", reason, usual)
            self._takes_more = False
            return outputs

    def _ask_each(self, parts: Sequence[Any]) -> Any:
        """Return what the model answers to each part, in columns of their own, as one."""
        own = self._batches.own
        return self._batches.joined([own(self.model.predict(one), count(one)) for one in parts])

    def _responses(self, outputs: Any, ones: Sequence[One | Block]) -> list[Any]:
        """Return the responses to a call, or to all of a block."""
        responses = iter(self._written(outputs, callers(ones)))
        return [
            self._as_asked(next(responses), one)
            if isinstance(one, One)
            else [*islice(responses, one.callers)]
            for one in ones
        ]

    def _written(self, outputs: Any, rows: int) -> Sequence[Any]:
        """Return the responses to all rows, as bytes if they have a form, or as messages."""
        if self._form:
            return self._form.write(outputs, rows)
        new = self._batches.messages.PredictResponse
        responses = [new(model_version=self.version) for _ in range(rows)]
        self._batches.write([response.prediction for response in responses], outputs)
        return responses

    def _as_asked(self, response: Any, one: One) -> Any:
        """Return the response to a call as a message, unless it may be bytes."""
        if one.as_bytes or not isinstance(response, bytes):
            return response
        return self._batches.messages.PredictResponse.FromString(response)

    def _columns(self, outputs: Any, start: int, tables: Sequence[Any]) -> Iterator[Any]:
        for table in tables:
            stop = start + count(table)
            rows = self._batches.own(part(outputs, start, stop), stop - start)
            yield self._batches.answered(rows), self.version
            start = stop


def callers(ones: Sequence[One | Block]) -> int:
    """Return how many callers ask about an instance each."""
    return sum(one.callers for one in ones)


def split(inputs: Any, most: int) -> list[Any]:
    """Return a batch as parts of so many rows at most."""
    return [part(inputs, start, start + most) for start in range(0, count(inputs), most)]


def checked(example: Any, made_up: Any) -> Any:
    """Return a model's example, which has to look as a batch of its callers would.

    Args:
        made_up: A batch that does.

    Raises:
        ValueError: If it does not.
    """
    rows = count(example)
    if not rows:
        raise ValueError("there is no row")
    for name in (field.name for field in fields(made_up)):
        column, usual = getattr(example, name), getattr(made_up, name)
        expected = f"{usual.dtype}, {usual.ndim} dims, {rows} rows"
        if not isinstance(column, np.ndarray):
            raise ValueError(f"{name}: expected an array ({expected}), got {type(column).__name__}")
        got = f"{column.dtype}, {column.ndim} dims, {len(column)} rows"
        if got != expected:
            raise ValueError(f"{name}: expected {expected}, got {got}")
    return example
