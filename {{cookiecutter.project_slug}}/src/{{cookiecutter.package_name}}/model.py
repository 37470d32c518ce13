{% set s = service(cookiecutter) %}
{% include "models/" ~ s.page ~ ".py" %}
