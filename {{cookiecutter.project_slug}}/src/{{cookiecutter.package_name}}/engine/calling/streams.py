"""What a client knows of the instances of a stream that it has sent."""

from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

import grpc

from ..fields.violations import Violation
from .conversion import Conversion
from .errors import CallError, invalid


class Sent:
    """The instances of a stream that are not answered yet, and those that could not be sent.

    Args:
        conversion: Makes messages of instances.
    """

    def __init__(self, conversion: Conversion) -> None:
        self._conversion = conversion
        # Of each instance: None, or why it was not sent.
        self._waiting: deque[CallError | None] = deque()

    def to_request(self, instance: Any) -> Any:
        """Return the request for an instance, if one can be sent; note whether it can."""
        new = self._conversion.messages.StreamPredictRequest
        try:
            request = new(instance=self._conversion.to_instance(instance))
        except CallError as error:
            self._waiting.append(error)
            return None
        self._waiting.append(None)
        return request

    def failures(self) -> Iterator[CallError]:
        """Yield why instances were not sent, up to the next one that was."""
        while self._waiting and (error := self._waiting[0]):
            yield error
            self._waiting.popleft()

    def answer(self) -> None:
        """Take note of an answer.

        Raises:
            CallError: If there are more answers than instances.
        """
        if not self._waiting:
            raise miscounted()
        self._waiting.popleft()

    def end(self) -> None:
        """Take note of the end of the answers.

        Raises:
            CallError: If there are fewer answers than instances.
        """
        if self._waiting:
            raise miscounted()


def refuse_one(instances: Any) -> None:
    """Raise an error if there is one instance, or columns, where several are expected."""
    got = type(instances).__name__
    if hasattr(instances, "columns"):
        fault = f"expected several in an order, got {got}, which batch_predict takes"
        raise invalid([Violation("instances", fault)])
    if isinstance(instances, Mapping | str | bytes):
        raise invalid([Violation("instances", f"expected several in an order, got {got}")])


def miscounted() -> CallError:
    """Return the error for a stream with more answers than instances, or fewer."""
    message = "the server answered another number of instances than it was sent"
    return CallError(grpc.StatusCode.INTERNAL, message)


async def iterate(instances: Iterable[Any] | AsyncIterable[Any]) -> AsyncIterator[Any]:
    """Yield instances, whichever way they come."""
    if isinstance(instances, AsyncIterable):
        async for instance in instances:
            yield instance
    else:
        for instance in instances:
            yield instance
