"""Bakes a project in a process of its own, since each version of the template brings its code."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .errors import UpdateError

BAKE = """
import json, sys
from cookiecutter.main import cookiecutter

cookiecutter(**json.load(sys.stdin), no_input=True, accept_hooks=False)
"""
LONGEST_REASON = 500


def bake(template: Path, answers: Mapping[str, str], folder: Path) -> Path:
    """Bake a project into a folder that is made, and return the project's.

    Raises:
        UpdateError: If the template refuses the answers.
    """
    folder.mkdir()
    with tempfile.TemporaryDirectory(prefix="bake-") as scratch:
        # Nothing of the user's own settings comes in, and no replay file is written over.
        config = Path(scratch, "config.yaml")
        config.write_text(json.dumps({"cookiecutters_dir": scratch, "replay_dir": scratch}))
        given = {
            "template": str(template),
            "extra_context": dict(answers),
            "output_dir": str(folder),
            "config_file": str(config),
        }
        found = subprocess.run(
            [sys.executable, "-I", "-c", BAKE],
            cwd=scratch,
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
        )
    if found.returncode:
        reason = found.stderr.strip().splitlines()[-1:] or ["no reason is told"]
        raise UpdateError(f"the template cannot be baked: {reason[0][-LONGEST_REASON:]}")
    [project] = folder.iterdir()
    return project
