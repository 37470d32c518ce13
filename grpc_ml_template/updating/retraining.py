"""The model that takes the place of a project's: what the schema becomes, and where its files go."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..language.errors import AnswerError, quoted
from ..project.retraining import Side, retrained
from ..project.source import Source, source_in, source_of
from ..project.sourcing import SAMPLE_OUTPUTS, checked_source, checksum_of, signature_of
from ..sources.common.signature import Part, Runtime, Signature
from .errors import UpdateError
from .history import Made, Texts
from .origins import CRUFT, Origin
from .repository import Repository

# How much of its checksum is in the name of a large model that takes the place of another one.
NAMED_DIGITS = 8


@dataclass(frozen=True)
class Replacement:
    """A model that takes the place of a project's.

    Attributes:
        signature, runtime: What its file says.
        source, earlier: What the project keeps of it, and of the one before.
        package: The project's package.
    """

    signature: Signature
    runtime: Runtime
    source: Source
    earlier: Source
    package: str

    @property
    def files(self) -> list[tuple[Path, str]]:
        """Its files, each with the path that it gets in the project."""
        folder = self.source.folder(self.package)
        if not self.source.inner_folder:
            return [(self.runtime.files[0].path, f"{folder}/{self.source.file}")]
        top = _top(self.source)
        return [(file.path, f"{folder}/{top}/{file.place}") for file in self.runtime.files]

    @property
    def earlier_place(self) -> str:
        """The file or the folder of the earlier model, in the project."""
        return f"{self.earlier.folder(self.package)}/{_top(self.earlier)}"

    @property
    def is_asked_alike(self) -> bool:
        """Whether what was found out of the earlier model's calls holds for this one."""
        return (self.source.kind, self.source.facts) == (self.earlier.kind, self.earlier.facts)

    def origin(self, origin: Origin) -> Origin:
        """Where the project comes from, with this model."""
        content = {**origin.content, "source": json.loads(self.source.json)}
        if not self.is_asked_alike:
            content.pop("takes", None)
        return replace(origin, content=content)

    def texts(self, project: Path, texts: Texts, made: Made) -> Texts:
        """The schema's texts for this model, made of those for the earlier one."""
        earlier = _earlier(project, self.earlier, self.package)
        before, now = _parts(earlier), _parts(self.signature)
        kept = {"inputs": self.earlier.inputs, "outputs": self.earlier.outputs}
        made_of = {"inputs": made.project.input_schema, "outputs": made.project.output_schema}
        found = {}
        for name, text in texts.items():
            known = {part.name: part for part in before[name]}
            names = kept[name] or [part.name for part in SAMPLE_OUTPUTS]
            gone = [each.name for each in made_of[name].removed]
            side = Side(name, {each: known.get(each) for each in names}, now[name], gone)
            found[name] = retrained(text, side)
        return found


def _top(source: Source) -> str:
    return source.file.partition("/")[0]


def _parts(signature: Signature | None) -> dict[str, tuple[Part, ...]]:
    if signature is None:
        return {"inputs": (), "outputs": ()}
    return {"inputs": signature.inputs, "outputs": signature.outputs or SAMPLE_OUTPUTS}


def _earlier(project: Path, source: Source, package: str) -> Signature | None:
    """What the earlier model's file says, if it is there and says the same as once."""
    try:
        found = signature_of(str(project / source.folder(package) / source.file))
    except AnswerError:
        return None
    return found if tuple(part.name for part in found.inputs) == source.inputs else None


def read_replacement(repository: Repository, origin: Origin, given: str) -> Replacement | None:
    """The model that is to take the place of a project's; None if it is the one that is there.

    Args:
        repository: The project's.
        origin: Where the project comes from.
        given: The path of the model.

    Raises:
        AnswerError, UpdateError: If it cannot be read, or if the project has no model from a file.
    """
    if origin.file == CRUFT:
        raise UpdateError(
            "SOURCE= takes a project whose schema/template.json keeps its model, and cruft keeps "
            "this one; put the file in the place of the model, and edit schema/"
        )
    if not origin.content.get("source"):
        raise UpdateError(
            "the project was not made for a model from a file, whose place SOURCE= could take; edit "
            "schema/ and model.py, or make one: cookiecutter TEMPLATE source=FILE"
        )
    earlier = source_in(json.dumps(origin.content["source"]))
    assert earlier
    path = checked_source(given)
    signature = signature_of(path)
    if signature.runtime is None:
        raise AnswerError("source", f"{quoted(given)} is a sample, no model", "name a model")
    source = source_of(signature, Path(path).name, checksum_of(signature.runtime.files))
    source = _placed(repository.project, source, earlier)
    found = Replacement(
        signature, signature.runtime, source, earlier, origin.answers["package_name"]
    )
    same = replace(source, origin=earlier.origin)
    return None if same == earlier and _is_there(repository, found) else found


def _placed(project: Path, source: Source, earlier: Source) -> Source:
    """The source as it is in the project: one of lists, like what is kept, and with its own name.

    A large model is not in Git. So it never takes the place of another one.
    """
    source = _as_kept(source)
    if source.checksum and source.checksum == earlier.checksum:
        return replace(source, file=earlier.file)
    if not source.checksum or not (project / "model" / _top(source)).exists():
        return source
    top, mark, rest = source.file.partition("/")
    name = Path(top)
    own = f"{name.stem}-{source.checksum[:NAMED_DIGITS]}{name.suffix}"
    return replace(source, file=f"{own}{mark}{rest}")


def _as_kept(source: Source) -> Source:
    found = source_in(source.json)
    assert found
    return found


def _is_there(repository: Repository, found: Replacement) -> bool:
    """Whether the project has the files already."""
    if found.source.is_large:
        return all((repository.project / place).is_file() for _, place in found.files)
    kept = in_git(repository, found)
    return kept == {path: repository.committed(path) for path in earlier_files(repository, found)}


def in_git(repository: Repository, found: Replacement) -> Mapping[str, bytes]:
    """What Git is to keep of a model's files, by their paths; nothing of a large one."""
    if found.source.is_large:
        return {}
    return {place: repository.as_kept(place, path.read_bytes()) for path, place in found.files}


def earlier_files(repository: Repository, found: Replacement) -> list[str]:
    """The earlier model's files that are in Git."""
    listed = repository.git("ls-files", "-z", "--", f":(literal){found.earlier_place}")
    return [path for path in listed.split("\0") if path]
