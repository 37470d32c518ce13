{% set s = service(cookiecutter) %}
"""{{ s.docstring_title }}"""

{{ s.public_imports }}

__all__ = [
{% for name in s.public_names %}
    "{{ name }}",
{% endfor %}
]
