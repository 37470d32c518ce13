"""Two baked projects that are kept as files: what a change of the template changes shows in them.

``make golden`` renews them. The engine is left out, since it is the same bytes everywhere, and so
is what is no text, compiled, or says where the template is.
"""

import shutil
import tempfile
from pathlib import Path

from baking import TEMPLATE, bake, rendered_files
from samples import SAMPLES

GOLDEN = TEMPLATE / "tests" / "rendering" / "golden"
# The default project, and one whose schema has every kind of field.
ANSWERS = {"iris": SAMPLES["iris"], "kitchen": {**SAMPLES["kitchen"], "model_name": "Kitchen"}}


def baked(name: str, folder: Path) -> dict[str, str]:
    """Bake a project, and return the text of every file to keep, by its path."""
    project = bake(folder, **ANSWERS[name])
    paths = {path.relative_to(project).as_posix(): path for path in rendered_files(project)}
    left_out = ("/engine/", "schema/template.json")
    return {
        name: path.read_text()
        for name, path in paths.items()
        if not any(part in name for part in left_out)
    }


def kept(name: str) -> dict[str, str]:
    """Return the text of every file that is kept of a project, by its path."""
    project = GOLDEN / name
    paths = sorted(path for path in project.rglob("*") if path.is_file())
    return {path.relative_to(project).as_posix(): path.read_text() for path in paths}


def renew() -> None:
    """Write the projects anew."""
    shutil.rmtree(GOLDEN, ignore_errors=True)
    for name in ANSWERS:
        with tempfile.TemporaryDirectory() as folder:
            for path, text in baked(name, Path(folder)).items():
                file = GOLDEN / name / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)


if __name__ == "__main__":
    renew()
