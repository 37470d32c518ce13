"""What the figures were measured on."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path


def describe() -> dict[str, str | int]:
    """Return the machine's hardware and the versions of what is on it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": cpu(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(memory),
        "system": f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}",
        "h2load": subprocess.run(
            ["h2load", "--version"], capture_output=True, text=True, check=True
        ).stdout.strip(),
    }


def cpu() -> str:
    """Return the processor's name."""
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()
