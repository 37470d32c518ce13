{% set s = service(cookiecutter) %}
"""What the model takes and returns: the table of its fields, and typed views of them."""

{{ s.schema.imports }}
from .v1 import service_pb2 as pb

{% for enum in s.proto.enums %}
{{ enum.literal }}
{{ enum.constant_line }}
{% if enum.numbers %}
{{ enum.numbers_line }}
{% endif %}

{% endfor %}

class Instance(TypedDict):
    """What the model is asked about.

    Attributes:
{% for field in s.inputs %}
{{ field.value_doc }}
{% endfor %}
    """

{% for field in s.inputs %}
{{ field.key }}
{% endfor %}


@dataclass(frozen=True, slots=True)
class Inputs:
    """A batch of n instances, one column a field.

    Attributes:
{% for field in s.inputs %}
{{ field.column_doc }}
{% endfor %}
    """

{% for field in s.inputs %}
    {{ field.name }}: {{ field.column_type }}
{% endfor %}


@dataclass(frozen=True, slots=True)
class Outputs:
    """The predictions for a batch of n instances, one column a field.

    Attributes:
{% for field in s.outputs %}
{{ field.column_doc }}
{% endfor %}
    """

{% for field in s.outputs %}
    {{ field.name }}: {{ field.column_type }}
{% endfor %}


@dataclass(frozen=True, slots=True)
class Prediction:
    """The prediction for one instance, as the client returns it.

    Attributes:
{% for field in s.outputs %}
{{ field.result_doc }}
{% endfor %}
        model_version: The version of the model that answered.
    """

{% for field in s.outputs %}
{{ field.attribute(field.result_type) }}
{% endfor %}
    model_version: str


@dataclass(frozen=True, slots=True)
class Predictions:
    """The predictions for n instances, one column a field, as the client returns them.

    Attributes:
{% for field in s.outputs %}
{{ field.results_doc }}
{% endfor %}
        model_version: The version of the model that answered.
    """

{% for field in s.outputs %}
{{ field.attribute(field.results_type) }}
{% endfor %}
    model_version: str


SCHEMA = Schema(
    name={{ s.model_name | python }},
    description={{ s.description | python }},
    messages=pb,
    inputs=[
{% for field in s.inputs %}
{{ field.schema_line }}
{% endfor %}
    ],
    outputs=[
{% for field in s.outputs %}
{{ field.schema_line }}
{% endfor %}
    ],
    Instance=Instance,
    Inputs=Inputs,
    Outputs=Outputs,
    Prediction=Prediction,
    Predictions=Predictions,
)
