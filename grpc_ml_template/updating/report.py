"""What an update says."""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..project.project import Project
from .changes import Change
from .errors import UpdateError
from .merging import Merged
from .repository import UNDO, Repository


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


def nothing() -> None:
    """Say that the project is as it should be."""
    print("\nThere is nothing to change.")


def model(path: Path, before: Project, after: Project) -> None:
    """Say what the model, which is left as it is, gets and has to return."""
    lines = []
    for title, old, new in (
        ("gets", before.input_fields, after.input_fields),
        ("returns", before.output_fields, after.output_fields),
    ):
        names = [field.name for field in old], [field.name for field in new]
        lines += [f"{title} {name}" for name in names[1] if name not in names[0]]
        lines += [f"no longer {title} {name}" for name in names[0] if name not in names[1]]
        for field in new:
            same = [each for each in old if each.name == field.name and each.labels != field.labels]
            lines += [
                f"{title} {field.name} with the labels {', '.join(field.labels)}" for _ in same
            ]
    if lines:
        print("\n" + _list(f"{path} is yours, and left as it is; it now", lines))


def end(
    repository: Repository, merge: Merged, changes: Iterable[Change], *, is_compiled: bool
) -> None:
    """Say what has changed, what callers notice, what is left to do, and how to undo it."""
    print()
    clean = [path for path in [*merge.changed, *merge.gone] if path not in merge.conflicts]
    print(_list("Changed", clean))
    noticed = [change.text for change in changes]
    if noticed:
        print(_list("What callers notice", noticed))
    if found := _breaking(repository, merge):
        print(_list("buf breaking, against what is committed", found))
    if merge.conflicts:
        print(
            _list(
                "In conflict, with both versions marked; settle them, and git add", merge.conflicts
            )
        )
    if not is_compiled:
        print("The proto is not compiled yet: make proto")
    if "pyproject.toml" in merge.changed:
        print("pyproject.toml has changed: make install")
    print(f"Look at it: git diff --cached\nTry it:     make test\nUndo it:    {UNDO}")


def _list(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"{title}:", *(f"  {line}" for line in lines)])


def _breaking(repository: Repository, merge: Merged) -> list[str]:
    """What buf says of the change; nothing if it cannot be asked."""
    if any(path.startswith("proto/") for path in merge.conflicts):
        return []
    buf = Path(sys.executable).with_name("buf")
    common = (
        repository.project / repository.git("rev-parse", "--git-common-dir").strip()
    ).resolve()
    head = repository.git("rev-parse", "HEAD").strip()
    subdir = f",subdir={repository.prefix.rstrip('/')}" if repository.prefix else ""
    against = f"{common}#format=git,ref={head}{subdir}"
    try:
        found = subprocess.run(
            [buf, "breaking", "--against", against],
            cwd=repository.project,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ["buf is not there: make install"]
    return (found.stdout or found.stderr).splitlines() if found.returncode else []
