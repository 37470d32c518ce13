{% set s = service(cookiecutter) %}
{% set e = s.examples %}
"""What goes into the model and comes out of it, in the tests."""

{{ e.imports(s.package) }}
{% if e.have_pictures %}


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return pixels as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
{% endif %}
{% if e.have_pictures %}

{% endif %}

# Two instances that are valid, and the same as columns.
INSTANCE: Instance = {
{% for field in e.inputs %}
{{ field.item }}
{% endfor %}
}
OTHER: Instance = {
{% for field in e.inputs %}
{{ field.other_item }}
{% endfor %}
}
COLUMNS = {name: [INSTANCE.get(name), OTHER.get(name)] for name in INSTANCE}

# What the model sees of INSTANCE.
INPUTS = Inputs(
{% for field in e.inputs %}
{{ field.column }}
{% endfor %}
)

# What a model may answer to the two, and what the caller gets of the answer to INSTANCE.
OUTPUTS = Outputs(
{% for field in e.outputs %}
{{ field.column }}
{% endfor %}
)
PREDICTION = Prediction(
{% for field in e.outputs %}
{{ field.result }}
{% endfor %}
    model_version="1.2.3",
)


def assert_same(prediction: object, expected: Prediction) -> None:
    """Check that predictions are equal{% if s.checks.outputs_have_floats %}, but for the rounding of floats{% endif %}."""
    assert isinstance(prediction, Prediction)
    for field in fields(Prediction):
        actual, wanted = getattr(prediction, field.name), getattr(expected, field.name)
{% if s.checks.outputs_have_floats %}
        if np.asarray(wanted).dtype.kind == "f":
            np.testing.assert_allclose(actual, wanted, rtol=1e-5, err_msg=field.name)
        else:
            np.testing.assert_array_equal(actual, wanted, err_msg=field.name)
{% else %}
        np.testing.assert_array_equal(actual, wanted, err_msg=field.name)
{% endif %}


def one_by_one(predictions: Predictions) -> list[Prediction]:
    """Return the rows of predictions that came as columns."""
    names = [field.name for field in fields(Prediction) if field.name != "model_version"]
    rows = zip(*(getattr(predictions, name) for name in names), strict=True)
    values = [dict(zip(names, row, strict=True)) for row in rows]
    return [Prediction(**row, model_version=predictions.model_version) for row in values]
