"""Merges what a template makes of a project now into what people have made of it, three ways.

All of it happens in a clone in a temporary folder. Only what comes out is written into the project,
and undone again if that is interrupted.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .git import Git
from .repository import BEFORE, UNDO, Repository

# Settings of the user's that would change a merge, or run programs in it.
PLAIN = ("-c", "core.hooksPath=/dev/null", "-c", "merge.ff=no", "-c", "rerere.enabled=false")

SIDES = ("base", "ours", "theirs")


@dataclass(frozen=True)
class Merged:
    """What a merge has made of the project's files.

    Attributes:
        folder: Where they are.
        changed: The files that are other than before, or new.
        gone: The files that are there no more.
        conflicts: The files of `changed` that hold both versions, marked as Git does.
    """

    folder: Path
    changed: list[str]
    gone: list[str]
    conflicts: list[str]


@contextmanager
def merged(
    repository: Repository, edited: Mapping[str, bytes], old: Path, new: Path
) -> Iterator[Merged]:
    """Merge the difference between two baked projects into the committed one.

    Args:
        repository: The project's.
        edited: Files that are edited and not committed, by their paths.
        old: The project as it was baked.
        new: The project as it is baked now.
    """
    with tempfile.TemporaryDirectory(prefix="merge-") as scratch:
        folder = Path(scratch, "project")
        top = repository.git("rev-parse", "--git-common-dir").strip()
        common = str((repository.project / top).resolve())
        Git(Path(scratch))("clone", "--quiet", "--shared", "--no-checkout", common, str(folder))
        git = Git(folder)
        base = _commit(git, _tree_of(git, old, scratch))
        theirs = _commit(git, _tree_of(git, new, scratch), base)
        ours = _commit(git, _tree_of_project(git, repository, edited, scratch), base)
        git(*PLAIN, "checkout", "--quiet", "--detach", ours)
        git.finds(*PLAIN, "merge", "--quiet", "--no-commit", "--no-ff", "--no-edit", theirs)
        for side, commit in zip(SIDES, (base, ours, theirs), strict=True):
            git("update-ref", f"refs/heads/merge/{side}", commit)
        yield _outcome(git, ours)


def _tree_of(git: Git, project: Path, scratch: str) -> str:
    """The tree of a baked project."""
    index = {"GIT_INDEX_FILE": str(Path(scratch, "index"))}
    baked = Git(project)
    where = {**index, "GIT_DIR": str(git.folder / ".git"), "GIT_WORK_TREE": str(project)}
    git("read-tree", "--empty", env=index)
    baked("add", "--all", "--force", ".", env=where)
    return git("write-tree", env=index).strip()


def _tree_of_project(
    git: Git, repository: Repository, edited: Mapping[str, bytes], scratch: str
) -> str:
    """The tree of the committed project, with the files that are edited."""
    index = {"GIT_INDEX_FILE": str(Path(scratch, "index"))}
    git("read-tree", repository.git("rev-parse", f"HEAD:{repository.prefix}").strip(), env=index)
    return write_tree(git, edited, "", index)


def write_tree(git: Git, files: Mapping[str, bytes], prefix: str, index: Mapping[str, str]) -> str:
    """Write the tree of an index, with some files in place of its own."""
    for path, content in files.items():
        blob = git("hash-object", "-w", "--stdin", stdin=content).strip()
        git("update-index", "--add", "--cacheinfo", f"100644,{blob},{prefix}{path}", env=index)
    return git("write-tree", env=index).strip()


def _commit(git: Git, tree: str, *parents: str) -> str:
    options = [word for parent in parents for word in ("-p", parent)]
    return git("commit-tree", tree, *options, "-m", "For a merge").strip()


def _outcome(git: Git, ours: str) -> Merged:
    conflicts = _paths(git("diff", "--name-only", "--diff-filter=U", "-z"))
    changed = _paths(git("diff", "--name-only", "--diff-filter=d", "--no-renames", "-z", ours))
    gone = _paths(git("diff", "--name-only", "--diff-filter=D", "--no-renames", "-z", ours))
    return Merged(git.folder, changed, gone, conflicts)


def _paths(listed: str) -> list[str]:
    return [*dict.fromkeys(path for path in listed.split("\0") if path)]


def keep_before(repository: Repository, edited: Mapping[str, bytes]) -> None:
    """Keep the project as it is, so that an update can be undone."""
    with tempfile.TemporaryDirectory(prefix="before-") as scratch:
        index = {"GIT_INDEX_FILE": str(Path(scratch, "index"))}
        git = repository.git
        git("read-tree", "HEAD", env=index)
        tree = write_tree(git, edited, repository.prefix, index)
    commit = git("commit-tree", tree, "-p", "HEAD", "-m", "Before make update").strip()
    git("update-ref", BEFORE, commit)


def write(repository: Repository, merge: Merged) -> None:
    """Write what a merge has made into the project, and into Git's index."""
    for path in merge.gone:
        (repository.project / path).unlink(missing_ok=True)
    for path in merge.changed:
        target = repository.project / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.copy2(merge.folder / path, target, follow_symlinks=False)
    clean = [path for path in merge.changed if path not in merge.conflicts]
    repository.stage([*clean, *merge.gone])
    if merge.conflicts:
        _stage_conflicts(repository, merge)


def _stage_conflicts(repository: Repository, merge: Merged) -> None:
    """Let Git know of both versions of files in conflict, as after a merge of its own."""
    sides = [f"refs/heads/merge/{side}" for side in SIDES]
    repository.git("fetch", "--quiet", "--no-tags", str(merge.folder), *sides)
    listed = Git(merge.folder)("ls-files", "--unmerged", "-z")
    entries = []
    for entry in filter(None, listed.split("\0")):
        form, path = entry.split("\t", 1)
        entries.append(f"{form}\t{repository.prefix}{path}")
    removed = [f"0 {'0' * 40}\t{repository.prefix}{path}" for path in merge.conflicts]
    text = "\0".join([*removed, *entries, ""]).encode(errors="surrogateescape")
    repository.git("update-index", "-z", "--index-info", stdin=text)


def undo(repository: Repository) -> None:
    """Put the project back to what it was before."""
    repository.git(*UNDO.split()[1:])
    repository.git("restore", "--source=HEAD", "--staged", ".")  # What was edited is not staged.
