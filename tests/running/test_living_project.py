"""A schema grows by hand: what has to be touched, and what says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from baking import bake, compile_stubs, run

pytestmark = pytest.mark.deep

# The field that is added, file by file: what stands before it there, and what it is.
FIELD = {
    "proto/iris_classifier/v1/service.proto": [
        (
            "  optional float petal_width = 4;\n",
            "  // How it smells.\n  optional float scent = 5;\n",
        ),
        (
            "  repeated float petal_width = 4;\n",
            "  // One value a row.\n  repeated float scent = 5;\n",
        ),
    ],
    "src/iris_classifier/schema.py": [
        ("from typing import Literal, ", "NotRequired, "),
        ("    petal_width: float\n", "    scent: NotRequired[float | None]\n"),
        ("    petal_width: NDArray[np.float32]\n", "    scent: NDArray[np.float32]\n"),
        (
            '        Number("petal_width", np.float32, low=0, high=30, about="Petal width in cm."),\n',
            '        Number("scent", np.float32, low=0, high=1, default=0.5, about="Scent."),\n',
        ),
    ],
    "tests/examples.py": [
        ('    "petal_width": 0.2,\n', '    "scent": 0.25,\n'),
        ('    "petal_width": 1.4,\n', '    "scent": 0.75,\n'),
    ],
    "README.md": [("| `petal_width` |", "")],
}
STUBS = {f"src/iris_classifier/v1/service_pb2.{end}" for end in ("py", "pyi")}


def add_to(project: Path, name: str) -> None:
    """Add the field to a file by hand."""
    path = project / name
    text = path.read_text()
    for before, addition in FIELD[name]:
        assert text.count(before) == 1, f"{name} has not {before!r} once"
        text = text.replace(before, before + addition)
    path.write_text(text)


def outcome_of(project: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """Run tests of a project."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *names]
    env = {**os.environ, "PYTHONPATH": "src"}
    return subprocess.run(
        command, cwd=project, env=env, capture_output=True, text=True, timeout=900
    )


def test_a_field_that_is_added_by_hand_touches_few_files_and_the_tests_say_which(
    tmp_path: Path,
) -> None:
    project = bake(tmp_path)
    compile_stubs(project)
    run("git", "init", "--quiet", cwd=project)
    run("git", "add", ".", cwd=project)
    add_to(project, "proto/iris_classifier/v1/service.proto")
    stale = outcome_of(project, "tests/test_contract.py")
    assert "is stale: make proto" in stale.stdout
    compile_stubs(project)
    told = outcome_of(project, "tests/test_contract.py")
    assert told.returncode == 1
    assert "scent" in told.stdout
    add_to(project, "src/iris_classifier/schema.py")
    add_to(project, "tests/examples.py")
    done = outcome_of(project)
    assert done.returncode == 0, done.stdout
    changed = {
        line.split()[1] for line in run("git", "diff", "--name-status", cwd=project).splitlines()
    }
    assert changed == {*FIELD} - {"README.md"} | STUBS
