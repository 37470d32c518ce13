"""Waits until servers are ready, by the health check of gRPC."""

import time
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import Int32Value, StringValue

from .errors import CallError, from_rpc
from .times import seconds_of

# Time between two checks. Less finds a server that is ready sooner, and asks it more often.
PAUSE_SECONDS = 0.1

STATUSES = ("UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN")

# Messages of one string and of one number are on the wire what those of grpc.health.v1 are, whose
# own package comes with servers only.
Question = StringValue


def health_check(channel: Any) -> Any:
    """Return the method that asks a server for the health of a service."""
    path = "/grpc.health.v1.Health/Check"
    return channel.unary_unary(path, Question.SerializeToString, Int32Value.FromString)


def status_in(answer: Int32Value) -> str:
    """Return the name of the status that a server answers."""
    return STATUSES[answer.value] if 0 <= answer.value < len(STATUSES) else "UNKNOWN"


def failure_of(error: grpc.RpcError) -> CallError:
    """Return the error for a health check that ended with a status."""
    if error.code() is grpc.StatusCode.NOT_FOUND:
        return CallError(error.code(), "the server there serves another model")
    return from_rpc(error)


class Wait:
    """A wait for servers: how much time is left, and what the last one answered.

    Args:
        timeout: How many seconds it may take in all.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._end = time.monotonic() + seconds_of(timeout)
        self._last = "nothing"

    def left(self) -> float:
        """Return how many seconds are left.

        Raises:
            CallError: If there are none.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            message = f"not ready within {self._timeout:g} seconds; the last answer: {self._last}"
            code = grpc.StatusCode.DEADLINE_EXCEEDED
            raise CallError(code, message)
        return left

    def pause(self) -> float:
        """Return how many seconds to wait before the next check."""
        return min(PAUSE_SECONDS, self.left())

    def is_over(self, answer: Int32Value) -> bool:
        """Tell whether a server answers that it is ready."""
        self._last = status_in(answer)
        return self._last == "SERVING"

    def failed(self, error: grpc.RpcError) -> None:
        """Note how a check failed; raise its error if waiting does not help."""
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            self._last = f"UNAVAILABLE: {error.details()}"
        elif error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
            raise failure_of(error) from None
