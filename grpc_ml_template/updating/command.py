"""The command line of an update."""

import argparse
import io
import sys
from pathlib import Path

from ..language.errors import AnswerError
from .errors import UpdateError
from .update import Wish, update

FOLDER = Path(__file__).resolve().parents[2]


def main() -> None:
    """Update a project, or say in one line why not."""
    parser = argparse.ArgumentParser(prog="make update", description="Updates a project.")
    parser.add_argument("--project", type=Path, default=Path.cwd(), help="the project's folder")
    parser.add_argument("--address", default="", help="where the template is that this is")
    parser.add_argument(
        "--answers", type=Path, help="a replay file, for projects without their own"
    )
    parser.add_argument("--accept-breaking", action="store_true", help="break callers")
    parser.add_argument("--source", default="", help="the model to serve from now on")
    parser.add_argument("--trust", action="store_true", help="run it, whatever its file may run")
    given = parser.parse_args()
    wish = Wish(
        project=given.project.resolve(),
        template=FOLDER,
        address=given.address,
        answers=given.answers,
        accepts_breaking=given.accept_breaking,
        source=given.source,
        trusts=given.trust,
    )
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Labels are in any script.
            stream.reconfigure(errors="backslashreplace")
    try:
        is_clean = update(wish)
    except (AnswerError, UpdateError) as error:
        sys.exit(f"make update: {error}")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.exit(f"make update: {where}{error.strerror}; nothing is changed")
    sys.exit(0 if is_clean else 3)
