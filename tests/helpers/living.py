"""Projects that live on in Git, and are updated."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from baking import RUN_SECONDS, TEMPLATE, compile_stubs, run

AUTHOR = {
    f"GIT_{who}_{what}": "somebody" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}
VERSION = str(tomllib.loads((TEMPLATE / "pyproject.toml").read_text())["project"]["version"])


def git(folder: Path, *arguments: str) -> str:
    """Run Git in a folder, and return what it prints."""
    return run("git", *arguments, cwd=folder, env={**os.environ, **AUTHOR})


def make_repository(folder: Path, message: str = "As it is") -> Path:
    """Put all that is in a folder into a Git repository."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all", "--force", ".")
    git(folder, "commit", "--quiet", f"--message={message}")
    return folder


def template_in_git(folder: Path) -> Path:
    """Return the template as it is now, in a repository of its own, with the releases' tags."""
    options = ("--cached", "--others", "--exclude-standard", "-z")
    for name in git(TEMPLATE, "ls-files", *options).rstrip("\0").split("\0"):
        if (TEMPLATE / name).exists():  # What is deleted and not committed is not.
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TEMPLATE / name, folder / name)
    make_repository(folder)
    for bundle in sorted((TEMPLATE / "tests" / "releases").glob("*.bundle")):
        tag = f"refs/tags/v{bundle.stem}"
        if bundle.stem != VERSION:
            git(folder, "fetch", "--quiet", str(bundle), f"{tag}:{tag}")
    git(folder, "tag", f"v{VERSION}")
    return folder


def bake_from(template: Path, folder: Path, **answers: str) -> Path:
    """Bake a project with a template's own code, in a process of its own; no hook runs."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.yaml"
    config.write_text(json.dumps({"cookiecutters_dir": str(folder), "replay_dir": str(folder)}))
    given = [f"{name}={value}" for name, value in {"install": "no", **answers}.items()]
    command = [sys.executable, "-m", "cookiecutter", str(template), "--no-input"]
    options = ["--accept-hooks", "no", "--config-file", str(config), "--output-dir", str(folder)]
    run(*command, *options, *given, cwd=folder)
    [project] = (path.parent for path in folder.glob("*/pyproject.toml"))
    compile_stubs(project)
    return project


class LivingProject:
    """A project in Git, which people edit and update.

    Attributes:
        folder: Where it is.
    """

    def __init__(self, folder: Path) -> None:
        """Put it into Git, as it was baked."""
        self.folder = make_repository(folder, "As it was baked")
        [self.package] = [path.parent.name for path in folder.glob("src/*/service.py")]

    def read(self, path: str) -> str:
        """Return what is in a file; PACKAGE stands for the package's name."""
        return self._path(path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        self._path(path).write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Put a text in the place of one that is there once."""
        text = self.read(path)
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {path}:\n{text}"
        self.write(path, text.replace(old, new))

    def _path(self, path: str) -> Path:
        return self.folder / path.replace("PACKAGE", self.package)

    def commit(self) -> None:
        """Commit all that is changed."""
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--allow-empty", "--message=A change")

    def status(self) -> str:
        """Return what Git says is changed."""
        return git(self.folder, "status", "--porcelain")

    def try_update(self, *options: str) -> tuple[int, str]:
        """Do what ``make update`` does; return its exit status and what it prints."""
        done = subprocess.run(
            [sys.executable, "scripts/update.py", *options],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=RUN_SECONDS,
        )
        return done.returncode, done.stdout

    def update(self, *options: str) -> str:
        """Update it, and return what that prints; fail unless nothing is left to do."""
        status, output = self.try_update(*options)
        assert status == 0, output
        return output

    def refusal(self, *options: str) -> str:
        """Return why it is not updated; fail if it is, or if that changes anything."""
        before = self.status()
        status, output = self.try_update(*options)
        assert status == 1, output
        assert self.status() == before
        return output
