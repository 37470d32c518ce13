"""Which warnings fail the tests of a generated project: those of its own code, and no others."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from baking import bake, compile_stubs

LIBRARY = """
import asyncio
import gc
import socket
import threading
import warnings


def warn(level=1):
    warnings.warn("old", DeprecationWarning, stacklevel=level)


def leak():
    socket.socket()


def never_await():
    asyncio.sleep(0)


def divide():
    1 / 0


def fail_in_thread():
    thread = threading.Thread(target=divide)
    thread.start()
    thread.join()


class Divider:
    def __del__(self):
        divide()


def fail_in_destructor():
    Divider()
    gc.collect()
"""
MODEL = """
import numpy as np
import library

from .schema import Inputs, Outputs

library.warn(1)
library.warn(2)


class Model:
    version = "1"
    runtime = "library"

    def predict(self, inputs: Inputs) -> Outputs:
        library.warn(1)
        library.warn(2)
        return Outputs(y=np.zeros(len(inputs.x)))
"""
FAULTS = ("warn", "leak", "never_await", "fail_in_thread", "fail_in_destructor")
PROBES = """from iris_classifier import own
from iris_classifier.engine.serving import inner
import library
""" + "".join(
    f"\n\ndef test_{module}_{fault}():\n    {module}.{fault}()\n"
    for module in ("own", "inner", "library")
    for fault in FAULTS
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose model warns, and which has modules with faults of its own."""
    project = bake(tmp_path_factory.mktemp("warnings"), inputs="x: float", outputs="y: float")
    compile_stubs(project)
    package = project / "src" / "iris_classifier"
    (project / "src" / "library.py").write_text(LIBRARY)
    (package / "own.py").write_text(LIBRARY)
    (package / "engine" / "serving" / "inner.py").write_text(LIBRARY)
    (package / "model.py").write_text(MODEL)
    return project


def own_tests(project: Path, *files: str) -> tuple[int, str]:
    """Run some of the project's own tests; return their status and what they print."""
    command = [sys.executable, "-m", "pytest", "-rpf", "-p", "no:cacheprovider", *files]
    environment = {**os.environ, "PYTHONPATH": str(project / "src")}
    done = subprocess.run(
        command,
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode, done.stdout


def test_a_project_passes_its_tests_though_the_library_of_its_model_warns(project: Path) -> None:
    status, output = own_tests(project, "tests/test_model.py", "tests/test_predict.py")
    assert status == 0, output
    assert "DeprecationWarning: old" in output


def test_a_project_fails_its_tests_where_its_own_code_warns(project: Path) -> None:
    predictor = project / "src" / "iris_classifier" / "engine" / "serving" / "predictor.py"
    text = predictor.read_text()
    predictor.write_text(text + "\nfrom . import inner\n\ninner.warn()\n")
    try:
        status, output = own_tests(project, "tests/test_model.py")
    finally:
        predictor.write_text(text)
    assert status != 0
    assert "DeprecationWarning: old" in output


def test_what_a_project_leaves_behind_fails_its_tests_and_what_others_leave_does_not(
    project: Path,
) -> None:
    probes = project / "tests" / "test_probes.py"
    probes.write_text(PROBES)
    _, output = own_tests(project, str(probes))
    found = {
        name: outcome
        for outcome, name in re.findall(
            r"^(PASSED|FAILED) tests/test_probes.py::test_(\w+)", output, re.MULTILINE
        )
    }
    assert found == {
        f"{module}_{fault}": outcome
        for module, outcome in (("own", "FAILED"), ("inner", "FAILED"), ("library", "PASSED"))
        for fault in FAULTS
    }
