"""Runs the workers on a port: starts them, passes signals on, and replaces those that die or hang.

A worker is a process of its own, not a fork, which gRPC would not survive. Even a single one has a
supervisor, since nothing within a process can end a model that holds Python's lock. The supervisor
stays small: it imports neither NumPy nor gRPC nor the model.
"""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence

from ..failures import CannotListenError, WorkerError, in_words
from ..settings import Settings
from .child import Child

logger = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
# A worker that has run this long did not fail at its start; pauses begin anew.
STEADY_SECONDS = 60.0
# Time that workers have to end once their grace is over.
END_SECONDS = 1.0
# Time that the system needs to end what is killed.
KILL_SECONDS = 0.5


class Supervisor:
    """Keeps workers running until a signal stops them all.

    Args:
        command: What starts a worker.
        settings: How to serve.
    """

    def __init__(self, command: Sequence[str], settings: Settings) -> None:
        self._command = command
        self._settings = settings
        self._children: set[Child] = set()
        self._reload_asked = asyncio.Event()

    async def keep_running(self) -> None:
        """Run the workers; none listens before all are ready.

        Raises:
            CannotListenError: If the port cannot be opened.
            WorkerError: If a worker does not get ready at the start.
        """
        self._handle_signals()
        reloading = asyncio.create_task(self._reload_when_asked())
        with contextlib.suppress(asyncio.CancelledError), reserved_port(self._settings) as port:
            try:
                children = [await self._start(port) for _ in range(self._settings.workers)]
                await asyncio.gather(*(child.ready() for child in children))
                await asyncio.gather(*(child.listen() for child in children))
                logger.info("Serving on %s:%d", self._settings.host, port)
                await asyncio.gather(*(self._keep(child, port) for child in children))
            except WorkerError:
                # The others fail likewise, and say why; cut short, one may say something else last.
                await self._wait(END_SECONDS)
                raise
            finally:
                reloading.cancel()
                await self._stop()

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        run = asyncio.current_task()
        assert run
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, run.cancel)
        loop.add_signal_handler(signal.SIGHUP, self._reload_asked.set)

    async def _reload_when_asked(self) -> None:
        """Let one worker load its model anew, then all others, unless that has ended the first."""
        while True:
            await self._reload_asked.wait()
            self._reload_asked.clear()
            if not self._children:  # Those that are started next load what is there then.
                continue
            first, *others = self._children
            if await first.reload():
                await asyncio.gather(*(child.reload() for child in others))
            else:
                logger.error("A worker has ended while it loaded anew; the others stay as they are")

    async def _stop(self) -> None:
        """Stop all workers together, since one that goes first drops the calls on its port."""
        last = time.monotonic() + self._settings.grace_seconds + END_SECONDS
        self._terminate()
        while self._children and (seconds := last - time.monotonic()) > 0:
            try:
                await self._wait(seconds)
            except asyncio.CancelledError:  # A second signal cuts the grace short.
                self._terminate()
                last = min(last, time.monotonic() + END_SECONDS)
        for child in self._children:
            logger.error("Worker %d has not ended within its grace; killing it", child.pid)
            child.kill()
        await self._wait(KILL_SECONDS)

    def _terminate(self) -> None:
        for child in self._children:
            child.terminate()

    async def _wait(self, seconds: float) -> None:
        """Wait until all workers have ended, for so long at most."""
        if self._children:
            await asyncio.wait([child.end for child in self._children], timeout=seconds)
            await asyncio.sleep(0)  # They are taken note of.

    async def _start(self, port: int) -> Child:
        child = await Child.start(self._command, self._settings, port)
        self._children.add(child)
        child.end.add_done_callback(lambda _: self._children.discard(child))
        return child

    async def _keep(self, child: Child, port: int) -> None:
        """Replace a worker whenever it ends."""
        pause = FIRST_PAUSE
        while True:
            since = time.monotonic()
            status = await asyncio.shield(child.end)
            if time.monotonic() - since > STEADY_SECONDS:
                pause = FIRST_PAUSE
            logger.error("A worker ended with %s; starting another one", in_words(status))
            child, pause = await self._replace(port, pause)

    async def _replace(self, port: int, pause: float) -> tuple[Child, float]:
        """Start a worker after a pause, again and again with longer ones until it is ready."""
        while True:
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            try:
                child = await self._start(port)
                await child.ready()
                await child.listen()
                return child, pause
            except (WorkerError, OSError) as error:  # Such as no memory for a process.
                logger.error("%s; trying again in %g s", error, pause)


@contextlib.contextmanager
def reserved_port(settings: Settings) -> Iterator[int]:
    """Hold the port for workers to share, without listening on it."""
    host = settings.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    address = (host, settings.port)
    with socket.socket(family) as holder:
        # Connections of a server that was here a minute ago are no hindrance.
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            with socket.socket(family) as probe:  # Fails if others listen, however they share.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
            holder.bind(address)
        except (OSError, TypeError, ValueError) as error:  # A host may be no name at all.
            where = f"{settings.host}:{settings.port}"
            reason = getattr(error, "strerror", None) or error
            setting = "SERVER_HOST and SERVER_PORT set it"
            raise CannotListenError(f"cannot listen on {where}: {reason}; {setting}") from None
        yield holder.getsockname()[1]


def supervise(command: Sequence[str], settings: Settings) -> None:
    """Serve with workers; see Supervisor."""
    try:
        asyncio.run(Supervisor(command, settings).keep_running())
    except WorkerError as error:
        if error.status == 1:  # The worker has said why, and that is to be the last word.
            sys.exit(1)
        raise
