"""A worker, as its supervisor sees it: what it says, whether it is silent, and how it ends."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Sequence
from typing import Any, Self

from ..failures import WorkerError
from ..settings import Settings
from .allocator import ENVIRONMENT
from .words import LISTEN, LISTENING, LOADING, READY

logger = logging.getLogger(__name__)

# How often in the model's timeout a worker's silence is looked at.
LOOKS = 10
# Time that a process needs to say where it hangs.
TRACEBACK_SECONDS = 0.5


class Child(asyncio.SubprocessProtocol):
    """A worker's process. It is killed once it has been silent for the model's timeout.

    Time is counted in looks, not read from a clock: a supervisor that was stopped for an hour has
    heard nothing for an hour, and the workers are not to blame.

    Attributes:
        pid: The number of the process.
        end: Done once the process has ended, with its status.
    """

    def __init__(self, timeout: float) -> None:
        self.end: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._timeout = timeout
        self._said = {READY: asyncio.Event(), LISTENING: asyncio.Event()}
        self._has_loaded = asyncio.Event()
        self._unfinished = b""
        self._is_loading = True
        self._looks_in_silence = 0
        self._reloads_when_ready = False

    @classmethod
    async def start(cls, command: Sequence[str], settings: Settings, port: int) -> Self:
        """Start a worker for a port, with a command."""
        # SIGHUP would end a process that does not handle it yet; the worker lets it through then.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
        try:
            _, child = await asyncio.get_running_loop().subprocess_exec(
                lambda: cls(settings.model_timeout_seconds),
                *command,
                stderr=None,
                env={
                    **ENVIRONMENT,
                    **os.environ,
                    "SERVER_HOST": settings.host,
                    "SERVER_PORT": str(port),
                },
                start_new_session=True,  # Ctrl-C is for the supervisor, which passes it on.
            )
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
        return child

    async def ready(self) -> None:
        """Wait until the worker has loaded its model.

        Raises:
            WorkerError: If it ends before.
        """
        await self._hear(READY)

    async def listen(self) -> None:
        """Let the worker listen, and wait until it does.

        Raises:
            WorkerError: If it ends before.
        """
        stdin = self._transport.get_pipe_transport(0)
        assert isinstance(stdin, asyncio.WriteTransport)
        stdin.write(LISTEN)
        await self._hear(LISTENING)

    def terminate(self) -> None:
        """Ask the process to end."""
        self._signal(signal.SIGTERM)

    async def reload(self) -> bool:
        """Let the worker load its model anew, and wait until it has; return whether it lives on.

        One that has not loaded it yet does so later, and is not waited for.
        """
        if not self._said[READY].is_set():
            self._reloads_when_ready = True
            return True
        self._has_loaded.clear()
        self._signal(signal.SIGHUP)
        await self._until(self._has_loaded)
        return not self.end.done()

    def kill(self) -> None:
        """End the process, and those that its model has started."""
        if not self.end.done():
            self._kill_group()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport
        self.pid = transport.get_pid()
        self._watching = asyncio.create_task(self._watch())

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        *words, self._unfinished = (self._unfinished + data).split(b"\n")
        for word in words:
            self._take_note(word + b"\n")

    def process_exited(self) -> None:
        # Its pipes may stay open longer, in forks of it.
        self._watching.cancel()
        self._kill_group()
        status = self._transport.get_returncode()
        assert status is not None
        self.end.set_result(status)
        self._transport.close()

    def _kill_group(self) -> None:
        """End what is there of the worker; forks of it would take connections and never answer."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        # asyncio's send_signal takes the status of a process that has just ended before Python 3.13,
        # and then reports another one: https://github.com/python/cpython/issues/87744.
        if not self.end.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def _hear(self, word: bytes) -> None:
        """Wait for a word."""
        await self._until(self._said[word])
        if not self._said[word].is_set():
            raise WorkerError(self.end.result())

    async def _until(self, event: asyncio.Event) -> None:
        """Wait for an event, or for the end of the process."""
        waiting = asyncio.create_task(event.wait())
        either: list[asyncio.Future[Any]] = [waiting, self.end]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()

    def _take_note(self, word: bytes) -> None:
        self._looks_in_silence = 0
        if self._is_loading and word != LOADING:
            self._has_loaded.set()
        self._is_loading = word == LOADING
        if word in self._said:
            self._said[word].set()
        if word == READY and self._reloads_when_ready:
            self._signal(signal.SIGHUP)

    async def _watch(self) -> None:
        """Kill the worker when it has been silent for too long."""
        await self._said[READY].wait()
        while self._looks_in_silence <= LOOKS:
            await asyncio.sleep(self._timeout / LOOKS)
            self._looks_in_silence += not self._is_loading
        logger.error(
            "Worker %d has been silent for %g seconds (SERVER_MODEL_TIMEOUT_SECONDS), as when its "
            "model holds Python's lock; ending it",
            self.pid,
            self._timeout,
        )
        self._signal(signal.SIGQUIT)
        await asyncio.sleep(TRACEBACK_SECONDS)
        self.kill()
