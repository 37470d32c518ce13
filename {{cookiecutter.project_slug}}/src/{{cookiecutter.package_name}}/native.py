"""The server of pygrpc-native, whose HTTP/2 runs in Rust, outside the GIL."""

import asyncio
import time

import pygrpc_native.aio

# How long the last words of calls take on their way out.
RELAY_SECONDS = 0.1


class NativeServer(pygrpc_native.aio.Server):
    """Lets calls end before it closes the port.

    The original closes it right after the last call has ended, and clients may miss how it did:
    both calls that are served here and streams, which a grpcio server behind the port serves.
    """

    async def stop(self, grace: float | None) -> None:
        """Stop taking calls, and let those that run end within the grace, in seconds."""
        end = time.monotonic() + (grace or 0)
        if self._fallback:
            await self._fallback.stop(grace)
        if calls := [call.task for call in self._calls.values() if call.task]:
            await asyncio.wait(calls, timeout=max(0.0, end - time.monotonic()))
        await asyncio.sleep(RELAY_SECONDS)
        await super().stop(max(0.0, end - time.monotonic()))
