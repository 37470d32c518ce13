"""The gate that calls pass on their way in; it turns away what is no request, and what is late."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from . import status

# A server that gets no new call for so long has none left that waits in its transport.
QUIET_SECONDS = 0.02
# How often to wait for that: clients go elsewhere only once the server really stops.
MOST_PAUSES = 10


class Gate:
    """Registers the methods of servicers with a server, and stands before them.

    Without it, grpcio answers bytes that are no message of the request's type UNKNOWN, and, when
    it stops, calls that have not reached their method CANCELLED, which clients do not try again.
    """

    def __init__(self, server: grpc.aio.Server) -> None:
        self._server = server
        self._closed = False
        self._refused = 0

    async def close(self) -> None:
        """Answer new calls UNAVAILABLE; return when they stop coming in."""
        self._closed = True
        for _ in range(MOST_PAUSES):
            refused = self._refused
            await asyncio.sleep(QUIET_SECONDS)
            if refused == self._refused:
                return

    def add_generic_rpc_handlers(self, handlers: Sequence[grpc.GenericRpcHandler]) -> None:
        """Leave them out: generated code registers every method below as well."""

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """Register the methods of a service."""
        guarded = {name: self._guarded(handler) for name, handler in handlers.items()}
        self._server.add_registered_method_handlers(service, guarded)

    def _guarded(self, handler: Any) -> Any:
        parse, write = handler.request_deserializer, handler.response_serializer
        if handler.request_streaming:
            stream = self._guard_stream(handler.stream_stream)
            return grpc.stream_stream_rpc_method_handler(stream, parse, write)
        if handler.response_streaming:
            watch = self._guard(handler.unary_stream, parse)
            return grpc.unary_stream_rpc_method_handler(watch, None, write)
        unary = self._guard(handler.unary_unary, parse)
        return grpc.unary_unary_rpc_method_handler(unary, None, write)

    def _guard(self, method: Any, parse: Any) -> Any:
        async def guarded(data: bytes, context: Any) -> Any:
            if self._closed:
                await self._refuse(context)
            try:
                request = parse(data)
            except DecodeError as error:
                await context.abort_with_status(status.of(error, ""))
            return await method(request, context)

        return guarded

    def _guard_stream(self, method: Any) -> Any:
        async def guarded(requests: Any, context: Any) -> AsyncIterator[Any]:
            if self._closed:
                await self._refuse(context)
            try:
                async for response in method(requests, context):
                    yield response
            except DecodeError as error:
                await context.abort_with_status(status.of(error, ""))

        return guarded

    async def _refuse(self, context: Any) -> None:
        self._refused += 1
        await context.abort(grpc.StatusCode.UNAVAILABLE, "the server is stopping")
