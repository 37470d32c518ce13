"""Virtual environments, one a system, kept between runs; and the project that is baked."""

import atexit
import functools
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .systems import GRPC_ML, IRIS, Project, System

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser()
CACHE /= "cookiecutter-grpc-ml/bench"
# Some of the peers have no wheels for a later one.
PYTHON = "3.11"


class InstallError(Exception):
    """Says in one line why a system could not be installed."""


@dataclass(frozen=True)
class Installation:
    """A system that is installed.

    Attributes:
        env: Its environment.
        home: The benchmarks folder that its files below peers/ and shared/ are in. Another
            commit's project goes with that commit's own, since they import its modules.
    """

    env: Path
    home: Path = HERE


def uv() -> str:
    """Return where uv is."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if not found:
        sys.exit("benchmarks: uv is missing; run: make bench")
    return found


def of(system: System) -> Installation:
    """Install a system with all it needs.

    Raises:
        InstallError: If it cannot be had.
    """
    folder = HERE / "peers" / system.folder
    if system.folder == GRPC_ML:
        return bake(project=system.project)
    env = install(system.folder, folder / "requirements.txt")
    for command in system.setup:
        program, *arguments = shlex.split(command.format(env=env))
        run([str(env / "bin" / program), *arguments], cwd=folder)
    return Installation(env)


def tools() -> Path:
    """Return the environment that trains the models and draws the plot."""
    return install("tools", HERE / "tools.txt")


def install(name: str, requirements: Path) -> Path:
    """Return an environment that has these requirements, made now or by an earlier run."""
    key = hashlib.sha256(f"{PYTHON}\n{requirements.read_text()}".encode()).hexdigest()[:12]
    folder = CACHE / f"{name}-{key}"
    ready = folder / ".ready"
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        run([uv(), "venv", "--quiet", "--python", PYTHON, str(folder)])
        add(folder, requirements)
        ready.touch()
    return folder


def add(folder: Path, requirements: Path) -> None:
    """Install requirements into an environment."""
    python = str(folder / "bin" / "python")
    run([uv(), "pip", "install", "--quiet", "--python", python, "--requirement", str(requirements)])


@functools.cache
def bake(tree: Path = TEMPLATE, project: Project = IRIS) -> Installation:
    """Bake a project of a tree anew, install it, and give it the benchmark's model.

    Every tree has an extension of the same name, so each is baked by a process of its own.
    """
    output = tempfile.mkdtemp(prefix="bench-baked-")
    atexit.register(shutil.rmtree, output, ignore_errors=True)
    # With -P the current folder is not looked into for the extension.
    command = [sys.executable, "-P", "-m", "cookiecutter", "--no-input", "--default-config"]
    given = {"model_name": project.name, "inputs": project.inputs, "outputs": project.outputs}
    answers = [f"{name}={answer}" for name, answer in given.items() if answer]
    path = os.pathsep.join([str(Path(uv()).parent), os.environ["PATH"]])
    done = subprocess.run(
        [*command, f"--output-dir={output}", str(tree), *answers],
        env={**os.environ, "PATH": path},
        check=False,
    )
    if done.returncode:
        raise InstallError("the template cannot be baked, see above")
    (baked,) = Path(output).iterdir()
    env = baked / ".venv"
    if not (env / "bin" / project.command).exists():
        raise InstallError("the baked project could not install itself, see above")
    home = tree / HERE.relative_to(TEMPLATE)
    folder = home / "peers" / GRPC_ML
    shutil.copy(folder / project.model, baked / "src" / project.package / "model.py")
    add(env, folder / "requirements.txt")
    return Installation(env, home)


def versions(folder: Path) -> dict[str, str]:
    """Return the version of every package in an environment."""
    python = str(folder / "bin" / "python")
    lines = run([uv(), "pip", "freeze", "--python", python]).splitlines()
    pins = (line.split("==") for line in lines if "==" in line)
    return {name.lower(): version for name, version in pins}


def run(command: Sequence[str], cwd: Path | None = None) -> str:
    """Run a command to its end and return what it printed; if it fails, raise its last line."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise InstallError(lines[-1].strip() if lines else f"{command[0]} failed")
    return done.stdout
