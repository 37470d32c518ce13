"""Loads a model, and has it show that it can be served."""

import inspect
import logging
import sys
from collections.abc import Callable
from typing import Literal

from ..failures import NoModelError, in_line
from ..fields.violations import InvalidOutputError
from .batches import Batches
from .predictor import GivesExample, Model, Predictor

logger = logging.getLogger(__name__)


def new_predictor(
    load: Callable[[], Model],
    batches: Batches,
    warm_up: Literal["require", "try", "skip"],
    usual_rows: int = sys.maxsize,
) -> Predictor:
    """Load a model, and warm it up.

    Args:
        load: Returns the model.
        batches: Makes its batches.
        warm_up: Whether to let it predict a row, and whether it must not fail on it.
        usual_rows: The most rows that it should take at once.

    Raises:
        NoModelError: If there is none that can be served. What the model raised is its cause.
    """
    try:
        model = load()
        refuse_incomplete(model)
        predictor = Predictor(model, batches, usual_rows)
    except BaseException as error:  # Also what is no Exception, such as sys.exit.
        raise NoModelError(f"the model cannot be loaded: {in_line(error)}") from error
    if warm_up == "skip":
        return predictor
    try:
        predictor.warm_up()
    except BaseException as error:
        if warm_up == "require":
            raise NoModelError(f"{what_failed(model, error)}, or set SERVER_WARM_UP=try") from error
        logger.warning("Serving all the same: %s", what_failed(model, error), exc_info=error)
    return predictor


def refuse_incomplete(model: Model) -> None:
    """Raise an error if a model does not tell what it is, or cannot be asked."""
    for name in ("version", "runtime"):
        told = getattr(model, name)
        if not isinstance(told, str):
            raise TypeError(f"{name}: expected str, got {type(told).__name__}")
    predict = getattr(model, "predict", None)
    if not callable(predict) or inspect.iscoroutinefunction(predict):
        got = "a coroutine function" if callable(predict) else repr(predict)
        raise TypeError(f"predict: expected a method that returns Outputs, got {got}")


def what_failed(model: Model, error: BaseException) -> str:
    """Return which row a model failed on, how, and what to do."""
    example = f"{type(model).__name__}.example()"
    if isinstance(error, InvalidOutputError):  # It would answer other rows like it.
        remedy = "" if isinstance(model, GivesExample) else f", or give a real row in {example}"
        return f"the model's answer does not fit its schema: {error}; mend predict{remedy}"
    if isinstance(model, GivesExample):
        return f"the model failed on the row of {example}: {in_line(error)}; mend one of them"
    return f"the model failed on a made-up row: {in_line(error)}; give a real one in {example}"
