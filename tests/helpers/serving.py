"""Server processes of a baked project, and what tests do to them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

START_SECONDS = 60
STOP_SECONDS = 30


class Service:
    """The service of a project, in a process of its own.

    Args:
        project: Where it was baked.
        log: Where its log goes.
        port: Where it listens; 0 is a free port.
        within: What to run it in: a command that takes a command.
        variables: More environment variables.
    """

    def __init__(
        self,
        project: Path,
        log: Path,
        *,
        port: int = 0,
        within: Sequence[str] = (),
        variables: Mapping[str, object] | None = None,
    ) -> None:
        self._log = log
        self._asked = False
        env = {**os.environ, "PYTHONPATH": str(project / "src")}
        env |= {name: str(value) for name, value in (variables or {}).items()}
        serve = [*within, sys.executable, "-m", "iris_classifier", "serve"]
        with log.open("w") as file:
            self._process = subprocess.Popen(
                [*serve, "--host=127.0.0.1", f"--port={port}"], stderr=file, env=env
            )

    def __enter__(self) -> Self:
        """Wait until it serves."""
        end = time.monotonic() + START_SECONDS
        while "Serving on " not in self.log:
            assert self._process.poll() is None, f"the server ended at its start\n{self.log}"
            in_vain = f"waited {START_SECONDS} s in vain for the server to serve"
            assert time.monotonic() < end, f"{in_vain}\n{self.log}"
            time.sleep(0.02)
        self.address = self.log.split("Serving on ")[1].split()[0]
        return self

    def __exit__(self, *error: object) -> None:
        """Stop it, and hold it to an orderly end unless the test has failed."""
        try:
            status = self.stop()
            assert error[0] or status == 0, self.log
        finally:
            self._process.kill()
            self._process.wait()

    @property
    def log(self) -> str:
        """What it has logged; nothing if that goes into a pipe, which is its test's to read."""
        return self._log.read_text(errors="replace") if self._log.is_file() else ""

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.address.rpartition(":")[2])

    @property
    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process that was started: the supervisor."""
        return self._process.pid

    @property
    def workers(self) -> list[int]:
        """The processes that it has started, which have the model."""
        return [
            int(n) for n in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        ]

    def terminate(self) -> None:
        """Ask it to stop, once."""
        if not self._asked:
            self._process.send_signal(signal.SIGTERM)
        self._asked = True

    def stop(self) -> int:
        """Ask it to stop, and return the status that it ends with."""
        self.terminate()
        try:
            return self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            in_vain = f"waited {STOP_SECONDS} s in vain for the server to end"
            raise AssertionError(f"{in_vain}\n{self.log}") from None

    def rows(self) -> int:
        """Stop it, and return how many rows its workers have predicted, whose model is an echo."""
        self.stop()
        return sum(int(rest.split()[0]) for rest in self.log.split("Rows: ")[1:])

    def memory(self) -> float:
        """Return the resident memory of its workers in MiB."""
        return sum(memory_of(pid, "VmRSS") for pid in self.workers)

    def peak_memory(self) -> float:
        """Return the most resident memory that its workers ever had, in MiB."""
        return sum(memory_of(pid, "VmHWM") for pid in self.workers)


def memory_of(pid: int, name: str) -> float:
    """Return a figure of a process's memory in MiB, or 0 if it has ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
    return 0.0


Start = Callable[..., Service]

needs_proc = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")


@contextmanager
def importable(project: Path) -> Iterator[None]:
    """Let the tests import the project's package."""
    sys.path.insert(0, str(project / "src"))
    try:
        yield
    finally:
        sys.path.remove(str(project / "src"))
