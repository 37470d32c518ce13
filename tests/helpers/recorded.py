"""Models that are kept with what their own libraries have answered, and projects made for them."""

import json
import os
import sys
from pathlib import Path

from baking import TEMPLATE, bake_with_hooks, run

MODELS = TEMPLATE / "tests" / "sources" / "models"
NAMES = sorted(path.name for path in MODELS.iterdir())
# Writes what is kept as golden rows of a project, whose schema says which field is called how.
WRITE = """
import json, math, sys
from pathlib import Path
from importlib import import_module

kept, package = json.loads(Path(sys.argv[1]).read_text()), sys.argv[2]
schema = import_module(f"{package}.schema").SCHEMA


def number(value):
    if isinstance(value, list):
        return [number(each) for each in value]
    return math.nan if value == "nan" else value


def given(values):
    fields = {field.alias or field.name: field.name for field in schema.inputs}
    return {fields[name]: None if v == "nan" else number(v) for name, v in values.items()}


def answered(values):
    fields = {field.alias or field.name: field for field in schema.outputs}
    found = {}
    for name, value in values.items():
        field = fields[name]
        is_vector = isinstance(value, list) and hasattr(field, "labels")
        found[field.name] = dict(zip(field.labels, value)) if is_vector else number(value)
    return found


pairs = zip(kept["rows"], kept["answers"], strict=True)
rows = [{"instance": given(row), "answer": answered(answer)} for row, answer in pairs]
content = {"made_by": kept["made_by"], "rows": rows}
Path(sys.argv[3]).write_text(json.dumps(content))
"""


def model_of(name: str) -> Path:
    """Return the file or the folder of a model that is kept."""
    [found] = (path for path in (MODELS / name).glob("model*") if "." in path.name or path.is_dir())
    return found


def made_for(name: str, folder: Path, python: str = sys.executable) -> Path:
    """Return a project that is made for a model that is kept, with its answers as golden rows."""
    answers = MODELS / name / "answers.json"
    # What a file does not tell is typed.
    typed = json.loads(answers.read_text(encoding="utf-8")).get("schema", {})
    project = bake_with_hooks(folder, source=str(model_of(name)), **typed)
    golden = package_of(project) / "golden.json"
    run_in(project, python, "-c", WRITE, str(answers), package_of(project).name, str(golden))
    return project


def package_of(project: Path) -> Path:
    """Return the folder of a project's package."""
    [package] = (path.parent for path in project.glob("src/*/service.py"))
    return package


def run_in(project: Path, python: str, *arguments: str) -> str:
    """Run Python in a project, and return what it prints; fail with that if it fails."""
    modules = {"PYTHONPATH": str(project / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    return run(python, *arguments, cwd=project, env={**os.environ, **modules})
