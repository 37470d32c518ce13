"""The model that a project is made for, as far as what its files print depends on it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..printing.text import one_line
from ..sources.common.signature import Signature

# A model of more bytes than this is kept beside the package, and out of Git.
MOST_PACKAGED = 50 * 1024 * 1024
# The folder of a model of several files, whatever these are called. It is no name of a package, so
# that nothing in it is ever imported.
FILES = "model-files"


@dataclass(frozen=True)
class Source:
    """A model that is served from a file.

    Attributes:
        kind: Which page of Python calls it.
        facts: What that page has to know.
        packages: What has to be installed.
        imports: What loading it imports, if its format can hold code.
        inputs, outputs: The names of what it takes and returns, in its own order.
        file: Its file or folder, below where it is kept.
        is_large: Whether it is kept beside the package.
        checksum: What tells it from others, if it is large.
        origin: The name of the file that it came from.
        known: Some values of inputs that it was trained with, by name, for examples.
    """

    kind: str
    facts: Mapping[str, Any]
    packages: tuple[str, ...]
    imports: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    file: str
    is_large: bool
    checksum: str
    origin: str
    known: Mapping[str, Sequence[str | int | float]] = field(default_factory=dict)

    @property
    def json(self) -> str:
        """The text that a project keeps of it, for updates."""
        return json.dumps(self.__dict__, ensure_ascii=False)

    @property
    def inner_folder(self) -> str:
        """The folder that its files have for themselves; empty if it is one file."""
        is_folder = self.file == FILES or "/" in self.file
        return f"{FILES}/" if is_folder else ""

    def folder(self, package: str) -> str:
        """Where its files are in a project."""
        return "model" if self.is_large else f"src/{package}"


def source_in(text: str) -> Source | None:
    """The source that a project has kept; None if it has none."""
    content = json.loads(text) if text else None
    if not content:
        return None
    lists = {name: tuple(content[name]) for name in ("packages", "imports", "inputs", "outputs")}
    return Source(**{**content, **lists})


def source_of(signature: Signature, origin: str, checksum: str) -> Source:
    """The source that a file has been read as."""
    runtime = signature.runtime
    assert runtime
    places = [file.place for file in runtime.files]
    is_folder = len(places) > 1 or bool(runtime.facts.get("folder"))
    file = places[0]
    if is_folder:
        file = FILES if runtime.facts.get("folder") else f"{FILES}/{places[0]}"
    return Source(
        kind=runtime.kind,
        facts=runtime.facts,
        packages=runtime.packages,
        imports=runtime.imports,
        inputs=tuple(part.name for part in signature.inputs),
        outputs=tuple(part.name for part in signature.outputs),
        file=file,
        is_large=bool(checksum),
        checksum=checksum,
        origin=one_line(origin),
        known={part.name: [*part.familiar[:2]] for part in signature.inputs if part.familiar},
    )
