"""Git, in a folder."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from .errors import UpdateError

NOBODY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "make update"), ("EMAIL", "update@localhost"))
}
# Variables that a hook of Git sets, as when a commit starts an update, and that name another folder.
FOREIGN = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")

# How Git's output is read: any bytes may be a path.
CODEC = ("utf-8", "surrogateescape")

NOTHING: Mapping[str, str] = {}


class GitError(UpdateError):
    """What Git says of why it failed."""


class Git:
    """Runs Git in a folder.

    Args:
        folder: Where.
    """

    def __init__(self, folder: Path) -> None:
        """Run nothing yet."""
        self.folder = folder

    def __call__(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] = NOTHING
    ) -> str:
        """What Git prints.

        Raises:
            GitError: If it fails.
        """
        return self.raw(*arguments, stdin=stdin, env=env).decode(*CODEC)

    def raw(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] = NOTHING) -> bytes:
        """What Git prints, as it is; see __call__."""
        given = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        try:
            found = subprocess.run(
                ["git", *arguments],
                cwd=self.folder,
                env={**given, **NOBODY, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **env},
                input=stdin,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise GitError(f"Git cannot be run ({error.strerror}); install it") from None
        if found.returncode:
            said = found.stderr.decode(errors="replace").strip().splitlines()
            raise GitError(
                said[-1] if said else f"git {arguments[0]} ended with {found.returncode}"
            )
        return found.stdout

    def finds(self, *arguments: str) -> bool:
        """Whether Git succeeds."""
        try:
            self(*arguments)
        except GitError:
            return False
        return True
