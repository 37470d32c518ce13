"""One of the workers on a port; its supervisor starts and stops it."""

import asyncio
import contextlib
import faulthandler
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable

from ..failures import StartError, tell
from ..project import Serving
from ..serving.server import Server
from ..settings import Settings
from . import garbage, logs, loop
from .pulse import Pulse
from .single import imported, stopped_by_signals
from .words import LISTENING, READY


class Orders(asyncio.Protocol):
    """What the supervisor says: that the worker may listen, and, by its end, that it shall stop.

    Args:
        stop: Called when the supervisor is gone.

    Attributes:
        may_listen: Set once the worker may.
    """

    def __init__(self, stop: Callable[[], object]) -> None:
        self.may_listen = asyncio.Event()
        self._stop = stop

    def data_received(self, data: bytes) -> None:
        self.may_listen.set()  # There is no other word.

    def connection_lost(self, error: Exception | None) -> None:
        self._stop()


async def work(serving: Serving, settings: Settings, pulse: Pulse) -> None:
    """Load the model, listen when told to, and serve until the supervisor is gone.

    Args:
        serving: What to serve.
        settings: How to serve it.
        pulse: Where to tell the supervisor how far it is.
    """
    server = Server(serving, settings, share_port=True, on_loading=pulse.loading)
    async with beating(pulse), supervisor_orders() as orders, stopped_by_signals(server):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})  # Held back by the supervisor.
        await server.load()
        garbage.freeze()
        pulse.say(READY)
        await orders.may_listen.wait()
        await server.listen()
        pulse.say(LISTENING)
        await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def beating(pulse: Pulse) -> AsyncIterator[None]:
    """Let the pulse beat in the body."""
    beat = asyncio.create_task(pulse.beat())
    try:
        yield
    finally:
        beat.cancel()


@contextlib.asynccontextmanager
async def supervisor_orders() -> AsyncIterator[Orders]:
    """Give what the supervisor says; its end cancels the task, as a signal does."""
    task = asyncio.current_task()
    assert task
    orders = Orders(task.cancel)
    loop = asyncio.get_running_loop()
    pipe, _ = await loop.connect_read_pipe(lambda: orders, sys.stdin)
    try:
        yield orders
    finally:
        pipe.close()


def take_stdout() -> int:
    """Return the standard output; what the model prints goes to the standard error from now on."""
    sys.stdout.flush()
    taken = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return taken


def main(serving: Callable[[], Serving]) -> None:
    """Run the worker.

    Args:
        serving: Returns what to serve.
    """
    taken = take_stdout()
    faulthandler.register(signal.SIGQUIT)  # The supervisor's question where a silent worker is.
    settings = Settings()
    logs.configure(settings)
    try:
        loop.run(work(imported(serving), settings, Pulse(taken, settings.model_timeout_seconds)))
    except StartError as error:
        tell(error)
        sys.exit(1)
