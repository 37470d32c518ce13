{% set s = service(cookiecutter) %}
"""{{ s.docstring_title }}"""

from .client import Async{{ s.class_name }}Client, {{ s.class_name }}Client
from .errors import {{ s.class_name }}Error, Violation
from .messages import Instance, Prediction, Predictions

__all__ = [
{% for name in s.public_names %}
    "{{ name }}",
{% endfor %}
]
