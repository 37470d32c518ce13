"""Bakes projects for the tests, and runs tools in them."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from cookiecutter import generate, utils
from cookiecutter.main import cookiecutter
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

TEMPLATE = Path(__file__).resolve().parents[2]
HELPERS = Path(__file__).parent
TOOLS = Path(sys.executable).parent
# Longest that a tool may take, which is to install, lint or test a whole project.
RUN_SECONDS = 900
# What tools leave in a project.
LEFT_BEHIND = {".venv", "__pycache__", ".ruff_cache", ".mypy_cache", ".pytest_cache"}


class Compiled(BytecodeCache):
    """Keeps compiled templates from bake to bake, which takes two thirds off a bake's time."""

    def __init__(self) -> None:
        """Start with none."""
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take a template from those that are kept; one that was edited is compiled again."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


compiled = Compiled()
create_environment = utils.create_env_with_context


def create_environment_with_cache(context: dict[str, object]) -> Environment:
    """Return cookiecutter's own environment, with the cache."""
    environment: Environment = create_environment(context)
    environment.bytecode_cache = compiled
    return environment


def write_config(folder: Path) -> Path:
    """Write a cookiecutter configuration that keeps its own files in this folder."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    path = home / "config.yaml"
    path.write_text(f"cookiecutters_dir: {home / 'templates'}\nreplay_dir: {home / 'replay'}\n")
    return path


def bake(folder: Path, **answers: object) -> Path:
    """Run cookiecutter without questions and return the project it makes in the folder.

    Only the rendering is done: no hook runs.
    """
    return made_in(folder, answers, hooks=False)


def bake_with_hooks(folder: Path, **answers: object) -> Path:
    """Bake, and run the hooks, which compile or install the project."""
    return made_in(folder, answers, hooks=True)


def made_in(folder: Path, answers: dict[str, object], *, hooks: bool) -> Path:
    """Run cookiecutter in a folder and return the project it makes."""
    folder.mkdir(parents=True, exist_ok=True)
    with mock.patch.object(generate, "create_env_with_context", create_environment_with_cache):
        made = cookiecutter(
            str(TEMPLATE),
            no_input=True,
            extra_context={"install": "no", **answers},
            output_dir=str(folder / "projects"),
            config_file=str(write_config(folder)),
            accept_hooks=hooks,
        )
    return Path(made)


def compile_stubs(project: Path) -> None:
    """Compile the project's proto with the grpcio-tools of these tests."""
    run(sys.executable, "scripts/compile_proto.py", cwd=project)


def tool(name: str) -> str:
    """Return where a tool is that is installed with these tests."""
    return shutil.which(name, path=str(TOOLS)) or name


def run(*command: str, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command and return what it prints; fail with that if it fails."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=RUN_SECONDS,
    )
    output = done.stdout.decode(errors="replace")
    assert done.returncode == 0, f"{' '.join(command[:3])} ...\n{output}"
    return output


def lint(project: Path) -> None:
    """Run the project's linters and formatters on it, in check mode."""
    run(tool("ruff"), "check", "--no-cache", "--quiet", cwd=project)
    run(tool("ruff"), "format", "--no-cache", "--quiet", "--diff", cwd=project)
    run(tool("buf"), "lint", cwd=project)
    run(tool("buf"), "format", "--diff", "--exit-code", cwd=project)


def rendered_files(project: Path) -> Iterator[Path]:
    """Yield every text file that the template wrote, and none that a tool did."""
    for path in sorted(project.rglob("*")):
        left_behind = LEFT_BEHIND & set(path.relative_to(project).parts)
        is_text = path.suffix != ".onnx" and "_pb2" not in path.name
        if path.is_file() and is_text and not left_behind:
            yield path
