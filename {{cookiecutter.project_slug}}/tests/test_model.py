{% set s = service(cookiecutter) %}
{% set loaded = "loaded: model." ~ s.class_name %}
{% set client = "client: " ~ s.class_name ~ "Client" %}
"""The model itself, and the service with it."""

from collections.abc import Iterator

import pytest

{{ s.import_client_and_model }}
{% if s.is_iris %}
from {{ s.package }}.labels import SPECIES_LABELS
{% endif %}
from {{ s.package }}.schema import fit

from .examples import COLUMNS, INPUTS, INSTANCE, OTHER, assert_same, one_by_one
from .running import Background, in_time


@pytest.fixture(scope="module")
def loaded() -> model.{{ s.class_name }}:
    """The model, loaded once, which has answered once."""
    loaded = in_time(model.{{ s.class_name }}, "the model is loaded")
    in_time(lambda: loaded.predict(INPUTS), "the model has answered")
    return loaded


@pytest.fixture(scope="module")
{{ s.function("client", "background: Background", loaded, returns="Iterator[" ~ s.class_name ~ "Client]") }}
    """A client of a server with the model."""
    with (
        background.serving(lambda: loaded) as address,
        {{ s.class_name }}Client(address) as client,
    ):
        yield client


{{ s.function("test_the_model_answers_as_its_schema_says", loaded) }}
    fit(in_time(lambda: loaded.predict(INPUTS), "the model has answered"), rows=1)


{{ s.function("test_a_prediction_does_not_depend_on_its_batch", client) }}
    first, second = one_by_one(client.batch_predict(COLUMNS))
    assert_same(client.predict(**INSTANCE), first)
    assert_same(client.predict(**OTHER), second)
{% if s.is_iris %}


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
{{ s.function("test_real_flowers_get_their_species", client, "flower: tuple[float, float, float, float]", "species: str") }}
    prediction = client.predict(
        sepal_length=flower[0],
        sepal_width=flower[1],
        petal_length=flower[2],
        petal_width=flower[3],
    )
    assert prediction.species == species
    assert prediction.probabilities.argmax() == SPECIES_LABELS.index(prediction.species)
    assert prediction.probabilities.sum() == pytest.approx(1)
{% endif %}
