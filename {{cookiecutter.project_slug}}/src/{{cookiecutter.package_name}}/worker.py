"""One of several workers on a port; workers.py starts and stops it."""

import asyncio
import sys

from . import logs, loop
from .server import Server, stopped_by_signals
from .settings import Settings
from .workers import LISTEN, LISTENING, READY


async def work(settings: Settings) -> None:
    """Load the model, listen when told to, and serve until the supervisor is gone."""
    server = Server(settings, share_port=True)
    async with stopped_by_signals(server):
        await server.load()
        orders = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
        )
        say(READY)
        if await orders.readline() == LISTEN:
            await server.listen()
            say(LISTENING)
            await orders.read()  # Ends with the supervisor.


def say(word: bytes) -> None:
    """Tell the supervisor."""
    sys.stdout.buffer.write(word)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    settings = Settings()
    logs.configure(settings)
    loop.run(work(settings))
