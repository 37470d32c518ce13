"""The workflows of the template and of what it generates: they run pinned code with few rights."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from baking import TEMPLATE, bake, run, tool

PINNED = re.compile(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


@pytest.fixture(params=["template", "project"])
def workflow(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The workflow of the template, or that of a project."""
    root = TEMPLATE if request.param == "template" else bake(tmp_path)
    return root / ".github" / "workflows" / "ci.yml"


def jobs(workflow: Path) -> dict[str, Any]:
    """Return the jobs of a workflow by their names."""
    found: dict[str, Any] = yaml.safe_load(workflow.read_text())["jobs"]
    return found


def test_zizmor_finds_nothing(workflow: Path, tmp_path: Path) -> None:
    command = [tool("zizmor"), "--offline", "--no-progress", "--persona", "pedantic"]
    run(*command, "--min-severity", "low", str(workflow), cwd=tmp_path)


def test_every_action_is_pinned_by_commit_and_says_its_version(workflow: Path) -> None:
    used = re.findall(r"uses: (.*)", workflow.read_text())
    assert used
    assert [action for action in used if not PINNED.fullmatch(action)] == []


def test_no_job_may_do_more_than_read_or_run_without_an_end(workflow: Path) -> None:
    assert yaml.safe_load(workflow.read_text())["permissions"] == {}
    for name, job in jobs(workflow).items():
        assert job["permissions"] == {"contents": "read"}, name
        assert 0 < job["timeout-minutes"] <= 120, name


def test_no_job_leaves_the_token_in_its_clone(workflow: Path) -> None:
    steps = [step for job in jobs(workflow).values() for step in job["steps"]]
    clones = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert len(clones) == len(jobs(workflow))
    assert all(step["with"]["persist-credentials"] is False for step in clones)


def test_the_template_is_linted_and_tested_on_its_oldest_python(template: Path) -> None:
    text = (template / ".github" / "workflows" / "ci.yml").read_text()
    oldest = re.search(r'requires-python = ">=(.*)"', (template / "pyproject.toml").read_text())
    assert oldest
    assert f'"{oldest[1]}"' in text
    assert "run: make lint" in text
    assert "run: make test\n" in text
