"""The project's repository: what is committed, what is not, and what an update makes of it."""

from collections.abc import Iterable
from pathlib import Path

from .errors import UpdateError
from .git import Git, GitError

# Files that may be edited and not committed when an update begins.
EDITED = ("schema/inputs.txt", "schema/outputs.txt")
MOST_SHOWN = 5
# What the state before the last update is kept as.
BEFORE = "refs/update/before"
UNDO = f"git restore --source={BEFORE} --staged --worktree ."
# There while an update writes.
RUNNING = "refs/update/running"


class Repository:
    """A project in a Git repository, at its top or in a folder of it.

    Args:
        project: The project's folder.

    Raises:
        UpdateError: If it is in no repository, or nothing of it is committed.
    """

    def __init__(self, project: Path) -> None:
        """Look at the repository, in which the project is at `prefix`."""
        self.project = project
        self.git = Git(project)
        try:
            self.prefix = self.git("rev-parse", "--show-prefix").rstrip("\n")
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
        if others:
            if self.git.finds("rev-parse", "--verify", "--quiet", RUNNING):
                raise UpdateError(f"the last update did not come to its end; undo it: {UNDO}")
            more = f" and {len(others) - MOST_SHOWN} more" if len(others) > MOST_SHOWN else ""
            raise UpdateError(
                f"there are changes that are not committed: {', '.join(others[:MOST_SHOWN])}{more}; "
                "commit or stash them, so that what an update changes can be told from them"
            )

    def committed(self, path: str, commit: str = "HEAD") -> bytes | None:
        """What is in a file of a commit; None if there is none."""
        try:
            return self.git.raw("cat-file", "blob", f"{commit}:{self.prefix}{path}")
        except GitError:
            return None

    def commits_of(self, path: str) -> Iterable[str]:
        """The commits that changed a path, from the newest on."""
        return self.git("log", "--format=%H", "--", path).split()

    def edited(self) -> dict[str, bytes]:
        """The files that are edited and not committed."""
        paths = [path for path in EDITED if (self.project / path).is_file()]
        contents = {path: (self.project / path).read_bytes() for path in paths}
        return {path: text for path, text in contents.items() if text != self.committed(path)}

    def stage(self, paths: Iterable[str]) -> None:
        """Have Git take note of files that are changed, new or gone."""
        listed = "\0".join(paths).encode(errors="surrogateescape")
        if listed:
            options = ("--force", "--pathspec-from-file=-", "--pathspec-file-nul")
            self.git("add", "--all", *options, stdin=listed)
