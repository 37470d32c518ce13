"""One update, from its first check to its last word."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..project.project import Project
from . import report
from .baking import bake
from .changes import Change, compare
from .contract import read_contract
from .errors import UpdateError
from .history import Made, made_of, project_of
from .merging import merged
from .origins import CRUFT, OWN, SCHEMAS, Origin, read_origin
from .repository import Repository
from .templates import Template, newest, of_project
from .writing import finish, write

NO_ANSWERS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Attributes:
        project: The project's folder.
        template: The folder of the template to update to.
        address: Where that is from; empty for where the project is from.
        answers: A replay file, for a project that does not say what it was made of.
        accepts_breaking: Whether callers may break.
    """

    project: Path
    template: Path
    address: str
    answers: Path | None
    accepts_breaking: bool


def update(wish: Wish) -> bool:
    """Update a project; return whether nothing is left to do by hand.

    Raises:
        UpdateError, AnswerError: If it is not updated, and nothing is changed.
    """
    repository = Repository(wish.project)
    repository.refuse_changes()
    origin = read_origin(wish.project, wish.answers)
    package = origin.answers["package_name"]
    proto = repository.committed(f"proto/{package}/v1/service.proto")
    if proto is None:
        raise UpdateError(
            f"proto/{package}/v1/service.proto is not committed, which has the numbers"
        )
    made = made_of(repository, origin, read_contract(proto))
    edited = repository.texts()
    after = _wanted(edited, origin, made)
    changes = compare(made.project, after)
    report.refuse(changes, wish.accepts_breaking)
    return _update(wish, repository, edited, origin, made, after, changes)


def _wanted(files: Mapping[str, bytes], origin: Origin, made: Made) -> Project:
    """The project that the schema's text describes now, with the numbers of the contract."""
    texts = {
        name: files[path].decode() if (path := f"schema/{name}.txt") in files else made.texts[name]
        for name in SCHEMAS
    }
    numbers = (made.project.input_schema.taken, made.project.output_schema.taken)
    return project_of(origin, texts, dict(zip(SCHEMAS, numbers, strict=True)))


def _update(
    wish: Wish,
    repository: Repository,
    edited: Mapping[str, bytes],
    origin: Origin,
    made: Made,
    after: Project,
    changes: list[Change],
) -> bool:
    """Bake, merge and write; return whether nothing is left to do by hand."""
    new = newest(wish.template)
    schemas = (after.input_schema, after.output_schema)
    texts = {name: schema.text for name, schema in zip(SCHEMAS, schemas, strict=True)}
    with tempfile.TemporaryDirectory(prefix="update-") as scratch:
        with of_project(new, origin) as template:
            report.progress(f"Baking the project as it was, with version {template.version}")
            old = _bake(template, origin, made.texts, Path(scratch, "old"))
        report.progress(f"Baking it anew, with version {new.version}")
        has_example = (old / _model(origin)).with_name("model.onnx").exists()
        example = {"_keeps_example": "yes"} if has_example else {}
        fresh = _bake(new, origin, texts, Path(scratch, "new"), example)
        address = wish.address or origin.address
        kept = origin.after(address, new.version, new.commit, texts)
        _settle(repository, origin, kept, old, fresh)
        _put(old, edited)
        report.progress("Merging the difference into yours")
        with merged(repository, edited, old, fresh, origin.answers["package_name"]) as merge:
            if not (merge.changed or merge.gone or merge.conflicts):
                report.nothing()
                return True
            found = report.breaking(repository, merge)
            write(repository, merge, edited)
    try:
        if _model(origin).as_posix() not in merge.changed:
            report.model(_model(origin), made.project, after)
        report.end(repository, merge, changes, found)
    except OSError as error:
        raise UpdateError(
            f"all is written, but what is to be said of it is not ({error.strerror}); undo it: "
            f"{repository.undo}"
        ) from None
    finish(repository)
    return merge.is_compiled and not merge.conflicts


def _model(origin: Origin) -> Path:
    """The file of the model, in the project."""
    return Path("src", origin.answers["package_name"], "model.py")


def _bake(
    template: Template,
    origin: Origin,
    texts: Mapping[str, str],
    folder: Path,
    example: Mapping[str, str] = NO_ANSWERS,
) -> Path:
    """Bake a project with texts of schemas, in files: cookiecutter would render what is an answer."""
    answers = {name: str(answer) for name, answer in origin.answers.items()} | origin.model
    for name in SCHEMAS:
        file = folder.with_name(f"{folder.name}-{name}.txt")
        file.write_text(texts[name], encoding="utf-8")
        answers[name] = f"@{file}"
    return bake(template.folder, {**answers, **example, "install": "no"}, folder)


def _settle(repository: Repository, origin: Origin, kept: str, old: Path, fresh: Path) -> None:
    """Give both baked projects the files that are not merged: those are written, or left alone.

    What the old one has as the project has it is taken from the new one as it is there.
    """
    model = _model(origin)
    if repository.committed(model.as_posix()) not in (None, (old / model).read_bytes()):
        _as_committed(repository, old, model)  # Whoever has put a model there knows it better.
        _as_committed(repository, fresh, model)
    if origin.file == CRUFT:
        (old / OWN).unlink(missing_ok=True)
        (fresh / OWN).unlink(missing_ok=True)
    file = origin.file or OWN
    _as_committed(repository, old, file)
    (fresh / file).write_text(kept, encoding="utf-8")


def _as_committed(repository: Repository, baked: Path, path: Path) -> None:
    (baked / path).unlink(missing_ok=True)
    content = repository.committed(path.as_posix())
    if content is not None:
        _put(baked, {path.as_posix(): content})


def _put(baked: Path, files: Mapping[str, bytes]) -> None:
    """Give a baked project files, such as the schema's text as it is edited."""
    for path, content in files.items():
        (baked / path).parent.mkdir(exist_ok=True)
        (baked / path).write_bytes(content)
