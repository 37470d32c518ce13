"""The server of pygrpc-native, whose HTTP/2 runs in Rust, outside the GIL."""

import asyncio
import contextlib
import os
import tempfile
import time

import pygrpc_native.aio

# Longest path of a socket, on the system that takes the least.
LONGEST_SOCKET_PATH = 103
# How much longer the path of the socket is than that of the folder.
SOCKET_NAME_LENGTH = len("/pygrpc-native-12345678/fallback.sock")
# Folders that are writable where the root file system is not, if there is no other.
MORE_FOLDERS = (os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm")

# How long the last words of calls take on their way out.
RELAY_SECONDS = 0.1


class NativeServer(pygrpc_native.aio.Server):
    """Lets calls end before it closes the port.

    The original closes it right after the last call has ended, and clients may miss how it did:
    both calls that are served here and streams, which a grpcio server behind the port serves.
    """

    async def start(self) -> None:
        """Open the port; the socket to the server behind it goes where there is a place for it."""
        before = tempfile.tempdir
        tempfile.tempdir = find_socket_folder()
        try:
            await super().start()
        finally:
            tempfile.tempdir = before

    async def stop(self, grace: float | None) -> None:
        """Stop taking calls, and let those that run end within the grace, in seconds."""
        end = time.monotonic() + (grace or 0)
        if self._fallback:
            await self._fallback.stop(grace)
        if calls := [call.task for call in self._calls.values() if call.task]:
            await asyncio.wait(calls, timeout=max(0.0, end - time.monotonic()))
        await asyncio.sleep(RELAY_SECONDS)
        await super().stop(max(0.0, end - time.monotonic()))


def find_socket_folder() -> str:
    """Return a folder for the socket between the native server and the one behind it.

    Raises:
        OSError: If there is none.
    """
    for folder in (usual_folder(), *MORE_FOLDERS):
        with contextlib.suppress(OSError):
            if folder and len(folder) + SOCKET_NAME_LENGTH <= LONGEST_SOCKET_PATH:
                tempfile.TemporaryFile(dir=folder).close()
                return folder
    raise OSError("no folder takes its socket: set TMPDIR to a writable one with a short path")


def usual_folder() -> str:
    """Return the folder for temporary files, or "" if there is none."""
    try:
        return tempfile.gettempdir()
    except FileNotFoundError:
        return ""
