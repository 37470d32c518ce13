"""Update this project: to its schema as you have edited it, to a newer template, to a newer model.

    python scripts/update.py [--source FILE [--trust]] [--template ADDRESS] [--accept-breaking]

The template does the work, in its newest version. This script fetches it.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Where the address of the template is: the second file is there if cruft made the project.
ORIGINS = (Path("schema", "template.json"), Path(".cruft.json"))
UPDATING = Path("grpc_ml_template", "updating", "__main__.py")


class UpdateError(Exception):
    """Says in one line why there is no update."""


def main() -> int:
    """Fetch the template, and let it update this project."""
    parser = argparse.ArgumentParser(description="Update this project.")
    parser.add_argument("--template", default="", help="another address or folder of the template")
    parser.add_argument("--accept-breaking", action="store_true", help="break callers")
    parser.add_argument("--source", default="", help="the model to serve from now on")
    parser.add_argument("--trust", action="store_true", help="run it, whatever its file may run")
    given = parser.parse_args()
    try:
        if find_spec("cookiecutter") is None:
            raise UpdateError("cookiecutter is missing, which the dev extra has; run: make install")
        address = given.template or recorded_address()
        with fetched(address) as template:
            options = ["--project", str(ROOT), "--address", named(given.template)]
            options += ["--source", named(given.source)] if given.source else []
            options += ["--accept-breaking"] if given.accept_breaking else []
            options += ["--trust"] if given.trust else []
            return run(template, options)
    except UpdateError as error:
        print(f"update.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # What ran has said what became of the project.


def recorded_address() -> str:
    """Return where this project says its template is."""
    for path in ORIGINS:
        if (ROOT / path).is_file():
            try:
                return str(json.loads((ROOT / path).read_text(encoding="utf-8"))["template"])
            except (ValueError, KeyError, TypeError):
                raise UpdateError(f'{path}: it is no JSON with a "template"') from None
    raise UpdateError(
        f"{ORIGINS[0]} is missing, which says where the template is; TEMPLATE=ADDRESS"
    )


def named(address: str) -> str:
    """Return an address, or a path, that means the same everywhere."""
    return str(Path(address).resolve()) if address and Path(address).exists() else address


@contextmanager
def fetched(address: str) -> Iterator[Path]:
    """Clone the template, so that its history is there; take a folder without Git as it is."""
    folder = Path(address).expanduser()
    if folder.is_dir() and not (folder / ".git").exists():
        yield checked(folder.resolve(), address)
        return
    source = str(folder) if folder.exists() else expanded(address)
    with tempfile.TemporaryDirectory(prefix="template-") as scratch:
        clone = Path(scratch, "template")
        print(f"Fetching the template from {source} ...", flush=True)
        command = ["git", "clone", "--quiet", "--", source, str(clone)]
        environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
        except OSError as error:
            raise UpdateError(f"Git cannot be run ({error.strerror}); install it") from None
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["it says nothing"]
            raise UpdateError(
                f"the template cannot be fetched from {source} ({said[-1]}); nothing is changed. "
                "TEMPLATE=ADDRESS names another place"
            )
        yield checked(clone, address)


def expanded(address: str) -> str:
    """Return what stands for an address: gh:NAME for one on GitHub."""
    from cookiecutter.config import get_user_config
    from cookiecutter.repository import expand_abbreviations

    abbreviations = get_user_config()["abbreviations"]
    return str(expand_abbreviations(address, abbreviations))


def checked(template: Path, address: str) -> Path:
    """Return the template, if it can update projects."""
    if not (template / UPDATING).is_file():
        raise UpdateError(
            f"{address} is not the template, or is one that cannot update projects yet"
        )
    return template


def run(template: Path, options: list[str]) -> int:
    """Run the template's own code, and return its exit status."""
    environment = {**os.environ, "PYTHONPATH": str(template), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "grpc_ml_template.updating", *options]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # It got the Ctrl-C, too, and ends by itself.


if __name__ == "__main__":
    sys.exit(main())
