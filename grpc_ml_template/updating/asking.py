"""Asks a new model about the golden rows, in the merged project and before that is written."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .merging import Merged
from .report import progress
from .retraining import Replacement

LONGEST_REASON = 300


def asked(
    found: Replacement, merge: Merged, slug: str, *, trusts: bool
) -> tuple[Merged, list[str]]:
    """The project with what its own probe finds out, and what that says; or why it is not asked.

    Args:
        found: The model.
        merge: The merged project.
        slug: The name of its command.
        trusts: Whether loading may run code of the file's own.
    """
    reason = _reason(found, merge, trusts=trusts)
    if not reason:
        progress("Asking the new model about the golden rows")
        for source, place in found.files:
            _copy(source, merge.folder / place)
        tell_known(found, merge.folder / f"src/{found.package}/golden.json")
        fault, lines = _probed(found.package, merge.folder)
        if not fault:
            return merge.with_edited(_changed(found.package, merge.folder)), lines
        reason = f"it cannot be ({fault})"
    return merge, [f"it is not asked yet, since {reason}; then: .venv/bin/{slug} probe"]


def _reason(found: Replacement, merge: Merged, *, trusts: bool) -> str:
    """Why a model is not to be asked; nothing if it is."""
    if merge.conflicts or not merge.is_compiled:
        return "the project is not whole yet"
    if found.runtime.needs_trust and not trusts:
        imports = ", ".join(found.runtime.imports)
        return f"loading it could run what is in it, and imports {imports} (TRUST=yes asks it)"
    if found.source.packages != found.earlier.packages:
        return f"it needs {', '.join(found.source.packages)}: make install"
    return ""


def _copy(source: Path, target: Path) -> None:
    """Put a file of the model where the project has it; Git may keep it by name only."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def tell_known(found: Replacement, path: Path) -> None:
    """Write which values the model was trained with beside the golden rows, for new ones."""
    inputs = found.signature.inputs
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        content = {"rows": []}
    content["known"] = {part.name: part.familiar for part in inputs if part.familiar}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _probed(package: str, project: Path) -> tuple[str, list[str]]:
    """Let the project's own probe write what it finds out; return what went wrong, and what it says."""
    given = {name: value for name, value in os.environ.items() if name != "SERVER_MODEL_PATH"}
    own = {"PYTHONPATH": str(project / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    # In a session of its own: Ctrl-C is for this process alone, which ends it.
    done = subprocess.run(
        [sys.executable, "-m", package, "probe"],
        cwd=project,
        env={**given, **own},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        start_new_session=True,
    )
    lines = [line for line in done.stdout.splitlines() if not line.endswith("...")]
    if not done.returncode:
        return ("", lines) if lines else ("it ended before it had answered", [])
    said = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
    return said[-1][:LONGEST_REASON], []


def _changed(package: str, project: Path) -> list[str]:
    """The files that a probe writes."""
    paths = [f"src/{package}/golden.json", f"src/{package}/model.py", "schema/template.json"]
    return [path for path in paths if (project / path).is_file()]
