{% set s = service(cookiecutter) %}
"""The labels of the schema's enums, in the order of their numbers in the proto, which go from 1."""

from typing import Literal, get_args

{% for enum in s.enums %}
{{ enum.literal }}
{{ enum.constant }}: tuple[{{ enum.name }}, ...] = get_args({{ enum.name }})
{% if not loop.last %}

{% endif %}
{% endfor %}
