"""The model itself, and the service with it."""

from collections.abc import Iterator

import pytest

from kitchen import Client, model
from kitchen.schema import Inputs

from .examples import COLUMNS, INSTANCE, OTHER
from .messages import BATCHES
from .models import SEEN
from .predictions import assert_same, one_by_one
from .running import Background, in_time


@pytest.fixture(scope="module")
def loaded() -> model.Model:
    """The model, loaded once, which has answered once."""
    loaded = in_time(model.Model, "the model is loaded")
    in_time(lambda: loaded.predict(Inputs(**SEEN)), "the model has answered")
    return loaded


@pytest.fixture(scope="module")
def client(background: Background, loaded: model.Model) -> Iterator[Client]:
    """A client of a server with the model."""
    with (
        background.serving(lambda: loaded) as address,
        Client(address) as client,
    ):
        yield client


def test_the_model_answers_as_its_schema_says(loaded: model.Model) -> None:
    outputs = in_time(lambda: loaded.predict(Inputs(**SEEN)), "the model has answered")
    BATCHES.fit(outputs, rows=1)


def test_a_prediction_does_not_depend_on_its_batch(client: Client) -> None:
    first, second = one_by_one(client.batch_predict(COLUMNS))
    assert_same(client.predict(**INSTANCE), first)
    assert_same(client.predict(**OTHER), second)
