"""Health as grpc.health.v1 has it, with watches that do not hold up the end of the server."""

import asyncio
from typing import Any

import grpc
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio

# Most watches that are open at once, each of which takes up to 20 KB. Higher, and a hostile client
# takes more memory; lower, and fewer clients can watch.
MOST_WATCHES = 1000

NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SERVING = health_pb2.HealthCheckResponse.SERVING


class Health(aio.HealthServicer):  # type: ignore[misc]  # It comes without types.
    """Says NOT_SERVING until the model is loaded, while it hangs, and once the server is stopping.

    Args:
        service: Full name of the service; the whole server, "", has the same health.
    """

    def __init__(self, service: str) -> None:
        super().__init__()
        self._services = ("", service)
        self._server_status = dict.fromkeys(self._services, NOT_SERVING)
        self._watches: set[asyncio.Future[None]] = set()
        self._stopping = False

    async def serving(self) -> None:
        """Say SERVING from now on."""
        await self._say(SERVING)

    async def not_serving(self) -> None:
        """Say NOT_SERVING from now on."""
        await self._say(NOT_SERVING)

    async def stop(self) -> None:
        """Say NOT_SERVING from now on, and end the open watches."""
        self._stopping = True
        await self.enter_graceful_shutdown()
        await asyncio.sleep(0)  # Watches tell their clients first.
        for watch in self._watches:
            watch.cancel()

    async def _say(self, status: health_pb2.HealthCheckResponse.ServingStatus.ValueType) -> None:
        for service in self._services:
            await self.set(service, status)

    async def List(self, request: health_pb2.HealthListRequest, context: Any) -> Any:
        found = {name: await self._one(name) for name in self._services}
        return health_pb2.HealthListResponse(statuses=found)

    async def _one(self, service: str) -> health_pb2.HealthCheckResponse:
        return health_pb2.HealthCheckResponse(status=self._server_status[service])

    async def Watch(self, request: health_pb2.HealthCheckRequest, context: Any) -> None:
        if len(self._watches) >= MOST_WATCHES:
            fault = f"{MOST_WATCHES} watches are open; try again in a while, or use Check"
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, fault)
        watch = asyncio.ensure_future(super().Watch(request, context))
        self._watches.add(watch)
        try:
            await watch
        except asyncio.CancelledError:
            if not self._stopping:
                raise
        finally:
            watch.cancel()
            self._watches.discard(watch)
