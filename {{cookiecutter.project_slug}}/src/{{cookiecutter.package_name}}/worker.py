"""One of several workers on a port; workers.py starts and stops it."""

import asyncio
import os
import sys
from typing import BinaryIO

from . import garbage, logs, loop
from .server import Server, stopped_by_signals
from .settings import Settings
from .workers import LISTEN, LISTENING, READY


async def work(settings: Settings, words: BinaryIO) -> None:
    """Load the model, listen when told to, and serve until the supervisor is gone.

    Args:
        settings: How to serve.
        words: Where to tell the supervisor how far it is.
    """
    server = Server(settings, share_port=True)
    async with stopped_by_signals(server):
        await server.load()
        garbage.freeze()
        orders = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
        )
        words.write(READY)
        if await orders.readline() == LISTEN:
            await server.listen()
            words.write(LISTENING)
            await orders.read()  # Ends with the supervisor.


def take_stdout() -> BinaryIO:
    """Return the standard output; what the model prints goes to the standard error from now on."""
    sys.stdout.flush()
    words = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return words


if __name__ == "__main__":
    words = take_stdout()
    settings = Settings()
    logs.configure(settings)
    loop.run(work(settings, words))
