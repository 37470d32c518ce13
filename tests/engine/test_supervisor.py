"""What a supervisor has its workers do."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import engine
import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no workers")

WORKERS = 3
WAIT_SECONDS = 30
SUPERVISOR = """
import sys
from engine.processes import logs, supervisor
from engine.settings import Settings

settings = Settings(host="127.0.0.1", port=0, workers=int(sys.argv[1]))
logs.configure(settings)
supervisor.supervise((sys.executable, *sys.argv[2:]), settings)
"""
# Says what workers say; takes note of each load, which ends it if that is asked for.
WORKER = """
import os, signal, sys

notes, ends = sys.argv[1:]

def load(*_):
    os.write(1, b"loading\\\\n")
    with open(notes, "a") as file:
        file.write("load\\\\n")
    if ends == "ends":
        os.kill(os.getpid(), signal.SIGKILL)
    os.write(1, b"alive\\\\n")

signal.signal(signal.SIGHUP, load)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
os.write(1, b"ready\\\\n")
sys.stdin.readline()
os.write(1, b"listening\\\\n")
sys.stdin.read()
""".replace("\\\\", "\\")


class Running:
    """A supervisor that runs, and what its workers have noted."""

    def __init__(self, folder: Path, ends: str) -> None:
        self._notes, self._log = folder / "notes", folder / "log"
        self._notes.touch()
        worker = ["-c", WORKER, str(self._notes), ends]
        path = str(Path(str(engine.__file__)).parent.parent)
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SUPERVISOR, str(WORKERS), *worker],
                env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
                stdout=log,
                stderr=log,
            )

    @property
    def loads(self) -> int:
        """How often a worker has loaded anew."""
        return self._notes.read_text().count("load")

    @property
    def log(self) -> str:
        """What the supervisor has said."""
        return self._log.read_text()

    def wait_for(self, what: str, is_so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        end = time.monotonic() + WAIT_SECONDS
        while not is_so():
            assert time.monotonic() < end, f"waited in vain for {what}\n{self.log}"
            time.sleep(0.02)


@pytest.fixture
def running(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Running]:
    """A supervisor of workers that a load ends, or not."""
    running = Running(tmp_path, request.param)
    try:
        running.wait_for("the workers to listen", lambda: "Serving on" in running.log)
        yield running
    finally:
        running.process.terminate()
        running.process.wait(WAIT_SECONDS)


@pytest.mark.parametrize("running", ["ends"], indirect=True)
def test_a_model_that_ends_its_worker_is_tried_by_one(running: Running) -> None:
    running.process.send_signal(signal.SIGHUP)
    running.wait_for("the end of one", lambda: "the others stay as they are" in running.log)
    running.wait_for("another one", lambda: "starting another one" in running.log)
    assert running.loads == 1
    running.process.send_signal(signal.SIGHUP)
    running.wait_for("another load", lambda: running.loads == 2)


@pytest.mark.parametrize("running", ["lives on"], indirect=True)
def test_a_model_that_loads_is_loaded_by_all(running: Running) -> None:
    running.process.send_signal(signal.SIGHUP)
    running.wait_for("all loads", lambda: running.loads == WORKERS)
    running.process.send_signal(signal.SIGHUP)
    running.wait_for("all loads anew", lambda: running.loads == 2 * WORKERS)
    assert "A worker" not in running.log
