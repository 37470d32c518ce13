{% set e = service(cookiecutter).examples %}
"""What goes into the model and comes out of it, in the tests."""

{{ e.imports(cookiecutter.package_name) }}

# Two instances that are valid, and the same as columns.
INSTANCE: Instance = {
{{ e.instance }}
}
OTHER: Instance = {
{{ e.other }}
}
COLUMNS = {name: [INSTANCE.get(name), OTHER.get(name)] for name in INSTANCE}

# What the model sees of INSTANCE.
INPUTS = Inputs(
{{ e.input_columns }}
)

# What a model may answer to the two, and what the caller gets of the answer to INSTANCE.
OUTPUTS = Outputs(
{{ e.output_columns }}
)
PREDICTION = Prediction(
{{ e.prediction }}
    model_version="1.2.3",
)
