"""Checks style and types of the engine, and of its tests, where they lie: no project is baked.

The settings are those of projects. Nothing is written into the template's folder, where
cookiecutter would copy it.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parents[1]
PROJECT = TEMPLATE / "{{cookiecutter.project_slug}}"
PACKAGE = PROJECT / "src" / "{{cookiecutter.package_name}}"
TESTS = TEMPLATE / "tests"
TOOLS = Path(sys.executable).parent


def ruff_settings() -> str:
    """Return the part of a project's pyproject.toml that is about ruff, without its tags."""
    text = (PROJECT / "pyproject.toml").read_text()
    lines = [line for line in text.split("\n") if not line.startswith("{%")]
    python = next(line for line in lines if line.startswith("requires-python"))
    first, stop = lines.index("[tool.ruff]"), lines.index("[tool.mypy]")
    return "\n".join(["[project]", 'name = "engine"', 'version = "0"', python, *lines[first:stop]])


def passes(*command: str | Path, cwd: Path) -> bool:
    """Run a tool in a folder, and tell whether it has nothing to say."""
    path = [str(PACKAGE), str(TESTS / "helpers"), str(TESTS / "engine")]
    environment = {**os.environ, "MYPYPATH": os.pathsep.join(path)}
    tool, *arguments = command
    return subprocess.run([TOOLS / tool, *arguments], cwd=cwd, env=environment).returncode == 0


def main() -> None:
    """Run all tools; exit with 1 if one has something to say."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "pyproject.toml")
        config.write_text(ruff_settings())
        ruff = ("--no-cache", "--config", config)
        # The folders in between have names that are tags.
        check = ("ruff", "check", *ruff, "--extend-ignore", "N999", PACKAGE / "engine")
        mypy = (
            *("mypy", "--strict", "--config-file=", "--disable-error-code=import-untyped"),
            f"--cache-dir={TEMPLATE / '.mypy_cache' / 'engine'}",
        )
        results = [
            passes(*check, cwd=TEMPLATE),
            passes("ruff", "format", "--check", *ruff, PACKAGE / "engine", cwd=TEMPLATE),
            passes(*mypy, "--package=engine", cwd=PACKAGE),
            passes(*mypy, TESTS / "engine", cwd=TEMPLATE),
        ]
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
