{% set s = service(cookiecutter) %}
"""``python -m {{ s.package }}``, and the command {{ s.slug }}."""

{% if s.source %}
from pathlib import Path

{% endif %}
from .engine.commands.main import run_command
from .engine.project import Project, {% if s.source %}Proving, {% endif %}Serving


def serving() -> Serving:
    """Return what it takes to serve the model."""
    from .model import Model
    from .schema import SCHEMA
    from .service import Service

    return Serving(SCHEMA, Model, Service)


def calling() -> tuple[object, object]:
    """Return what it takes to call the service."""
    from .client import Client
    from .schema import SCHEMA

    return SCHEMA, Client


{% if s.source %}
def proving() -> Proving:
    """Return what it takes to prove that answers are right."""
    from . import model
    from .library import Library
    from .schema import SCHEMA

    return Proving(SCHEMA, model, Library, Path(__file__).with_name("golden.json"))


{% endif %}
PROJECT = Project(
    package="{{ s.package }}",
    distribution="{{ s.slug }}",
    title={{ s.model_name | python }},
    serving=serving,
    calling=calling,
{% if s.source %}
    proving=proving,
{% endif %}
)


def main() -> None:
    """Run the command line."""
    run_command(PROJECT)


if __name__ == "__main__":
    main()
