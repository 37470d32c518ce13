"""Projects that cruft has made: both its updates and those of the template keep them right."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from baking import run, tool, write_config
from living import LivingProject, git, template_in_git

pytestmark = pytest.mark.slow

INPUTS = "age: int32 0..120 = 30, income: float"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """The template in Git."""
    return template_in_git(tmp_path / "template")


@pytest.fixture
def project(tmp_path: Path, template: Path) -> LivingProject:
    """A project that cruft has made, with a model that somebody has edited."""
    context = json.dumps({"install": "no", "inputs": INPUTS})
    options = ["--no-input", "--extra-context", context, "--output-dir", str(tmp_path / "made")]
    config = ("--config-file", str(write_config(tmp_path)))
    (tmp_path / "made").mkdir()
    cruft("create", str(template), *options, *config, folder=tmp_path)
    living = LivingProject(tmp_path / "made" / "iris-classifier")
    living.edit("src/PACKAGE/model.py", "class Model:", "# Ours.\nclass Model:")
    living.commit()
    return living


def cruft(*arguments: str, folder: Path) -> str:
    """Run cruft, whose hooks find the tools of these tests."""
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return run(tool("cruft"), *arguments, cwd=folder, env=env)


def newer(template: Path) -> None:
    """Commit a change of the template."""
    path = template / "{{cookiecutter.project_slug}}" / "README.md"
    path.write_text(path.read_text().replace("## Quick start", "## Quickest start"))
    git(template, "commit", "--quiet", "--all", "--message=A quicker start")


def breaking(project: LivingProject) -> subprocess.CompletedProcess[str]:
    """Do what ``make lint`` does for clients that were made before."""
    command = [sys.executable, "scripts/breaking.py"]
    return subprocess.run(
        command, cwd=project.folder, capture_output=True, text=True, check=False, timeout=60
    )


def test_cruft_brings_a_newer_template_and_keeps_edits(
    project: LivingProject, template: Path
) -> None:
    newer(template)
    cruft("update", "--skip-apply-ask", folder=project.folder)
    assert "## Quickest start" in project.read("README.md")
    assert "# Ours." in project.read("src/PACKAGE/model.py")
    assert breaking(project).returncode == 0
    project.commit()
    cruft("check", folder=project.folder)


def test_make_update_keeps_what_cruft_knows_right(project: LivingProject, template: Path) -> None:
    newer(template)
    assert not (project.folder / "schema" / "template.json").exists()
    project.edit("schema/inputs.txt", "age:", "height: float = 1.7\nage:")
    project.update()
    assert "## Quickest start" in project.read("README.md")
    assert "# Ours." in project.read("src/PACKAGE/model.py")
    assert not (project.folder / "schema" / "template.json").exists()
    known = json.loads(project.read(".cruft.json"))
    assert known["commit"] == git(template, "rev-parse", "HEAD").strip()
    assert known["context"]["cookiecutter"]["inputs"] + "\n" == project.read("schema/inputs.txt")
    project.commit()
    cruft("check", folder=project.folder)
    assert "There is nothing to change." in project.update()


def test_a_renumbering_by_cruft_is_caught(project: LivingProject, template: Path) -> None:
    newer(template)
    answers = json.dumps({"inputs": f"height: float = 1.7, {INPUTS}"})
    cruft("update", "--skip-apply-ask", "--variables-to-update", answers, folder=project.folder)
    found = breaking(project)
    assert found.returncode != 0
    assert "Numbers stay with their fields and labels" in found.stdout
    assert 'as in "age: int32 @3"' in found.stdout
