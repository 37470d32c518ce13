"""The tests of a project end, and say why, whatever its model does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from baking import RUN_SECONDS, bake, compile_stubs

pytestmark = pytest.mark.slow

LOAD = '        """Load the model, once."""\n'
PREDICT = '        """Predict a batch of n instances."""\n'
# So long that the tests cannot wait for it; what they leave behind ends some time after them.
SLEEP = "        import time\n\n        time.sleep(600)\n"
SLEEP_WITH_THE_GIL = "        import ctypes\n\n        ctypes.PyDLL(None).sleep(600)\n"


def replace(path: Path, old: str, new: str) -> None:
    """Replace a text in a file."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def fail_tests(
    folder: Path, place: str, line: str, *options: str, wait_seconds: float = 50.0
) -> str:
    """Return what the tests of a project say that fail since its model has this line.

    Args:
        wait_seconds: How long they wait for one thing.
    """
    project = bake(folder)
    compile_stubs(project)
    replace(project / "src" / "iris_classifier" / "model.py", place, place + line)
    replace(
        project / "tests" / "running.py", "WAIT_SECONDS = 50.0", f"WAIT_SECONDS = {wait_seconds}"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-k", "test_model or signal or reload", *options],
        cwd=project,
        env={**os.environ, "PYTHONPATH": "src"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )
    assert done.returncode == 1, done.stdout
    return done.stdout


def test_the_tests_of_a_project_end_whose_model_cannot_be_loaded(tmp_path: Path) -> None:
    said = fail_tests(tmp_path, LOAD, '        raise OSError("the file is broken")\n')
    assert "OSError: the file is broken" in said
    assert "the server ended and did not say: Serving on" in said


def test_the_tests_of_a_project_end_whose_model_fails(tmp_path: Path) -> None:
    said = fail_tests(tmp_path, PREDICT, '        raise RuntimeError("out of memory")\n')
    assert "RuntimeError: out of memory" in said


def test_the_tests_of_a_project_end_whose_model_does_not_answer(tmp_path: Path) -> None:
    # Not as long as the project's own setting has it, which only makes this test quicker.
    said = fail_tests(tmp_path, PREDICT, SLEEP, wait_seconds=10.0)
    assert "s in vain until the model has answered" in said
    assert "s in vain for the server to say: Serving on" in said


def test_the_tests_of_a_project_end_whose_model_holds_the_gil(tmp_path: Path) -> None:
    # Sooner than the project's own setting has it, which only makes this test quicker.
    said = fail_tests(tmp_path, PREDICT, SLEEP_WITH_THE_GIL, "-o", "faulthandler_timeout=20")
    assert "Timeout (0:00:20)!" in said
    assert "model.py" in said
