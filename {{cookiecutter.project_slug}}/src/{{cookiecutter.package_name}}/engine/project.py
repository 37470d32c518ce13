"""What a project hands to its engine."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class Serving:
    """What it takes to serve a model.

    Attributes:
        schema: What the model takes and returns, a fields.Schema.
        load: Loads the model; called on a thread.
        new_service: Returns the servicer, given what the server does for each RPC.
    """

    schema: Any
    load: Callable[[], Any]
    new_service: Callable[[Any], Any]


@dataclass(frozen=True)
class Proving:
    """What it takes to prove that the service answers as the model's own library does.

    Attributes:
        schema: What the model takes and returns, a fields.Schema.
        model: The module of the model.
        library: Loads the model with its library, whose ``answer`` returns what that says to one
            instance by original names; ``made_by`` is its name and version.
        golden: The file of the golden rows.
    """

    schema: Any
    model: ModuleType
    library: Callable[[], Any]
    golden: Path


@dataclass(frozen=True)
class Project:
    """A project. What is large is handed in as functions that import it when it is needed.

    Attributes:
        package: The name of the package.
        distribution: The name that it is installed by.
        title: What the model is called.
        serving: Returns what it takes to serve the model.
        calling: Returns the schema, and the class of the client.
        proving: Returns what it takes to prove that answers are right, if there is a library to ask.
    """

    package: str
    distribution: str
    title: str
    serving: Callable[[], Serving]
    calling: Callable[[], tuple[Any, Any]]
    proving: Callable[[], Proving] | None = None
