"""The template: fetched, and in the version that a project was made with."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..project.origin import version
from .errors import UpdateError
from .git import Git
from .origins import Origin


@dataclass(frozen=True)
class Template:
    """A version of the template.

    Attributes:
        folder: Where it is.
        version, commit: Which one it is; the commit is empty without Git.
    """

    folder: Path
    version: str
    commit: str


def newest(folder: Path) -> Template:
    """The template in a folder, as it is."""
    git = Git(folder)
    commit = git("rev-parse", "HEAD").strip() if (folder / ".git").exists() else ""
    return Template(folder, version(folder), commit)


@contextmanager
def of_project(new: Template, origin: Origin) -> Iterator[Template]:
    """The version of a template that a project was made with.

    Raises:
        UpdateError: If the template does not have it.
    """
    if not new.commit:
        if origin.version != new.version:
            raise UpdateError(
                f"the template is no Git repository, so that version {origin.version}, with which "
                "the project was made, is not in it; name one with TEMPLATE="
            )
        yield new
        return
    git = Git(new.folder)
    revision = next((r for r in _revisions(origin) if git.finds("cat-file", "-e", r)), None)
    if revision is None:
        names = " and ".join(filter(None, [origin.commit, origin.version and f"v{origin.version}"]))
        raise UpdateError(
            f"the template has no {names}, with which the project was made; name one that has "
            "with TEMPLATE="
        )
    commit = git("rev-parse", revision).strip()
    if commit == new.commit:
        yield new
        return
    with tempfile.TemporaryDirectory(prefix="template-") as folder:
        old = Path(folder, "template")
        Git(Path(folder))(
            "clone", "--quiet", "--shared", "--no-checkout", str(new.folder), str(old)
        )
        Git(old)("checkout", "--quiet", commit)
        yield Template(old, origin.version, commit)


def _revisions(origin: Origin) -> list[str]:
    found = [f"{origin.commit}^{{commit}}"] if origin.commit else []
    return [*found, f"refs/tags/v{origin.version}^{{commit}}"] if origin.version else found
