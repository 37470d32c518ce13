"""Make the new project ready to run, or say which one command does it.

Nothing here may fail the run: cookiecutter would delete a project that is whole.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# Answers come in as data, never as code: tojson leaves no quote that could end the string.
ANSWERS = json.loads(
    r"""{{
        {
            "model_name": cookiecutter.model_name,
            "install": cookiecutter.install,
            "project_slug": cookiecutter.project_slug | default(""),
            "from_cruft": cookiecutter._commit is defined,
            "trust_source": cookiecutter.trust_source | default("no"),
            "source": source_files(cookiecutter) if source_files is defined else {},
        } | tojson
    }}"""
)


def main() -> None:
    """Install or only compile, as answered, and end with what to do next."""
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    project = Path.cwd()
    if is_throwaway(project):
        return
    for note in ANSWERS["source"].get("notes", ()):
        print(f"Note: {note}", flush=True)
    copy_source()
    install = is_yes(ANSWERS["install"]) and may_install()
    done = run("install.py", "--serving") if install else run("compile_proto.py", quiet=True)
    folder = folder_to_type(project, os.environ.get("PWD"))
    if not done:
        print(the_one_command(folder, os.name))
        return
    print(f"\n{about_model(installed=install)}{next_steps(folder, installed=install)}")


def copy_source() -> None:
    """Copy the files of the model into the project; without them there is none."""
    for source, place in ANSWERS["source"].get("files", ()):
        try:
            Path(place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)
        except OSError as error:
            sys.exit(f"source: {source} cannot be copied ({error.strerror}); no project is made")
    if golden := ANSWERS["source"].get("golden"):
        try:
            Path(ANSWERS["source"]["golden_file"]).write_text(json.dumps(golden), encoding="utf-8")
        except OSError as error:
            sys.exit(f"golden.json cannot be written ({error.strerror}); no project is made")


def is_trusted() -> bool:
    """Tell whether the source may be run, if it has anything to run."""
    return not ANSWERS["source"].get("needs_trust") or is_yes(ANSWERS["trust_source"])


def may_install() -> bool:
    """Tell whether the packages may be installed: those that a source names may run code, too."""
    foreign = ANSWERS["source"].get("foreign", ())
    if foreign and not is_trusted():
        print(
            f"Nothing is installed: the source asks for {', '.join(foreign)}, which could run what "
            "is in them.",
            flush=True,
        )
        return False
    return True


def about_model(*, installed: bool) -> str:
    """Ask the model, if it is there and may be run; return what became of the project."""
    source = ANSWERS["source"]
    ready = f"{ANSWERS['model_name']} is ready. What next:"
    if not source:
        return ready
    lines = []
    package, again = package_name(), f".venv/bin/{ANSWERS['project_slug']} probe"
    if not is_trusted():
        imports = ", ".join(source["imports"])
        what = f": it imports {imports}" if imports else ""
        lines += [f"The model is not loaded, which could run what is in it{what}."]
    elif installed:
        if probe(package):
            return ready
        ready = f"{ANSWERS['model_name']} is written, but its model has not been asked. What next:"
    after = "" if installed else "After make install: "
    lines += [f"{after}{again} asks the model how it is called, and what it answers", ready]
    return "\n\n".join(lines)


def probe(package: str) -> bool:
    """Ask the model how it is called, and what it answers; tell whether it has answered.

    A model may end the process, and with a status that means all is well.
    """
    folder, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    ended_well = ends_well([str(Path(".venv", folder, name)), "-m", package, "probe"])
    golden = Path(ANSWERS["source"]["golden_file"])
    return ended_well and golden.exists() and "made_by" in golden.read_text(encoding="utf-8")


def is_throwaway(project: Path) -> bool:
    """Tell whether cruft makes this project only to compare it, in a temporary folder.

    `cruft update` and `cruft diff` take all they find there for a part of the template: an
    environment or stubs would end up in the user's diff.
    """
    temporary = Path(tempfile.gettempdir()).resolve()
    return bool(ANSWERS["from_cruft"]) and temporary in project.resolve().parents


def is_yes(answer: object) -> bool:
    """Tell whether an answer means yes; replay files and old versions give text, not booleans."""
    return str(answer).strip().lower() in {"true", "yes", "y", "on", "1"}


def run(script: str, *options: str, quiet: bool = False) -> bool:
    """Run a script of the project and tell whether it ended well, whatever happens."""
    return ends_well([sys.executable, str(Path("scripts", script)), *options], quiet=quiet)


def ends_well(command: list[str], *, quiet: bool = False) -> bool:
    """Run a command and tell whether it ended well, whatever happens."""
    output = subprocess.DEVNULL if quiet else None
    try:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    except OSError as error:
        print(error)
        return False
    try:
        return process.wait() == 0
    except KeyboardInterrupt:
        # The script got the Ctrl-C too and ends by itself.
        process.wait()
        return False


def folder_to_type(project: Path, shell_folder: str | None) -> str:
    """Return how to name the project's folder: by name alone from the folder that holds it."""
    beside = shell_folder is None or Path(shell_folder) == project.parent
    return project.name if beside else str(project)


def quoted(path: str, os_name: str = os.name) -> str:
    """Return a path as the system's shell takes it."""
    if os_name == "nt":
        return f'"{path}"' if " " in path else path
    return shlex.quote(path)


def the_one_command(folder: str, os_name: str) -> str:
    """Return the message for a project that still has to be installed."""
    python = "python" if os_name == "nt" else "python3"
    return (
        f"\n{ANSWERS['model_name']} is written, but not installed yet. This completes it:\n\n"
        f"    {python} {quoted(f'{folder}/scripts/install.py', os_name)}"
    )


def package_name() -> str:
    """Return the name of the project's package."""
    return next(Path("src").glob("*/service.py")).parent.name


def next_steps(folder: str, *, installed: bool) -> str:
    """Return the commands that come next."""
    steps = [f"cd {quoted(folder)}"]
    if not installed:
        steps.append("make install    create .venv and install into it")
    steps += [
        "make serve      run the service",
        "make test       run its tests",
    ]
    if not ANSWERS["source"]:
        steps += [f"then put your model into src/{package_name()}/model.py"]
    return "\n    ".join(["\n", *steps])


if __name__ == "__main__":
    main()
