{% set examples = service(cookiecutter).examples %}
"""Two instances that the tests ask about.

Rows of your own may take their place, with a value for every field, also for those with a default.
"""

{% if examples | selectattr("is_resized") | list %}
import numpy as np

{% endif %}
from {{ cookiecutter.package_name }}.schema import Instance

{% if examples | selectattr("is_image") | list %}
from .pictures import grey, png

{% endif %}
INSTANCE: Instance = {
{% for example in examples %}
{{ example.entry(0) }}
{% endfor %}
}
OTHER: Instance = {
{% for example in examples %}
{{ example.entry(1) }}
{% endfor %}
}

# The same as columns.
COLUMNS = {name: [INSTANCE.get(name), OTHER.get(name)] for name in INSTANCE}
