"""The project's repository: what is committed, what is not, and what an update makes of it."""

import hashlib
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from .errors import UpdateError
from .git import Git, GitError

# Files that may be edited and not committed when an update begins.
EDITED = ("schema/inputs.txt", "schema/outputs.txt")
MOST_SHOWN = 5
BOM = b"\xef\xbb\xbf"


class Repository:
    """A project in a Git repository, at its top or in a folder of it.

    Args:
        project: The project's folder.

    Attributes:
        before: What the state before the last update is kept as: each worktree, and each project
            in it, has its own.
        running: There until an update has said its last word: what it writes, after `before`.
        undo: The command that undoes the last update.

    Raises:
        UpdateError: If it is in no repository, or nothing of it is committed.
    """

    def __init__(self, project: Path) -> None:
        """Look at the repository, in which the project is at `prefix`."""
        self.project = project
        self.git = Git(project)
        try:
            self.prefix = self.git("rev-parse", "--show-prefix").rstrip("\n")
            common = self.git("rev-parse", "--git-common-dir").rstrip("\n")
            self.common = (project / common).resolve()
            key = hashlib.sha256(self.prefix.encode()).hexdigest()[:8]
            self.before = f"refs/worktree/update-{key}/before"
            self.running = f"refs/worktree/update-{key}/running"
            self.undo = (
                f"git -C {shlex.quote(str(project))} restore --source={self.before} --staged "
                "--worktree ."
            )
        except GitError as error:
            raise UpdateError(
                f"{project} is in no Git repository, which keeps what an update changes ({error}); "
                "make one: git init && git add . && git commit -m 'As it was baked'"
            ) from None
        if not self.git.finds("cat-file", "-e", f"HEAD:{self.prefix}pyproject.toml"):
            raise UpdateError(
                "the project is not committed; git add . && git commit, and try again"
            )

    def refuse_changes(self) -> None:
        """Raise an error if anything but the schema's text is changed and not committed."""
        listed = self.git(
            "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "."
        )
        changed = [entry[3:] for entry in listed.split("\0") if entry]
        others = [path for path in changed if path.removeprefix(self.prefix) not in EDITED]
        shown = some(others)
        if others and self._are_of_an_update(others):
            raise UpdateError(
                f"{shown}: changed and not committed, and the last update did not come to its end; "
                f"if that was it, undo it: {self.undo}"
            )
        if others and self.git("ls-files", "--unmerged"):
            raise UpdateError(
                f"{shown}: changed and not committed, with files in conflict; settle them and commit"
            )
        if others:
            raise UpdateError(
                f"there are changes that are not committed: {shown}; commit or stash them, so that "
                "what an update changes can be told from them"
            )

    def _are_of_an_update(self, changed: Iterable[str]) -> bool:
        """Whether changes are those of an update that did not come to its end, and no others."""
        after = self._revision(self.running)
        if not after or self._revision(f"{after}~2") != self._revision("HEAD"):
            return False
        return all(self._is_of(after, path.removeprefix(self.prefix)) for path in changed)

    def _revision(self, name: str) -> str:
        try:
            return self.git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").strip()
        except GitError:
            return ""

    def _is_of(self, after: str, path: str) -> bool:
        """Whether a file is as an update has made it or found it, and not as somebody has since."""
        file = self.project / path
        if not file.is_file():
            return True
        blob = self.git("hash-object", f"--path={path}", "--", path).strip()
        listed = (
            self.git("ls-tree", commit, "--", path).split() for commit in (after, f"{after}^")
        )
        return any(blob in entry for entry in listed)

    def committed(self, path: str, commit: str = "HEAD") -> bytes | None:
        """What is in a file of a commit; None if there is none."""
        try:
            return self.git.raw("cat-file", "blob", f"{commit}:{self.prefix}{path}")
        except GitError:
            return None

    def commits_of(self, path: str) -> Iterable[str]:
        """The commits that changed a path, from the newest on."""
        return self.git("log", "--format=%H", "--", path).split()

    def texts(self) -> dict[str, bytes]:
        """The schema's files as they are edited, with the line ends that Git keeps.

        Raises:
            UpdateError: If one is gone or no file, or is not UTF-8.
        """
        found = {}
        for path in EDITED:
            file = self.project / path
            if file.is_symlink():
                raise UpdateError(f"{path} is a link, and has to be a file")
            if file.is_file():
                content = file.read_bytes().replace(b"\r\n", b"\n").removeprefix(BOM)
                refuse_odd_text(path, content)
                found[path] = content
            elif self.committed(path) is not None:
                raise UpdateError(f"{path} is missing; git checkout -- {path} brings it back")
        return found

    def as_kept(self, path: str, content: bytes) -> bytes:
        """What Git would keep of a file with a content: other line ends, or a name in a store."""
        blob = self.git("hash-object", "-w", f"--path={path}", "--stdin", stdin=content).strip()
        return self.git.raw("cat-file", "blob", blob)

    def edited(self) -> dict[str, bytes]:
        """The schema's files that are edited and not committed, as Git would keep them."""
        found = {}
        for path in self.texts():
            content = self.as_kept(path, (self.project / path).read_bytes())
            if content != self.committed(path):
                found[path] = content
        return found


def some(paths: Sequence[str]) -> str:
    """The first of some paths, and how many more there are."""
    more = f" and {len(paths) - MOST_SHOWN} more" if len(paths) > MOST_SHOWN else ""
    return ", ".join(paths[:MOST_SHOWN]) + more


def refuse_odd_text(path: str, content: bytes) -> None:
    """Raise an error if a schema's text is not UTF-8."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        got = content[error.start : error.start + 1]
        raise UpdateError(f"{path}: line {line}: expected UTF-8, got {got!r}") from None
