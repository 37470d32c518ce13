"""What a supervisor learns of its workers."""

import asyncio
import os
import sys
import time
from typing import Any

import pytest
from engine.processes.child import Child
from engine.settings import Settings
from waiting import run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no workers")


def test_a_worker_that_ends_as_it_is_told_to_keeps_its_status(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = os.waitpid

    def late(pid: int, options: int) -> Any:  # As where asyncio's thread comes second.
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        time.sleep(0.1)
        return taken(pid, options)

    async def check() -> None:
        child = await Child.start([sys.executable, "-c", "raise SystemExit(3)"], Settings(), port=0)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        child.terminate()
        assert await asyncio.wait_for(child.end, 10) == 3

    monkeypatch.setattr(os, "waitpid", late)
    run(check())
