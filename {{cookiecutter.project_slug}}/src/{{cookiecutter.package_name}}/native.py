"""The server of pygrpc-native, whose HTTP/2 runs in Rust, outside the GIL."""

import asyncio
import time

import pygrpc_native.aio

# How long the last words of a stream take from the server behind the port to the port.
RELAY_SECONDS = 0.1


class NativeServer(pygrpc_native.aio.Server):
    """Lets streams end before it closes the port.

    Streams both ways are served by a grpcio server behind the port. The original closes the port
    right after that one has stopped, and clients may miss how their last streams ended.
    """

    async def stop(self, grace: float | None) -> None:
        """Stop taking calls, and let those that run end within the grace, in seconds."""
        began = time.monotonic()
        if self._fallback:
            await self._fallback.stop(grace)
            await asyncio.sleep(RELAY_SECONDS)
        await super().stop(grace and max(0.0, grace - (time.monotonic() - began)))
