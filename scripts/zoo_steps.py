"""What is tried with one model of the zoo: a project is made, asked, served and compared."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from zoo_models import TEMPLATE, ZooModel

sys.path.insert(0, str(TEMPLATE / "tests" / "helpers"))
from baking import bake_with_hooks

RUNS = TEMPLATE / "tests" / "helpers" / "zoo" / "runs.py"
# Longest that one step may take.
STEP_SECONDS = 300
LONGEST_REASON = 160
# What a refusal begins with: the path of the model.
ABOUT_SOURCE = re.compile('^source: ".*?": ')
# Cookiecutter changes the folder that the whole process is in.
baking = threading.Lock()


class StepError(Exception):
    """A step failed; the message says why in a few words."""


@dataclass
class Result:
    """What came of a model.

    Attributes:
        model: The model.
        failed: Why a step failed, by its name; a step that is not here went well.
    """

    model: ZooModel
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def runs(self) -> bool:
        """Whether onnxruntime itself runs it."""
        return "run" not in self.failed

    @property
    def generates(self) -> bool:
        """Whether there is a project."""
        return "generate" not in self.failed

    @property
    def serves(self) -> bool:
        """Whether a server of it starts."""
        return self.generates and "serve" not in self.failed

    @property
    def agrees(self) -> bool:
        """Whether the server answers as the library."""
        return self.serves and not {"probe", "check", "test"} & {*self.failed}

    @property
    def first_failure(self) -> tuple[str, str]:
        """The first step that failed, and why."""
        return next(iter(self.failed.items()))


class Steps:
    """Takes the steps with the Python of an environment."""

    def __init__(self, python: Path) -> None:
        self._python = python

    def take(self, model: ZooModel, folder: Path) -> Result:
        """Try all with one model; what is made of it goes into the folder."""
        folder.mkdir(parents=True)
        result = Result(model)
        self._try(result, "run", folder, str(RUNS), str(model.path))
        try:
            project = made(model, folder)
        except Exception as error:  # Whatever it is, it is what a user gets.
            result.failed["generate"] = short(ABOUT_SOURCE.sub("", str(error)))
            return result
        [service] = project.glob("src/*/service.py")
        package = service.parent.name
        self._try(result, "probe", project, "-m", package, "probe")
        try:
            with self._server(project, package, folder / "server.log") as address:
                if "probe" not in result.failed:
                    check = ("-m", package, "check", "--timeout=60", f"--server={address}")
                    self._try(result, "check", project, *check)
        except StepError as error:
            result.failed["serve"] = str(error)
        if result.agrees:
            # Over grpcio, which the test says; the server above has the quicker transport.
            pytest = ("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", "not native")
            self._try(result, "test", project, *pytest, "tests/test_golden.py")
        return result

    def _try(self, result: Result, step: str, folder: Path, *arguments: str) -> None:
        """Run Python in a folder, and note why it failed."""
        try:
            done = subprocess.run(
                [self._python, *arguments],
                cwd=folder,
                env=variables(folder),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=STEP_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            result.failed[step] = f"took more than {STEP_SECONDS} s"
            return
        if done.returncode:
            result.failed[step] = telling(done.stdout) or f"ended with status {done.returncode}"

    @contextmanager
    def _server(self, project: Path, package: str, log: Path) -> Iterator[str]:
        """Run a server of a project on a free port, and yield its address once it serves."""
        serve = [str(self._python), "-m", package, "serve", "--host=127.0.0.1", "--port=0"]
        with (
            log.open("w") as file,
            subprocess.Popen(serve, cwd=project, env=variables(project), stderr=file) as process,
        ):
            try:
                yield address(process, log)
            finally:
                process.terminate()


def made(model: ZooModel, folder: Path) -> Path:
    """Make a project for a model, with no other answer."""
    with baking, quiet():
        return bake_with_hooks(folder, source=str(model.path))


@contextmanager
def quiet() -> Iterator[None]:
    """Print nothing on stdout, which the processes of the hooks share."""
    kept = os.dup(1)
    with open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def address(server: subprocess.Popen[bytes], log: Path) -> str:
    """Wait until a server says where it serves.

    Raises:
        StepError: If it ends before, or takes too long.
    """
    end = time.monotonic() + STEP_SECONDS
    while time.monotonic() < end:
        has_ended = server.poll() is not None
        text = log.read_text(errors="replace")
        if "Serving on " in text:
            return text.split("Serving on ")[1].split()[0]
        if has_ended:
            raise StepError(telling(text))
        time.sleep(0.05)
    raise StepError(f"did not serve within {STEP_SECONDS} s")


def variables(project: Path) -> dict[str, str]:
    """Return the environment variables of what runs in a project."""
    return {**os.environ, "PYTHONPATH": str(project / "src"), "SERVER_WORKERS": "0"}


def telling(text: str) -> str:
    """Return the line of an output that says what went wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    failed = [line.removeprefix("E  ") for line in lines if line.startswith("E  ")][:1]
    wrong = failed or [line for line in lines if "Error: " in line]
    return short((wrong or lines or [""])[-1])


def short(text: str) -> str:
    """Return the start of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_REASON else f"{line[:LONGEST_REASON]} ..."
