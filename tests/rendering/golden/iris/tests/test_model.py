"""The model itself, and the service with it."""

from collections.abc import Iterator

import pytest

from iris_classifier import Client, model
from iris_classifier.schema import SPECIES_LABELS

from .examples import COLUMNS, INPUTS, INSTANCE, OTHER, assert_same, one_by_one
from .messages import BATCHES
from .running import Background, in_time


@pytest.fixture(scope="module")
def loaded() -> model.Model:
    """The model, loaded once, which has answered once."""
    loaded = in_time(model.Model, "the model is loaded")
    in_time(lambda: loaded.predict(INPUTS), "the model has answered")
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
    BATCHES.fit(in_time(lambda: loaded.predict(INPUTS), "the model has answered"), rows=1)


def test_a_prediction_does_not_depend_on_its_batch(client: Client) -> None:
    first, second = one_by_one(client.batch_predict(COLUMNS))
    assert_same(client.predict(**INSTANCE), first)
    assert_same(client.predict(**OTHER), second)


@pytest.mark.parametrize(
    ("flower", "species"),
    [
        ((5.1, 3.5, 1.4, 0.2), "setosa"),
        ((4.9, 3.0, 1.4, 0.2), "setosa"),
        ((7.0, 3.2, 4.7, 1.4), "versicolor"),
        ((6.4, 3.2, 4.5, 1.5), "versicolor"),
        ((6.3, 3.3, 6.0, 2.5), "virginica"),
        ((5.8, 2.7, 5.1, 1.9), "virginica"),
    ],
)
def test_real_flowers_get_their_species(client: Client, flower: tuple[float, float, float, float], species: str) -> None:
    prediction = client.predict(
        sepal_length=flower[0],
        sepal_width=flower[1],
        petal_length=flower[2],
        petal_width=flower[3],
    )
    assert prediction.species == species
    assert prediction.probabilities.argmax() == SPECIES_LABELS.index(prediction.species)
    assert prediction.probabilities.sum() == pytest.approx(1)
