"""A project of an older release follows the template, and keeps what people have made of it."""

import json
import os
import sys
from pathlib import Path

import pytest
from baking import rendered_files, run
from living import LivingProject, bake_from, git, template_in_git

pytestmark = pytest.mark.slow

ANSWERS = {
    "model_name": "Credit",
    "inputs": "age: int32 0..120 = 30, income: float, tier: enum(free, premium)",
    "outputs": "risk: enum(low, high), score: float",
}
MODEL_EDIT = ("class Model:", "# Ours.\nclass Model:")
README_EDIT = ("## Quick start", "Ask Ada about it.\n\n## Quick start")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template in Git, with the tags of its releases."""
    return template_in_git(tmp_path_factory.mktemp("template") / "template")


def texts(project: Path) -> dict[str, str]:
    """Return the text of every file that the template wrote, by its path."""
    paths = [
        path for path in rendered_files(project) if ".git" not in path.relative_to(project).parts
    ]
    return {path.relative_to(project).as_posix(): path.read_text() for path in paths}


def test_a_project_of_0_2_0_becomes_one_of_now(tmp_path: Path, template: Path) -> None:
    old = tmp_path / "old-template"
    git(tmp_path, "clone", "--quiet", "--branch", "v0.2.0", str(template), str(old))
    project = LivingProject(bake_from(old, tmp_path / "baked", **ANSWERS))
    project.edit("src/PACKAGE/model.py", *MODEL_EDIT)
    project.edit("README.md", *README_EDIT)
    project.commit()
    [replay] = (path for path in (tmp_path / "baked").glob("*.json"))
    command = [sys.executable, "-m", "grpc_ml_template.updating"]
    options = ["--answers", str(replay), "--address", str(template)]
    # Which release it was is in Git's history of the template, where it has been cloned to.
    env = {**os.environ, "PYTHONPATH": str(template), "PYTHONDONTWRITEBYTECODE": "1"}
    output = run(*command, *options, cwd=project.folder, env=env)
    assert "In conflict" not in output
    assert "UU" not in project.status()
    fresh = LivingProject(bake_from(template, tmp_path / "fresh", **ANSWERS))
    fresh.edit("src/PACKAGE/model.py", *MODEL_EDIT)
    fresh.edit("README.md", *README_EDIT)
    assert texts(project.folder) == texts(fresh.folder)
    origin = json.loads(project.read("schema/template.json"))
    assert origin["commit"] == git(template, "rev-parse", "HEAD").strip()
    project.commit()
    assert "There is nothing to change." in project.update()
    env = {**os.environ, "PYTHONPATH": str(project.folder / "src")}
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2"]
    run(*tests, cwd=project.folder, env=env)
