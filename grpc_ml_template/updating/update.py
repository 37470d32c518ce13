"""One update, from its first check to its last word."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..project.project import Project
from ..project.schemas import SCHEMAS
from ..project.source import source_in
from . import report
from .asking import asked
from .baking import bake
from .changes import Change, compare, lacking
from .contract import read_contract
from .errors import UpdateError
from .history import Made, Texts, made_of, project_of
from .merging import Merged, can_be_merged, merged
from .origins import CRUFT, OWN, Origin, read_origin
from .repository import Repository
from .retraining import Replacement, earlier_files, in_git, read_replacement
from .templates import Template, newest, of_project
from .writing import finish, place_large, write

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
        source: The model to serve from now on; empty for the one that is there.
        trusts: Whether loading it may run code of its own.
    """

    project: Path
    template: Path
    address: str
    answers: Path | None
    accepts_breaking: bool
    source: str = ""
    trusts: bool = False


@dataclass(frozen=True)
class Plan:
    """What an update does.

    Attributes:
        edited: The schema's files as they are.
        origin: Where the project comes from.
        made: What its code was made of.
        after: The project as it is to be.
        changes: What callers notice.
        model: The model that takes the place of its own, if there is one.
    """

    edited: Mapping[str, bytes]
    origin: Origin
    made: Made
    after: Project
    changes: list[Change]
    model: Replacement | None

    @property
    def origin_after(self) -> Origin:
        """Where the project comes from once it is updated."""
        return self.model.origin(self.origin) if self.model else self.origin


def update(wish: Wish) -> bool:
    """Update a project; return whether nothing is left to do by hand.

    Raises:
        UpdateError, AnswerError: If it is not updated, and nothing is changed.
    """
    repository = Repository(wish.project)
    repository.refuse_changes()
    plan = _planned(wish, repository)
    report.refuse(plan.changes, wish.accepts_breaking)
    return _update(wish, repository, plan)


def _planned(wish: Wish, repository: Repository) -> Plan:
    origin = read_origin(wish.project, wish.answers)
    package = origin.answers["package_name"]
    proto = repository.committed(f"proto/{package}/v1/service.proto")
    if proto is None:
        raise UpdateError(
            f"proto/{package}/v1/service.proto is not committed, which has the numbers"
        )
    made = made_of(repository, origin, read_contract(proto))
    edited = repository.texts()
    texts = _texts(edited, made)
    model = read_replacement(repository, origin, wish.source) if wish.source else None
    texts = model.texts(wish.project, texts, made) if model else texts
    # The numbers are those of the contract.
    numbers = (made.project.input_schema.taken, made.project.output_schema.taken)
    after = project_of(origin, texts, dict(zip(SCHEMAS, numbers, strict=True)))
    changes = compare(made.project, after)
    if not model:
        changes += lacking(source_in(json.dumps(origin.content.get("source"))), made.project, after)
    return Plan(edited, origin, made, after, changes, model)


def _texts(files: Mapping[str, bytes], made: Made) -> Texts:
    """The schema's texts as they are edited."""
    return {
        name: files[path].decode() if (path := f"schema/{name}.txt") in files else made.texts[name]
        for name in SCHEMAS
    }


def _update(wish: Wish, repository: Repository, plan: Plan) -> bool:
    """Bake, merge and write; return whether nothing is left to do by hand."""
    origin = plan.origin
    with tempfile.TemporaryDirectory(prefix="update-") as scratch:
        old, fresh, is_left = _baked(wish, repository, plan, Path(scratch))
        report.progress("Merging the difference into yours")
        package = origin.answers["package_name"]
        with merged(repository, plan.edited, old, fresh, package) as merge:
            if not (merge.changed or merge.gone or merge.conflicts):
                report.nothing(place_large(repository, plan.model) if plan.model else [])
                return True
            said: list[str] = []
            if plan.model:
                slug = origin.answers["project_slug"]
                merge, said = asked(plan.model, merge, slug, trusts=wish.trusts)
            found = report.breaking(repository, merge)
            write(repository, merge, plan.edited)
    _finish(repository, plan, merge, said, found, is_left=is_left)
    return merge.is_compiled and not merge.conflicts


def _baked(
    wish: Wish, repository: Repository, plan: Plan, scratch: Path
) -> tuple[Path, Path, bool]:
    """Bake the project as it was and as it is to be.

    Returns:
        Both, and whether the model is left as it is, although the template's is another one now.
    """
    new, origin, after = newest(wish.template), plan.origin, plan.after
    schemas = (after.input_schema, after.output_schema)
    texts = {name: schema.text for name, schema in zip(SCHEMAS, schemas, strict=True)}
    with of_project(new, origin) as template:
        report.progress(f"Baking the project as it was, with version {template.version}")
        old = _bake(template, origin, plan.made.texts, scratch / "old")
    report.progress(f"Baking it anew, with version {new.version}")
    has_example = (old / _model(origin)).with_name("model.onnx").exists()
    example = {"_keeps_example": "yes"} if has_example else {}
    fresh = _bake(new, plan.origin_after, texts, scratch / "new", example)
    address = wish.address or origin.address
    kept = plan.origin_after.after(address, new.version, new.commit, texts)
    is_left = _settle_model(repository, origin, old, fresh)
    _settle(repository, origin, kept, old, fresh)
    _put(old, plan.edited)
    if plan.model:
        for path in earlier_files(repository, plan.model):
            _as_committed(repository, old, Path(path))
        _put(fresh, in_git(repository, plan.model))
    return old, fresh, is_left


def _finish(
    repository: Repository,
    plan: Plan,
    merge: Merged,
    said: list[str],
    found: list[str],
    *,
    is_left: bool,
) -> None:
    """Say what is done, and what is left to do."""
    model = _model(plan.origin)
    try:
        if plan.model:
            said = [*plan.model.signature.notes, *said, *place_large(repository, plan.model)]
        if model.as_posix() not in merge.changed:
            calls = ["has to call the new model as a project does that is made for it"]
            more = calls if plan.model and is_left else []
            report.model(model, plan.made.project, plan.after, more)
        report.end(repository, merge, plan.changes, said, found)
    except OSError as error:
        raise UpdateError(
            f"all is written, but what is to be said of it is not ({error.strerror}); undo it: "
            f"{repository.undo}"
        ) from None
    finish(repository)


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
    if origin.file == CRUFT:
        (old / OWN).unlink(missing_ok=True)
        (fresh / OWN).unlink(missing_ok=True)
    file = origin.file or OWN
    _as_committed(repository, old, file)
    (fresh / file).write_text(kept, encoding="utf-8")


def _settle_model(repository: Repository, origin: Origin, old: Path, fresh: Path) -> bool:
    """Leave the model alone if somebody has put one there, who knows it better.

    One that was made for a file and has been edited since is merged, if that can be done.

    Returns:
        Whether it is left, although the template's is another one now.
    """
    model = _model(origin)
    committed = repository.committed(model.as_posix())
    if committed is None or committed == (old / model).read_bytes():
        return False
    if "source" in origin.content and can_be_merged(committed, old / model, fresh / model):
        return False
    is_other = (old / model).read_bytes() != (fresh / model).read_bytes()
    _as_committed(repository, old, model)
    _as_committed(repository, fresh, model)
    return is_other


def _as_committed(repository: Repository, baked: Path, path: Path) -> None:
    (baked / path).unlink(missing_ok=True)
    content = repository.committed(path.as_posix())
    if content is not None:
        _put(baked, {path.as_posix(): content})


def _put(baked: Path, files: Mapping[str, bytes]) -> None:
    """Give a baked project files, such as the schema's text as it is edited."""
    for path, content in files.items():
        (baked / path).parent.mkdir(parents=True, exist_ok=True)
        (baked / path).write_bytes(content)
