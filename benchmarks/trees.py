"""The two trees that are compared: that of another commit, and the working tree as it is."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .environments import TEMPLATE
from .systems import GRPC_ML

PEER = Path("benchmarks", "peers", GRPC_ML)


class TreeError(Exception):
    """Says in one line why a commit cannot be measured."""


@dataclass(frozen=True)
class Tree:
    """The files of this repository, at some time.

    Attributes:
        folder: Where they are.
        description: Which commit it is, and whether anything differs from it.
    """

    folder: Path
    description: str


def working(repository: Path = TEMPLATE) -> Tree:
    """Return the tree that is being worked on, with what is not committed."""
    changed = git(repository, "status", "--porcelain")
    description = describe(repository, "HEAD") + (", and uncommitted changes" if changed else "")
    return Tree(repository, description)


@contextmanager
def of_commit(ref: str, repository: Path = TEMPLATE) -> Iterator[Tree]:
    """Write the tree of a commit into a temporary folder, which is removed afterwards.

    Args:
        ref: The commit, a branch or a tag.
        repository: The repository that it is in.

    Raises:
        TreeError: If there is no such commit, or it has nothing to measure.
    """
    try:
        commit = git(repository, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    except TreeError:
        raise TreeError(f"{ref} is no commit, branch or tag of this repository") from None
    description = describe(repository, commit)
    with tempfile.TemporaryDirectory(prefix="bench-tree-") as folder:
        archive = Path(folder, "tree.tar")
        git(repository, "archive", f"--output={archive}", commit)
        tree = Path(folder, "tree")
        tree.mkdir()
        subprocess.run(["tar", "--extract", "--file", archive, "--directory", tree], check=True)
        if not (tree / PEER).is_dir():
            raise TreeError(f"{description} has no {PEER}; name a later commit")
        yield Tree(tree, description)


def describe(repository: Path, ref: str) -> str:
    """Return a commit's short hash and subject."""
    return git(repository, "log", "--max-count=1", "--format=%h %s", ref)


def git(repository: Path, *arguments: str) -> str:
    """Run git in a repository and return what it prints."""
    command = ["git", "-C", str(repository), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.splitlines() or [f"git {arguments[0]} failed"]
        raise TreeError(lines[-1])
    return done.stdout.strip()
