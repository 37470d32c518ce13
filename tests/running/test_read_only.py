"""What the service does where the root file system is read-only, as in hardened containers."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from calling import RIGHT, asking_flowers, new_client
from serving import START_SECONDS, Service

REMOUNT = "mount -o remount,bind,ro"
ALONE = ["unshare", "--mount", "sh", "-c"]
# Commands that run another one where nothing but /dev/shm is writable, and where nothing is.
READ_ONLY = [*ALONE, f'{REMOUNT} / && exec "$@"', "sh"]
NOTHING_WRITABLE = [*ALONE, f'{REMOUNT} / && {REMOUNT} /dev/shm && exec "$@"', "sh"]


def can_remount() -> bool:
    """Tell whether these tests may have mounts of their own."""
    if not shutil.which("unshare") or not os.path.ismount("/dev/shm"):
        return False
    return subprocess.run([*NOTHING_WRITABLE, "true"], capture_output=True).returncode == 0


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not can_remount(), reason="needs the right to mount, and /dev/shm"),
]


@pytest.fixture(autouse=True)
def no_runtime_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the folder that a session of a user may have."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)


def answers(service: Service, runner: asyncio.Runner) -> str:
    """Ask a service once, and return how that ended."""

    async def ask() -> str:
        async with new_client(service.address) as client:
            return await asking_flowers(client)(0)

    return runner.run(ask())


def test_the_native_transport_serves_from_a_read_only_root(
    iris: Path, tmp_path: Path, runner: asyncio.Runner
) -> None:
    log = tmp_path / "server.log"
    with Service(iris, log, within=READ_ONLY, variables={"SERVER_TRANSPORT": "native"}) as service:
        assert answers(service, runner) == RIGHT


def test_where_nothing_is_writable_grpcio_serves_and_the_log_tells_why(
    iris: Path, tmp_path: Path, runner: asyncio.Runner
) -> None:
    with Service(iris, tmp_path / "server.log", within=NOTHING_WRITABLE) as service:
        assert answers(service, runner) == RIGHT
        assert "grpcio" in service.log
        assert "since no folder takes its socket" in service.log


def test_where_nothing_is_writable_the_native_transport_is_refused_on_one_line(
    iris: Path,
) -> None:
    serve = [sys.executable, "-m", "iris_classifier", "serve", "--host=127.0.0.1", "--port=0"]
    env = {**os.environ, "PYTHONPATH": str(iris / "src"), "SERVER_TRANSPORT": "native"}
    done = subprocess.run(
        [*NOTHING_WRITABLE, *serve], env=env, capture_output=True, text=True, timeout=START_SECONDS
    )
    assert done.returncode == 1
    assert "TMPDIR" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
