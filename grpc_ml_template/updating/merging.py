"""Merges what a template makes of a project now into what people have made of it, three ways.

All of it happens in a repository in a temporary folder, which only reads the project's objects.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import UpdateError
from .git import CODEC, Git
from .repository import Repository

# Settings of the user's that would change a merge, or run programs in it.
PLAIN = {
    "core.autocrlf": "false",
    "core.hooksPath": "/dev/null",
    "merge.ff": "no",
    "merge.directoryRenames": "false",
    "rerere.enabled": "false",
}


@dataclass(frozen=True)
class Merged:
    """What a merge has made of the project's files.

    Attributes:
        folder: Where they are, and an index of them.
        changed: The files that are other than the committed ones, or new.
        gone: The files that are there no more.
        conflicts: The files that hold both versions, marked as Git does.
        left: The files that one side has changed and the other has deleted; they are as they were.
        is_compiled: Whether the stubs follow the proto.
        has_stubs: Whether they are committed.
        head: The tree that is committed.
    """

    folder: Path
    changed: list[str]
    gone: list[str]
    conflicts: list[str]
    left: list[str]
    is_compiled: bool
    has_stubs: bool
    head: str

    def with_edited(self, paths: Iterable[str]) -> "Merged":
        """It, once some of the files in the folder have been changed there."""
        git = Git(self.folder)
        git("add", "--force", "--", *paths)
        changed, gone = _against(git, self.head, self.conflicts)
        return replace(self, changed=changed, gone=gone)


@contextmanager
def merged(
    repository: Repository, texts: Mapping[str, bytes], old: Path, new: Path, package: str
) -> Iterator[Merged]:
    """Merge the difference between two baked projects into the committed one.

    Args:
        repository: The project's.
        texts: The schema's files as they are edited, by their paths.
        old: The project as it was baked.
        new: The project as it is baked now.
        package: Its package.
    """
    with tempfile.TemporaryDirectory(prefix="merge-") as scratch:
        git = _beside(repository, Path(scratch, "project"))
        head = repository.git("rev-parse", f"HEAD:{repository.prefix}").strip()
        base = _commit(git, _tree_of(git, old, scratch))
        theirs = _commit(git, _tree_of(git, new, scratch), base)
        ours = _commit(git, write_tree(git, head, texts, "", Path(scratch, "index")), base)
        git("checkout", "--quiet", "--detach", ours)
        git.finds("merge", "--quiet", "--no-commit", "--no-ff", "--no-edit", theirs)
        known = {path for commit in (base, ours, theirs) for path in _files(git, commit)}
        left = _settle_deleted(git, known)
        conflicts = _paths(git("diff", "--name-only", "--diff-filter=U", "-z"))
        is_compiled = f"proto/{package}/v1/service.proto" not in conflicts and _compile(git.folder)
        stubs = f"src/{package}/v1"
        kept = _paths(git("ls-files", "-z", "--", f"{stubs}/service_pb2*"))
        has_stubs = len(kept) == len([*(git.folder / stubs).glob("service_pb2*")]) > 0
        if is_compiled and kept:
            git("add", "--force", "--", *kept)
        changed, gone = _against(git, head, conflicts)
        yield Merged(
            git.folder,
            changed=changed,
            gone=gone,
            conflicts=conflicts,
            left=left,
            is_compiled=is_compiled,
            has_stubs=has_stubs,
            head=head,
        )


def _against(git: Git, head: str, conflicts: Sequence[str]) -> tuple[list[str], list[str]]:
    """The files that differ from a tree, and those of it that are gone, but for those in conflict."""
    against = ("diff-index", "--cached", "--name-only", "--no-renames", "-z")
    changed, gone = (_paths(git(*against, f"--diff-filter={kind}", head)) for kind in "dD")
    return (
        [path for path in changed if path not in conflicts],
        [path for path in gone if path not in conflicts],
    )


def _beside(repository: Repository, folder: Path) -> Git:
    """Make an empty repository that reads the objects of another one."""
    folder.mkdir()
    git = Git(folder)
    form = repository.git("rev-parse", "--show-object-format").strip()
    git("init", "--quiet", "--template=", f"--object-format={form}")
    for name, value in PLAIN.items():
        git("config", name, value)
    info = folder / ".git" / "objects" / "info"
    info.mkdir(parents=True, exist_ok=True)
    attributes = folder / ".git" / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text("* -filter -ident -text -working-tree-encoding\n", encoding="utf-8")
    (info / "alternates").write_text(f"{repository.common / 'objects'}\n", encoding="utf-8")
    return git


def _tree_of(git: Git, project: Path, scratch: str) -> str:
    """The tree of a baked project."""
    index = {"GIT_INDEX_FILE": str(Path(scratch, "index"))}
    baked = Git(project)
    where = {**index, "GIT_DIR": str(git.folder / ".git"), "GIT_WORK_TREE": str(project)}
    git("read-tree", "--empty", env=index)
    baked("add", "--all", "--force", ".", env=where)
    return git("write-tree", env=index).strip()


def can_be_merged(ours: bytes, base: Path, theirs: Path) -> bool:
    """Whether a file that both sides have changed can be merged."""
    file = base.with_name("ours")
    file.write_bytes(ours)
    found = Git(base.parent).finds("merge-file", "-p", file.name, str(base), str(theirs))
    file.unlink()
    return found


def write_tree(git: Git, tree: str, files: Mapping[str, bytes], prefix: str, index: Path) -> str:
    """Write a tree anew, with some files in place of its own."""
    env = {"GIT_INDEX_FILE": str(index)}
    git("read-tree", tree, env=env)
    put(git, files, prefix, env)
    return git("write-tree", env=env).strip()


def put(git: Git, files: Mapping[str, bytes], prefix: str, env: Mapping[str, str]) -> None:
    """Put files into an index, with the modes that it has for them."""
    for path, content in files.items():
        blob = git("hash-object", "-w", "--stdin", stdin=content).strip()
        mode = git("ls-files", "--stage", "--", f":/{prefix}{path}", env=env)[:6] or "100644"
        git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{prefix}{path}", env=env)


def _commit(git: Git, tree: str, *parents: str) -> str:
    options = [word for parent in parents for word in ("-p", parent)]
    return git("commit-tree", tree, *options, "-m", "For a merge").strip()


def _files(git: Git, commit: str) -> list[str]:
    return _paths(git("ls-tree", "-r", "--name-only", "-z", commit))


def _settle_deleted(git: Git, known: set[str]) -> list[str]:
    """Leave files as the project has them that one side has changed and the other has deleted.

    Raises:
        UpdateError: If one side has a folder where the other has a file.
    """
    stages: dict[str, dict[str, str]] = {}
    for entry in filter(None, git("ls-files", "--unmerged", "-z").split("\0")):
        form, path = entry.split("\t", 1)
        mode, blob, stage = form.split()
        stages.setdefault(path, {})[stage] = f"{mode} {blob} 0\t{path}"
    if odd := sorted(stages.keys() - known):
        raise UpdateError(
            f"{odd[0].rpartition('~')[0] or odd[0]} is of another kind here than in the template: a "
            "file, a folder or a link; nothing is changed. Move it, commit that, and try again"
        )
    left = [path for path, found in stages.items() if not {"2", "3"} <= found.keys()]
    zeros = "0" * len(git("rev-parse", "HEAD").strip())
    for path in left:
        ours = stages[path].get("2")
        lines = [f"0 {zeros}\t{path}", *([ours] if ours else []), ""]
        git("update-index", "-z", "--index-info", stdin="\0".join(lines).encode(*CODEC))
        if not ours:
            (git.folder / path).unlink(missing_ok=True)
    return left


def _compile(project: Path) -> bool:
    """Compile the proto into stubs; return whether that is done."""
    script = [sys.executable, str(Path("scripts", "compile_proto.py"))]
    # In a session of its own: Ctrl-C is for this process alone, which ends it.
    done = subprocess.run(
        script, cwd=project, stdout=subprocess.DEVNULL, check=False, start_new_session=True
    )
    return not done.returncode


def _paths(listed: str) -> list[str]:
    return [*dict.fromkeys(path for path in listed.split("\0") if path)]
