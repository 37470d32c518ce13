"""What methods are told of a call, and what they may say beside their answer."""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn

import grpc

Metadata = Sequence[tuple[str, str | bytes]]


class Metadatum(NamedTuple):
    """One piece of metadata."""

    key: str
    value: str | bytes


class Context(grpc.aio.ServicerContext[Any, Any]):
    """The context of a call, as that of grpc.aio.

    Args:
        metadata: What the client has sent beside the request.
        peer: Who the client is.
        seconds: How long it waits; None for ever.

    Attributes:
        status: The code, the details and the trailing metadata of the end.
        initial: Metadata that goes before the answer.
        is_cancelled: Whether the client has gone, or waits no longer.
    """

    def __init__(self, metadata: Metadata, peer: str, seconds: float | None) -> None:
        self._metadata = metadata
        self._peer = peer
        self._end = None if seconds is None else time.monotonic() + seconds
        self._code: Any = None
        self._details = ""
        self._trailing: Metadata = ()
        self._callbacks: list[Callable[[Any], None]] = []
        self._is_done = False
        self.initial: Metadata | None = None
        self.is_cancelled = False

    def finish(self) -> None:
        """Say to those who want to know that the call is over."""
        self._is_done = True
        for callback in self._callbacks:
            callback(self)

    async def abort(
        self, code: grpc.StatusCode, details: str = "", trailing_metadata: Any = ()
    ) -> NoReturn:
        self._code, self._details = code, details
        self._trailing = trailing_metadata or self._trailing
        raise grpc.aio.AbortError("Locally aborted.")

    async def abort_with_status(self, status: grpc.Status) -> NoReturn:
        await self.abort(status.code, status.details, status.trailing_metadata)

    async def send_initial_metadata(self, initial_metadata: Any) -> None:
        self.initial = initial_metadata

    async def read(self) -> NoReturn:
        raise RuntimeError("a unary call has one request")

    async def write(self, message: Any) -> None:
        raise RuntimeError("a unary call has one response")

    def set_trailing_metadata(self, trailing_metadata: Any) -> None:
        self._trailing = trailing_metadata

    def trailing_metadata(self) -> Any:
        return self._trailing

    def invocation_metadata(self) -> Any:
        return tuple(Metadatum(*each) for each in self._metadata)

    def set_code(self, code: grpc.StatusCode) -> None:
        self._code = code

    def code(self) -> Any:
        return self._code

    def set_details(self, details: str) -> None:
        self._details = details

    def details(self) -> Any:
        return self._details

    def set_compression(self, compression: grpc.Compression) -> None:
        """Do nothing: the native transport does not compress."""

    def disable_next_message_compression(self) -> None:
        """Do nothing: the native transport does not compress."""

    def peer(self) -> str:
        return self._peer

    def peer_identities(self) -> None:
        return None

    def peer_identity_key(self) -> None:
        return None

    def auth_context(self) -> Any:
        return {}

    def time_remaining(self) -> Any:
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    def cancelled(self) -> bool:
        return self.is_cancelled

    def done(self) -> bool:
        return self._is_done

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        self._callbacks.append(callback)
