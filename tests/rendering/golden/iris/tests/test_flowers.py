"""What the model says of real flowers."""

from collections.abc import Iterator

import pytest

from iris_classifier import Client, Instance, model
from iris_classifier.schema import SPECIES_LABELS

from .running import Background

FLOWERS: list[tuple[Instance, str]] = [
    (
        {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2},
        "setosa",
    ),
    (
        {"sepal_length": 4.9, "sepal_width": 3.0, "petal_length": 1.4, "petal_width": 0.2},
        "setosa",
    ),
    (
        {"sepal_length": 7.0, "sepal_width": 3.2, "petal_length": 4.7, "petal_width": 1.4},
        "versicolor",
    ),
    (
        {"sepal_length": 6.4, "sepal_width": 3.2, "petal_length": 4.5, "petal_width": 1.5},
        "versicolor",
    ),
    (
        {"sepal_length": 6.3, "sepal_width": 3.3, "petal_length": 6.0, "petal_width": 2.5},
        "virginica",
    ),
    (
        {"sepal_length": 5.8, "sepal_width": 2.7, "petal_length": 5.1, "petal_width": 1.9},
        "virginica",
    ),
]


@pytest.fixture(scope="module")
def client(background: Background) -> Iterator[Client]:
    """A client of a server with the model."""
    with (
        background.serving(model.Model) as address,
        Client(address) as client,
    ):
        yield client


@pytest.mark.parametrize(("flower", "species"), FLOWERS)
def test_real_flowers_get_their_species(client: Client, flower: Instance, species: str) -> None:
    prediction = client.predict(**flower)
    assert prediction.species == species
    assert prediction.probabilities.argmax() == SPECIES_LABELS.index(prediction.species)
    assert prediction.probabilities.sum() == pytest.approx(1)
