{% set s = service(cookiecutter) %}
{% set model = "model: " ~ s.class_name %}
"""The model itself, and the service with it."""

from collections.abc import Callable

import pytest

from {{ s.package }} import {{ s.class_name }}Client
{% if s.is_iris %}
from {{ s.package }}.labels import SPECIES_LABELS
{% endif %}
from {{ s.package }}.model import {{ s.class_name }}
from {{ s.package }}.predictor import Model
from {{ s.package }}.schema import fit

from .examples import COLUMNS, INPUTS, INSTANCE, OTHER, assert_same, one_by_one


@pytest.fixture(scope="module")
def model() -> {{ s.class_name }}:
    """The model, loaded once."""
    return {{ s.class_name }}()


{{ s.test("test_the_model_answers_as_its_schema_says", model) }}
    fit(model.predict(INPUTS), rows=1)


{{ s.test("test_a_prediction_does_not_depend_on_its_batch", model, "serve: Callable[[Model], str]") }}
    with {{ s.class_name }}Client(serve(model)) as client:
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
{{ s.test("test_real_flowers_get_their_species", model, "serve: Callable[[Model], str]", "flower: tuple[float, float, float, float]", "species: str") }}
    with {{ s.class_name }}Client(serve(model)) as client:
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
