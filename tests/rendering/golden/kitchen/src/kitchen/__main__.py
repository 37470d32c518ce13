"""``python -m kitchen``, and the command kitchen."""

from .engine.commands.main import main as run
from .engine.project import Project, Serving


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


PROJECT = Project(
    package="kitchen",
    distribution="kitchen",
    title="Kitchen",
    serving=serving,
    calling=calling,
)


def main() -> None:
    """Run the command line."""
    run(PROJECT)


if __name__ == "__main__":
    main()
