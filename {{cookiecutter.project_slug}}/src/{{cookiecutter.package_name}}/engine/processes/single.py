"""Serves from this process alone, without workers."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Callable

from ..failures import NoModelError, in_line
from ..project import Serving
from ..serving.server import Server
from ..settings import Settings
from . import allocator, garbage, loop

logger = logging.getLogger(__name__)


def imported(serving: Callable[[], Serving]) -> Serving:
    """Return what to serve, whose import imports the model.

    Raises:
        ModuleNotFoundError: If a package that it takes is not installed.
        NoModelError: If it fails in another way.
    """
    try:
        return serving()
    except ModuleNotFoundError:
        raise
    except BaseException as error:
        raise NoModelError(f"the model cannot be imported: {in_line(error)}") from error


def serve(serving: Callable[[], Serving], settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; a second one cuts the grace short. SIGHUP reloads the model.

    Raises:
        StartError: If it cannot.
    """
    loop.run(until_stopped(imported(serving), settings))


async def until_stopped(serving: Serving, settings: Settings) -> None:
    """Serve on a port of its own."""
    server = Server(serving, settings)
    async with stopped_by_signals(server):
        port = await server.start()
        garbage.freeze()
        logger.info("Serving on %s:%d", settings.host, port)
        await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def stopped_by_signals(server: Server) -> AsyncIterator[None]:
    """Let signals cancel the body, whatever it waits for, and then stop the server."""
    signals = asyncio.get_running_loop()
    body = asyncio.current_task()
    assert body
    tidying = asyncio.create_task(allocator.keep_little())
    reloads: set[asyncio.Task[None]] = set()

    async def reload() -> None:
        if await server.reload():
            garbage.freeze()

    def start_reload() -> None:
        task = asyncio.ensure_future(reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    with contextlib.suppress(NotImplementedError):  # Windows has only its own interrupt.
        signals.add_signal_handler(signal.SIGTERM, body.cancel)
        signals.add_signal_handler(signal.SIGINT, body.cancel)
        signals.add_signal_handler(signal.SIGHUP, start_reload)
    with contextlib.suppress(asyncio.CancelledError):
        try:
            yield
        finally:
            tidying.cancel()
            await server.stop()
