"""Make this project ready to run: a .venv, its packages, the stubs, and a first import.

    python3 scripts/install.py [--serving]

With --serving, only what serves: tests and lint take the rest once they are asked for. Runs from
any folder, and again at any time. Uses uv where it is on PATH, else venv and pip.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
MINIMUM = (3, 11)
TAIL_LINES = 20
SERVING = "server,native,proto"
EVERYTHING = f"{SERVING},dev"
AGAIN = "Once that is mended, run: python3 scripts/install.py"

# Each of these would bring in modules of another environment, or install into it.
LEAKS = {
    "CONDA_PREFIX",
    "PIP_PREFIX",
    "PIP_PYTHON",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_ROOT",
    "PIP_TARGET",
    "PIP_USER",
    "PYTHONHOME",
    "PYTHONPATH",
    "UV_BREAK_SYSTEM_PACKAGES",
    "UV_NO_EDITABLE",
    "UV_NO_PROJECT",
    "UV_PROJECT",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
    "UV_SYSTEM_PYTHON",
    "UV_WORKING_DIR",
    "UV_WORKING_DIRECTORY",
    "VIRTUAL_ENV",
}


class InstallError(Exception):
    """Says in one line what failed and what to do about it."""


def main() -> int:
    """Install, and turn what can go wrong into one line and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(description="Make this project ready to run.")
    parser.add_argument("--serving", action="store_true", help="without the tools for its tests")
    try:
        install(find_uv(), SERVING if parser.parse_args().serving else EVERYTHING)
    except InstallError as error:
        print(f"install.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninstall.py: stopped; run it again to go on", file=sys.stderr)
        return 130
    return 0


def install(uv: str | None, extras: str) -> None:
    """Take the four steps; each finds the work of earlier runs and keeps it."""
    package = package_name()
    python = str(venv_python(VENV, windows=os.name == "nt"))
    make_venv(uv, python)
    install_packages(uv, python, extras)
    compile_proto = [python, str(ROOT / "scripts" / "compile_proto.py")]
    run_step("[3/4]", "Compiling the proto", compile_proto)
    modules = ("engine.serving.server", "model", "service")
    imports = ", ".join(f"{package}.{module}" for module in modules)
    import_server = [python, "-c", f"import {imports}"]
    run_step("[4/4]", "Checking that the service imports", import_server)


def package_name() -> str:
    """Return the name of the package that has the service."""
    services = sorted(ROOT.glob("src/*/service.py"))
    if not services:
        raise InstallError(f"there is no src/PACKAGE/service.py in {ROOT}")
    return services[0].parent.name


def find_uv() -> str | None:
    """Return where uv is, if it is there and starts (a version manager's shim may not)."""
    uv = shutil.which("uv")
    return uv if uv and succeeds([uv, "--version"]) else None


def venv_python(venv: Path, *, windows: bool) -> Path:
    """Return where the interpreter of a virtual environment is."""
    return venv / "Scripts" / "python.exe" if windows else venv / "bin" / "python"


def make_venv(uv: str | None, python: str) -> None:
    """Create .venv, unless there is one that works."""
    if succeeds([python, "-c", f"import sys; sys.exit(sys.version_info < {MINIMUM})"]):
        print("[1/4] Keeping the .venv that is there", flush=True)
        return
    command, tool = venv_command(uv, sys.version_info[:2])
    remove_broken_venv()
    hint = settings_hint("uv") if uv else "; python3-venv (Debian, Ubuntu) or uv may be missing"
    run_step("[1/4]", f"Creating .venv with {tool}", command, hint=hint)


def venv_command(uv: str | None, version: tuple[int, ...]) -> tuple[list[str], str]:
    """Return the command that creates .venv, and the name of its tool.

    The Python that runs this script makes the environment. Only uv can do without, by finding or
    fetching one that is new enough.
    """
    new_enough = version >= MINIMUM
    if uv:
        choice = sys.executable if new_enough else ">={}.{}".format(*MINIMUM)
        return [uv, "venv", "--python", choice, str(VENV)], "uv"
    if new_enough:
        return [sys.executable, "-m", "venv", str(VENV)], "venv"
    raise InstallError(
        "Python {}.{} or newer is needed, and this is {}.{}. ".format(*MINIMUM, *version)
        + "Run this with a newer one, or install uv: https://docs.astral.sh/uv"
    )


def remove_broken_venv() -> None:
    """Remove a .venv whose Python is gone or too old; anything else is left to its owner."""
    if (VENV / "pyvenv.cfg").is_file():
        try:
            shutil.rmtree(VENV)
        except OSError as error:
            raise InstallError(
                f"cannot replace .venv ({error}). Delete it, then run this again."
            ) from error


def install_packages(uv: str | None, python: str, extras: str) -> None:
    """Install this project, so that edits show at once, and all that it needs."""
    project = ["--editable", f".[{extras}]"]
    # Python compiles what it imports; all at once takes pip a quarter of its time.
    options = ["--disable-pip-version-check", "--no-compile"]
    commands = [[python, "-m", "pip", "install", *options, *project]]
    if uv:
        commands = [[uv, "pip", "install", "--python", python, *project]]
    elif not succeeds([python, "-m", "pip", "--version"]):
        # uv makes environments without pip.
        commands.insert(0, [python, "-m", "ensurepip"])
    tool = "uv" if uv else "pip"
    doing = f"Installing the packages with {tool}"
    run_step("[2/4]", doing, *commands, hint=settings_hint(tool))


def settings_hint(tool: str) -> str:
    """Name the environment variables that the tool heeds; their values may be secret."""
    prefix = f"{tool.upper()}_"
    names = sorted(name for name in clean_environment(os.environ) if name.startswith(prefix))
    return f"; {tool} heeds what is set in {', '.join(names)}" if names else ""


def run_step(number: str, doing: str, *commands: list[str], hint: str = "") -> None:
    """Run commands with a progress line; their output is shown only if one of them fails."""
    started = time.monotonic()
    label = f"{number} {doing} ..."
    print(label, end="", flush=True)
    with tempfile.TemporaryFile() as log:
        for command in commands:
            status = run(command, log, label, started)
            if status:
                print(f" failed\n{last_lines(log)}", flush=True)
                raise InstallError(f"{doing} failed, see above{hint}. {AGAIN}")
    again = f"\r{label}" if sys.stdout.isatty() else ""
    print(f"{again} {time.monotonic() - started:.1f} s", flush=True)


def run(command: list[str], log: IO[bytes], label: str, started: float) -> int:
    """Run a command into the log and return its status; count the seconds on a terminal."""
    try:
        process = start(command, log)
    except OSError as error:
        log.write(str(error).encode())
        return 1
    try:
        while True:
            try:
                return process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                if sys.stdout.isatty():
                    print(f"\r{label} {time.monotonic() - started:.0f} s", end="", flush=True)
    except BaseException:
        process.kill()
        process.wait()
        raise


def succeeds(command: list[str]) -> bool:
    """Tell whether a quick command can be run and ends well."""
    try:
        return start(command, subprocess.DEVNULL).wait() == 0
    except OSError:
        return False


def start(command: list[str], output: IO[bytes] | int) -> subprocess.Popen[bytes]:
    """Start a command in the project, with nothing of another environment in its own."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=clean_environment(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables without those of another Python environment."""
    return {name: value for name, value in environ.items() if name not in LEAKS}


def last_lines(log: IO[bytes]) -> str:
    """Return the end of what a command wrote."""
    log.seek(0)
    lines = log.read().decode("utf-8", "replace").rstrip().splitlines()
    return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:])


if __name__ == "__main__":
    sys.exit(main())
