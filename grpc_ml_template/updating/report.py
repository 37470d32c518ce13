"""What an update says."""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..printing.words import type_words
from ..project.project import Project
from ..project.python import PythonField
from .changes import Change
from .errors import UpdateError
from .merging import Merged
from .repository import Repository


def progress(text: str) -> None:
    """Say what takes time."""
    print(f"{text} ...", flush=True)


def refuse(changes: Sequence[Change], accepts_breaking: bool) -> None:
    """Raise an error if a change cannot be made, or breaks callers and is not to.

    Raises:
        UpdateError: Naming all such changes.
    """
    impossible = [change.text for change in changes if change.weight == "impossible"]
    if impossible:
        raise UpdateError(_list("nothing is changed, since this cannot be done", impossible))
    breaking = [change.text for change in changes if change.weight == "breaking"]
    if breaking and not accepts_breaking:
        title = "nothing is changed, since this breaks callers (ACCEPT_BREAKING=yes goes on)"
        raise UpdateError(_list(title, breaking))


def nothing(said: Iterable[str]) -> None:
    """Say that the project is as it should be, and what is to be known of its model."""
    print("\n".join(["\nThere is nothing to change.", *said]))


def model(path: Path, before: Project, after: Project, more: Iterable[str] = ()) -> None:
    """Say what the model, which is left as it is, gets and has to return, and what more it has to."""
    lines = [*more]
    for title, old, new in (
        ("gets", before.inputs, after.inputs),
        ("returns", before.outputs, after.outputs),
    ):
        names = [field.name for field in old], [field.name for field in new]
        lines += [f"{title} {name}" for name in names[1] if name not in names[0]]
        lines += [f"no longer {title} {name}" for name in names[0] if name not in names[1]]
        earlier = {field.name: field for field in old}
        for field in new:
            lines += _changed(title, earlier[field.name], field) if field.name in earlier else []
    if lines:
        print("\n" + _list(f"{path} is yours, and left as it is; it now", lines))


def _changed(title: str, old: PythonField, new: PythonField) -> list[str]:
    """What a model has to know of a field that is another one than it was."""
    name, labels = new.name, ", ".join(new.field.labels)
    if {*old.field.labels} != {*new.field.labels}:
        return [f"{title} {name} with the labels {labels}"]
    if old.field.labels != new.field.labels:
        order = "whose places are other ones than before"
        return [f"{title} {name} with its labels in the order {labels}, {order}"]
    if (old.dtype, old.field.dims) != (new.dtype, new.field.dims):
        return [f"{title} {name} as {type_words(new.field)}, and not {type_words(old.field)}"]
    return []


def end(
    repository: Repository,
    merge: Merged,
    changes: Iterable[Change],
    said: Sequence[str],
    broken: Sequence[str],
) -> None:
    """Say what has changed, what callers notice, what is left to do, and how to undo it."""
    print()
    noticed = [change.text for change in changes]
    both = "In conflict, with both versions marked; settle them, and git add"
    one = "Left as you have them, though the template has changed or deleted them"
    for title, lines in (
        ("Changed", [*merge.changed, *merge.gone]),
        ("What callers notice", noticed),
        ("The new model", said),
        ("buf breaking, against what is committed", broken),
        (one, merge.left),
        (both, merge.conflicts),
    ):
        if lines:
            print(_list(title, lines))
    if not merge.is_compiled or not merge.has_stubs:
        print("The proto is not compiled yet: make proto")
    if "pyproject.toml" in merge.changed:
        print("pyproject.toml has changed: make install")
    undo = repository.undo if merge.has_stubs else f"{repository.undo} && make proto"
    print(f"Look at it: git diff --cached\nTry it:     make test\nUndo it:    {undo}")


def _list(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"{title}:", *(f"  {line}" for line in lines)])


def breaking(repository: Repository, merge: Merged) -> list[str]:
    """What buf says of the change; nothing if it cannot be asked."""
    if any(path.startswith("proto/") for path in merge.conflicts):
        return []
    buf = Path(sys.executable).with_name("buf")
    head = repository.git("rev-parse", "HEAD").strip()
    subdir = f",subdir={repository.prefix.rstrip('/')}" if repository.prefix else ""
    against = f"{repository.common}#format=git,ref={head}{subdir}"
    try:
        found = subprocess.run(
            [buf, "breaking", "--against", against],
            cwd=merge.folder,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ["buf is not there: make install"]
    return (found.stdout or found.stderr).splitlines() if found.returncode else []
