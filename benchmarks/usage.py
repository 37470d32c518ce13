"""What the processes of a server use: processor time and memory."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from .processes import descendants, read

TICKS = os.sysconf("SC_CLK_TCK")
# From proc(5): written to clear_refs it makes the memory's peak begin anew.
RESET_PEAK = "5"


class Memory(NamedTuple):
    """Resident memory in MiB, all processes together; what they share counts for each."""

    now: float
    peak: float


def processes(pid: int) -> list[int]:
    """Return a process and those below it."""
    return [pid, *descendants(pid)]


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a server's processes have used."""
    ticks = 0
    for each in processes(pid):
        if stat := read(f"/proc/{each}/stat"):
            # The name, in parentheses, may hold anything; the times are the 14th and 15th field.
            user, system = stat.rpartition(")")[2].split()[11:13]
            ticks += int(user) + int(system)
    return ticks / TICKS


def memory(pid: int) -> Memory:
    """Return the memory of a server's processes, and its peak since it was reset."""
    status = [read(f"/proc/{each}/status") for each in processes(pid)]
    now, peak = (
        sum(int(kib) for text in status for kib in re.findall(rf"^{name}:\s+(\d+)", text, re.M))
        for name in ("VmRSS", "VmHWM")
    )
    return Memory(now / 1024, peak / 1024)


def reset_peak(pid: int) -> None:
    """Forget the peak of the memory until now, which is that of the start."""
    for each in processes(pid):
        with suppress(FileNotFoundError, ProcessLookupError):  # It has ended meanwhile.
            Path(f"/proc/{each}/clear_refs").write_text(RESET_PEAK)
