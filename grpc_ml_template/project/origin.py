"""Where a project comes from: the template, its version, and the answers beside the schema."""

import json
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .project import Project

TEMPLATE = Path(__file__).resolve().parents[2]
# The answers that the project has nowhere else as they were given.
KEPT = ("model_name", "description", "project_slug", "package_name", "author")
GIT_SECONDS = 30


def origin(answers: Mapping[str, Any], project: Project) -> str:
    """What a project keeps of its making, as JSON, so that it can be updated."""
    address = str(answers.get("_template", ""))
    if address and Path(address).exists():  # A folder, which is named from anywhere.
        address = str(Path(address).resolve())
    kept = {name: answers[name] for name in KEPT}
    schemas = {"inputs": project.input_schema.text, "outputs": project.output_schema.text}
    return written(address, version(), commit(), kept, schemas, project.kept)


def written(
    address: str,
    number: str,
    revision: str,
    answers: Mapping[str, Any],
    schemas: Mapping[str, str],
    model: Mapping[str, Any],
) -> str:
    """The file's text. People edit the schema's own files; this has what the code was made of."""
    content = {
        "template": address,
        "version": number,
        "commit": revision,
        "made_of": {name: text.splitlines() for name, text in schemas.items()},
        "answers": dict(answers),
        **model,
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def version(template: Path = TEMPLATE) -> str:
    """The version of a template."""
    project = tomllib.loads((template / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def commit(template: Path = TEMPLATE) -> str:
    """The commit of a template; "" if it is no repository of its own."""
    if not (template / ".git").exists():
        return ""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=template,
            capture_output=True,
            text=True,
            timeout=GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()
