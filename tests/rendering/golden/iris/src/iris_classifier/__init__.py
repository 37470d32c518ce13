"""Iris Classifier: the client of the service."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import AsyncClient, Client
    from .engine.calling.errors import CallError
    from .engine.fields.violations import Violation
    from .schema import Instance, Prediction, Predictions

__all__ = [
    "AsyncClient",
    "CallError",
    "Client",
    "Instance",
    "Prediction",
    "Predictions",
    "Violation",
]


def __getattr__(name: str) -> Any:
    """Import what is public when it is asked for: a server's supervisor does without NumPy."""
    if name in __all__:
        from . import client, schema
        from .engine.calling import errors

        for module in (client, schema, errors):
            if hasattr(module, name):
                return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
