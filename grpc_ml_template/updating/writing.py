"""Writes what a merge has made into the project, all of it or nothing, and undoes it."""

import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from .errors import UpdateError
from .git import CODEC, Git
from .merging import Merged, put, write_tree
from .repository import Repository, some
from .retraining import Replacement


def write(repository: Repository, merge: Merged, texts: Mapping[str, bytes]) -> None:
    """Write the files of a merge, and stage them. From here on, signals wait for the end.

    The index comes first: the command that undoes an update knows by it which files are new.

    Raises:
        UpdateError: If something is in the way, or has changed meanwhile; nothing is changed then.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"):
        if number := getattr(signal, name, None):
            signal.signal(number, signal.SIG_IGN)
    entries = _entries(repository, merge)
    _refuse_obstacles(repository, merge)
    _keep_before(repository)
    repository.refuse_changes()
    if repository.texts() != texts:
        raise UpdateError("schema/ was edited meanwhile; nothing is changed. Try again")
    _keep_after(repository, merge, entries)
    try:
        repository.git("update-index", "-z", "--index-info", stdin=entries)
        _write_files(repository, merge)
    except BaseException as error:
        _undo(repository, error)
        raise


def finish(repository: Repository) -> None:
    """Take note that all is written and said."""
    repository.git("update-ref", "-d", repository.running)


def place_large(repository: Repository, model: Replacement) -> list[str]:
    """Copy a model that Git does not keep into the project; return what is to be known of it.

    Nothing is in its place: the earlier one has another name, and stays for an undo.

    Raises:
        UpdateError: If it cannot be copied.
    """
    lines = []
    for source, place in model.files if model.source.is_large else ():
        target = repository.project / place
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        except OSError as error:
            command = shlex.join(["cp", str(source), str(target)])
            raise UpdateError(
                f"all is written, but the model cannot be copied ({error.strerror}); once that is "
                f"mended: {command}; or undo it: {repository.undo}"
            ) from None
        lines.append(f"{place} is new, and not in Git")
    earlier = model.earlier_place
    is_other = model.source.file != model.earlier.file or not model.source.is_large
    if model.earlier.is_large and is_other and (repository.project / earlier).exists():
        lines.append(f"{earlier} is left for an undo; remove it once this is to stay")
    return lines


def _refuse_obstacles(repository: Repository, merge: Merged) -> None:
    """Refuse to write where there is something that Git does not keep, or does not look at."""
    paths = [*merge.changed, *merge.gone, *merge.conflicts]
    lock = repository.project / repository.git("rev-parse", "--git-path", "index.lock").strip()
    if lock.exists():
        raise UpdateError(f"{lock} is there: Git runs, or was killed; remove it if it does not run")
    tracked = _flags(repository)
    hidden = [path for path in paths if tracked.get(path, "H") != "H"]
    if hidden:
        raise UpdateError(
            f"Git is told not to look at {some(hidden)} (assume-unchanged or skip-worktree), which "
            "the update changes; have it look again: git update-index --no-assume-unchanged "
            "--no-skip-worktree FILE"
        )
    gone = {*merge.gone}
    blocked = [path for path in paths if _is_blocked(repository.project, path, tracked, gone)]
    if blocked:
        raise UpdateError(
            f"{some(blocked)} is in the way: the template has such a file now, and what is there "
            "is not in Git; move or commit it"
        )


def _flags(repository: Repository) -> dict[str, str]:
    """What Git says of each file that it knows; H is a usual one."""
    listed = repository.git("ls-files", "-v", "-z", "--", ".").split("\0")
    return {entry[2:]: entry[0] for entry in listed if entry}


def _is_blocked(project: Path, path: str, tracked: Mapping[str, str], gone: set[str]) -> bool:
    if path not in tracked and os.path.lexists(project / path):
        return True
    parents = [parent for parent in Path(path).parents if parent.as_posix() not in {*gone, "."}]
    places = [project / parent for parent in parents]
    return any(each.is_symlink() or (each.exists() and not each.is_dir()) for each in places)


def _keep_before(repository: Repository) -> None:
    """Keep the project as it is, so that the update can be undone."""
    git = repository.git
    with tempfile.TemporaryDirectory(prefix="before-") as scratch:
        files = repository.edited()
        tree = write_tree(git, "HEAD", files, repository.prefix, Path(scratch, "index"))
    commit = git("commit-tree", tree, "-p", "HEAD", "-m", "Before make update").strip()
    git("update-ref", repository.before, commit)


def _keep_after(repository: Repository, merge: Merged, entries: bytes) -> None:
    """Keep what is written, so that an update that is killed can be told from what people do."""
    git = repository.git
    with tempfile.TemporaryDirectory(prefix="after-") as scratch:
        index = {"GIT_INDEX_FILE": str(Path(scratch, "index"))}
        git("read-tree", "HEAD", env=index)
        git("update-index", "-z", "--index-info", stdin=entries, env=index)
        marked = {path: (merge.folder / path).read_bytes() for path in merge.conflicts}
        put(git, marked, repository.prefix, index)
        tree = git("write-tree", env=index).strip()
    commit = git("commit-tree", tree, "-p", repository.before, "-m", "After make update").strip()
    git("update-ref", repository.running, commit)


def _entries(repository: Repository, merge: Merged) -> bytes:
    """What Git's index is to have of all files, with both versions of those in conflict.

    What they hold is in the repository by then, so that little time goes by while files are written.
    """
    beside = Git(merge.folder)
    zeros = "0" * len(repository.git("rev-parse", "HEAD").strip())
    prefix = repository.prefix
    lines = [f"0 {zeros}\t{prefix}{path}" for path in [*merge.gone, *merge.conflicts]]
    wanted = {*merge.changed, *merge.conflicts}
    for entry in filter(None, beside("ls-files", "--stage", "-z").split("\0")):
        form, path = entry.split("\t", 1)
        if path in wanted:
            content = beside.raw("cat-file", "blob", form.split()[1])
            repository.git("hash-object", "-w", "--stdin", stdin=content)
            lines.append(f"{form}\t{prefix}{path}")
    return "\0".join([*lines, ""]).encode(*CODEC)


def _write_files(repository: Repository, merge: Merged) -> None:
    for path in merge.gone:
        (repository.project / path).unlink(missing_ok=True)
        for parent in [*Path(path).parents][:-1]:
            with suppress(OSError):  # It is not empty.
                (repository.project / parent).rmdir()
    listed = "".join(f"{path}\0" for path in merge.changed).encode(*CODEC)
    repository.git("checkout-index", "--force", "-z", "--stdin", stdin=listed)
    for path in merge.conflicts:
        (repository.project / path).write_bytes((merge.folder / path).read_bytes())


def _undo(repository: Repository, error: BaseException) -> None:
    """Put the project back to what it was before.

    Raises:
        UpdateError: If that fails, too, with the command that does it.
    """
    try:
        repository.git("restore", f"--source={repository.before}", "--staged", "--worktree", ".")
        repository.git("restore", "--source=HEAD", "--staged", ".")  # Edits are not staged.
    except UpdateError as second:
        raise UpdateError(
            f"the project is half changed, since {error}; and that cannot be undone now, since "
            f"{second}. Mend that, and undo it: {repository.undo}"
        ) from None
    finish(repository)
