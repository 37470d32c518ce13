"""Servers as processes: pinned to cores, found and stopped with all that they started."""

import ctypes
import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Self

# From linux/prctl.h: processes whose parent ends become ours instead of init's.
PR_SET_CHILD_SUBREAPER = 36
STOP_SECONDS = 15.0


class Server:
    """A server's processes. The one that is started may start others, even as daemons.

    Args:
        command: What to run.
        folder: Where to run it.
        environment: All of its environment variables.
        cores: The cores it may use, as taskset takes them.
        log: Where its output goes.
    """

    def __init__(
        self, command: str, folder: Path, environment: Mapping[str, str], cores: str, log: Path
    ) -> None:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._log = log
        with log.open("w") as output:
            self._process = subprocess.Popen(
                ["taskset", "--cpu-list", cores, *shlex.split(command)],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process that was started."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process that was started still runs."""
        return self._process.poll() is None

    def last_line(self) -> str:
        """Return the last line of its output."""
        lines = [
            line for line in self._log.read_text(errors="replace").splitlines() if line.strip()
        ]
        return lines[-1].strip() if lines else "it printed nothing"

    def has_loaded(self, library: str) -> bool:
        """Tell whether one of its processes has loaded a shared library of such a name."""
        return any(library in read(f"/proc/{pid}/maps") for pid in descendants(os.getpid()))

    def stop(self) -> None:
        """Ask it to stop, and end what is still there after a while."""
        self._process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while self.running and time.monotonic() < deadline:
            time.sleep(0.05)
        while left := descendants(os.getpid()):
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            for pid in children().get(os.getpid(), ()):
                os.waitpid(pid, 0)
        self._process.wait()


def descendants(pid: int) -> list[int]:
    """Return the processes below one, zombies too."""
    tree = children()
    found = list(tree.get(pid, ()))
    for child in found:
        found += tree.get(child, ())
    return found


def children() -> dict[int, list[int]]:
    """Return the children of each process."""
    tree: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := read(f"{entry}/stat")):
            # The name, in parentheses, may hold anything; the state and the parent follow it.
            parent = int(stat.rpartition(")")[2].split()[1])
            tree.setdefault(parent, []).append(int(entry.name))
    return tree


def read(path: str) -> str:
    """Return a file's text, or nothing if its process is gone."""
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def free_ports(count: int) -> list[int]:
    """Return ports that nothing listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
