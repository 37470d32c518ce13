"""Runs several workers on one port, and restarts those that die.

A worker is a process of its own, not a fork, which gRPC would not survive. It loads the model,
says so on its standard output, listens once it is told to on its standard input, and says so too.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator

from .settings import Settings
from .transport import CannotListenError

logger = logging.getLogger(__name__)

READY, LISTEN, LISTENING = b"ready\n", b"listen\n", b"listening\n"
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
# A worker that lived for so long did not die of the way it starts.
STEADY_SECONDS = 60.0


class WorkerError(Exception):
    """A worker did not get ready."""


class Supervisor:
    """Keeps workers running until a signal stops them all."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._processes: set[Process] = set()

    async def run(self) -> None:
        """Run the workers; none listens before all are ready.

        Raises:
            CannotListenError: If the port cannot be opened.
            WorkerError: If a worker does not get ready at the start.
        """
        self._handle_signals()
        with contextlib.suppress(asyncio.CancelledError), reserved_port(self._settings) as port:
            try:
                starts = [self._start(port) for _ in range(self._settings.workers)]
                workers = await asyncio.gather(*starts)
                await asyncio.gather(*map(self._listen, workers))
                logger.info("Serving on %s:%d", self._settings.host, port)
                await asyncio.gather(*(self._keep(worker, port) for worker in workers))
            finally:
                await self._stop()

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        run = asyncio.current_task()
        assert run
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, run.cancel)
        loop.add_signal_handler(signal.SIGHUP, self._signal, signal.SIGHUP)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)

    async def _stop(self) -> None:
        """Stop all workers together, since one that goes first drops the calls on its port."""
        while self._processes:
            self._signal(signal.SIGTERM)
            # A signal in the meantime is passed on, and cuts the workers' grace short.
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*map(self._end, list(self._processes)))

    async def _start(self, port: int) -> Process:
        """Start a worker, and wait until it is ready to listen."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", f"{__package__}.worker"),
            stdin=PIPE,
            stdout=PIPE,
            env={**os.environ, "SERVER_HOST": self._settings.host, "SERVER_PORT": str(port)},
            start_new_session=True,  # Ctrl-C is for the supervisor, which passes it on.
        )
        self._processes.add(process)
        await self._hear(process, READY)
        return process

    async def _listen(self, process: Process) -> None:
        """Let a worker listen, and wait until it does."""
        assert process.stdin
        process.stdin.write(LISTEN)
        await self._hear(process, LISTENING)

    async def _hear(self, process: Process, word: bytes) -> None:
        """Wait for a word of a worker."""
        assert process.stdout
        if await process.stdout.readline() != word:
            raise WorkerError(f"a worker ended with status {await self._end(process)} at its start")

    async def _end(self, process: Process) -> int:
        """Wait for the end of a worker, and return its status."""
        status = await process.wait()
        self._processes.discard(process)
        return status

    async def _keep(self, process: Process, port: int) -> None:
        """Replace a worker whenever it dies."""
        pause = FIRST_PAUSE
        while True:
            since = time.monotonic()
            status = await self._end(process)
            if time.monotonic() - since > STEADY_SECONDS:
                pause = FIRST_PAUSE
            logger.error("A worker ended with status %d; starting another one", status)
            process, pause = await self._replace(port, pause)

    async def _replace(self, port: int, pause: float) -> tuple[Process, float]:
        """Start a worker after a pause, again and again with longer ones until it is ready."""
        while True:
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            try:
                process = await self._start(port)
                await self._listen(process)
                return process, pause
            except WorkerError as error:
                logger.error("%s; trying again", str(error).capitalize())


@contextlib.contextmanager
def reserved_port(settings: Settings) -> Iterator[int]:
    """Hold the port for workers to share, without listening on it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    address = (settings.host, settings.port)
    with socket.socket(family) as holder:
        # Connections of a server that was here a minute ago are no hindrance.
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            with socket.socket(family) as probe:  # Fails if others listen, however they share.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
            holder.bind(address)
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise CannotListenError(f"cannot listen on {where}: {error.strerror}") from None
        yield holder.getsockname()[1]


def run(settings: Settings) -> None:
    """Serve with workers; see Supervisor."""
    asyncio.run(Supervisor(settings).run())
