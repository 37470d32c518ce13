"""What becomes of memory that is freed."""

import asyncio
import ctypes
import resource
from pathlib import Path

import pytest
from engine.processes import allocator
from engine.processes.allocator import keep_little
from waiting import run

MEMORY = Path("/proc/self/statm")


def memory() -> int:
    """Return how many bytes of memory this process has."""
    return int(MEMORY.read_text().split()[1]) * resource.getpagesize()


@pytest.mark.skipif(
    not MEMORY.exists() or not hasattr(ctypes.CDLL(None), "mallinfo2"),
    reason="this is not Linux with a glibc that tells of its memory",
)
def test_what_lies_idle_goes_back_to_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocator, "LOOK_SECONDS", 0.01)

    async def check() -> None:
        keeping = asyncio.create_task(keep_little())
        pieces = [b"x" * 100_000 for _ in range(2000)]
        in_use = memory()
        last = pieces[-1]
        pieces.clear()  # What lies before the last one cannot go by itself.
        while memory() > in_use - 100_000_000:
            await asyncio.sleep(0.01)
        assert last
        keeping.cancel()

    run(check())
