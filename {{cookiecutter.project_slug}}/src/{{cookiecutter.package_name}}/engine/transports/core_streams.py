"""Answers streams over grpcio's core, each by a task."""

import asyncio
import contextlib
import inspect
import logging
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import Any

import grpc
from grpc._cython import cygrpc  # type: ignore[attr-defined]

from ..batching.call import settle
from .context import Context
from .core_calls import NO_FLAGS, CoreCall

logger = logging.getLogger(__name__)

OK, UNKNOWN = grpc.StatusCode.OK, grpc.StatusCode.UNKNOWN


class Stream(Context):
    """Answers a call whose requests or answers are streams, by a method of a servicer.

    Args:
        call: The call.
    """

    def __init__(self, call: CoreCall) -> None:
        super().__init__(call.metadata, call.peer(), call.seconds())
        self._call = call
        handler = call.route.stream
        self._parse = handler.request_deserializer
        self._write = handler.response_serializer
        self._has_requests = handler.request_streaming
        self._method = handler.stream_stream or handler.unary_stream
        self._is_begun = False
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Answer the call."""
        call, server = self._call, self._call.server
        try:
            request = None if self._has_requests else await self.read()
            if request is grpc.aio.EOF:  # The client has gone, or has sent none.
                raise asyncio.CancelledError
            if inspect.isasyncgenfunction(self._method):
                await self._write_all(self._method(request, self))
            else:
                await self._method(request, self)
            await self._finish(self.code() or OK)
        except grpc.aio.AbortError:
            await self._finish(self.code())
        except asyncio.CancelledError:
            self.is_cancelled = True
            call.drop()
        except Exception as error:
            if not call.is_cancelled:
                logger.exception("A method has failed")
                self.set_details(f"Unexpected {type(error)}: {error}")
                await self._finish(UNKNOWN)
        finally:
            server.forget_stream(call)
            self.finish()

    async def _write_all(self, responses: AsyncGenerator[Any, None]) -> None:
        """Send answers as they come; a task that is cancelled meanwhile is so in the method."""
        async for response in responses:
            try:
                await self.write(response)
            except asyncio.CancelledError as error:
                with contextlib.suppress(StopAsyncIteration):
                    await responses.athrow(error)
                return

    async def read(self) -> Any:
        """Return the next request, or EOF."""
        receiving = cygrpc.ReceiveMessageOperation(NO_FLAGS)
        await self._do(receiving)
        data = receiving.message()
        if data is None:
            return grpc.aio.EOF
        return self._parse(data) if self._parse else data

    async def write(self, message: Any) -> None:
        """Send an answer; return when it is sent."""
        data = self._write(message) if self._write else message
        sending = cygrpc.SendMessageOperation(data, NO_FLAGS)
        if not await self._do(*self._beginning(), sending):
            raise grpc.aio.InternalError("the caller has gone")

    async def send_initial_metadata(self, initial_metadata: Any) -> None:
        self.initial = tuple(initial_metadata)
        await self._do(*self._beginning())

    def _beginning(self) -> Sequence[Any]:
        if self._is_begun:
            return ()
        self._is_begun = True
        return (cygrpc.SendInitialMetadataOperation(self.initial, NO_FLAGS),)

    async def _finish(self, code: grpc.StatusCode) -> None:
        if not self._call.is_cancelled:
            trailing, details = tuple(self.trailing_metadata()), self.details().encode()
            end = cygrpc.SendStatusFromServerOperation(trailing, code.value[0], details, NO_FLAGS)
            await self._do(*self._beginning(), end)

    async def _do(self, *operations: Any) -> bool:
        """Have core do something; return whether that went well.

        The future does not get the event, which has what tells the future of it: both would stay,
        and the message with them, until the garbage collector comes round to them.
        """
        future = self._loop.create_future()
        later = self._call.server.later
        if not self._call.run(operations, lambda e: later(partial(settle, future, e.success))):
            raise grpc.aio.InternalError("the caller has gone")
        return bool(await future)
