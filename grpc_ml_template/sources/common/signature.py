"""What a source says: the fields that a model takes and returns, and how it is loaded and called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Part:
    """A field, as a source has it.

    Attributes:
        name: Its name in the source, whatever characters that has; where the source has none, a
            good one for a field.
        type: A type of the schema language: a name in ``SCALARS``, or ``enum``.
        dims: The shape of one instance's value, with None for what varies; None if it is one value.
        labels: Those of an enum.
        labels_of: The name of the enum, on the same side, for each of whose labels it has a value.
        limits: The numbers that are allowed, as the schema language writes them: ``0..120``.
        default: What it is where it is missing, as the schema language writes it: ``nan``. None if
            it is required.
        about: What people should know of it, such as the range seen in a sample.
        known: Values that the model was trained with, where it takes others too.
    """

    name: str
    type: str
    dims: tuple[int | None, ...] | None = None
    labels: tuple[str, ...] = ()
    labels_of: str = ""
    limits: str = ""
    default: str | None = None
    about: str = ""
    known: tuple[str | int | float, ...] = ()

    @property
    def familiar(self) -> tuple[str | int | float, ...]:
        """Values that the model was trained with: labels, too, which a schema may have as texts."""
        return self.known or self.labels


@dataclass(frozen=True)
class ModelFile:
    """A file of a model: where it is, and where it goes in the folder of the project's model."""

    path: Path
    place: str


def is_gits(name: str) -> bool:
    """Whether Git takes a file or a folder for its own, as .git and .gitignore."""
    return name.lower().startswith(".git")


@dataclass(frozen=True)
class Runtime:
    """What runs a model, and how.

    Attributes:
        kind: Which page of Python calls it: ``onnx``, ``sklearn``.
        facts: What that page has to know; it can be written as JSON.
        packages: What has to be installed, as requirements: ``scikit-learn==1.9.1``.
        files: The files of the model; the first is the one that is loaded.
        imports: What loading imports and may run, ``module.name``; only of formats that hold code.
        needs_trust: Whether loading may run code of the file's own.
        foreign: Those of the packages that the file names, whatever these may be.
    """

    kind: str
    facts: Mapping[str, Any]
    packages: tuple[str, ...]
    files: tuple[ModelFile, ...]
    imports: tuple[str, ...] = ()
    needs_trust: bool = False
    foreign: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signature:
    """What a source says.

    Attributes:
        inputs, outputs: The fields. A sample has no outputs.
        runtime: What runs the model; None for a sample.
        notes: What a user should be told, a sentence each: what the file has lost, say.
        rows: Real instances, by the names of the inputs, where the source has some.
    """

    inputs: tuple[Part, ...]
    outputs: tuple[Part, ...] = ()
    runtime: Runtime | None = None
    notes: tuple[str, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
