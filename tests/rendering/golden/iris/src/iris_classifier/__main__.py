"""``python -m iris_classifier``, and the command iris-classifier."""

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
    package="iris_classifier",
    distribution="iris-classifier",
    title="Iris Classifier",
    serving=serving,
    calling=calling,
)


def main() -> None:
    """Run the command line."""
    run(PROJECT)


if __name__ == "__main__":
    main()
