"""What errors are on the wire: a status code, a message for people, and google.rpc details for programs."""

import logging
import math
import secrets
from collections.abc import Sequence

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from ..batching.batcher import QueueFullError, TooLateError
from ..batching.budget import BusyError, TooLargeError
from ..failures import in_line
from ..fields.violations import InvalidError, Violation
from .calls import AnswerTooLargeError

logger = logging.getLogger(__name__)

# Details travel in a header, and clients refuse headers of more than 8 KiB.
MOST_DETAIL_BYTES = 4096


class NotLoadedError(Exception):
    """The model is not loaded yet."""


class StoppingError(Exception):
    """The server is stopping, and takes no calls any more."""


def of(error: Exception, request_field: str) -> grpc.Status:
    """Return the status that tells a caller of an error.

    Args:
        error: Of those that are not told apart here, the model is to blame.
        request_field: The field of the request that violations are in.
    """
    if isinstance(error, InvalidError):
        return _invalid_argument([each.within(request_field) for each in error.violations])
    if isinstance(error, DecodeError):
        return _status(code_pb2.INVALID_ARGUMENT, "the request cannot be parsed")
    if isinstance(error, NotLoadedError):
        return _status(code_pb2.UNAVAILABLE, "the model is not loaded yet; try again in a while")
    if isinstance(error, StoppingError):
        return _status(code_pb2.UNAVAILABLE, "the server is stopping")
    if isinstance(error, TooLateError):
        return _status(code_pb2.DEADLINE_EXCEEDED, "the deadline cannot be met any more")
    if isinstance(error, QueueFullError):
        return _try_again("SERVER_MAX_QUEUE_CALLS calls are waiting", *error.args)
    if isinstance(error, BusyError):
        return _try_again("other calls take up SERVER_MAX_IN_FLIGHT_BYTES", *error.args)
    if isinstance(error, TooLargeError | AnswerTooLargeError):
        return _too_large(error)
    return _internal(error)


def _try_again(message: str, seconds: float) -> grpc.Status:
    """Return RESOURCE_EXHAUSTED with a google.rpc.RetryInfo that tells when there may be room."""
    retry = error_details_pb2.RetryInfo()
    retry.retry_delay.FromMilliseconds(max(1, math.ceil(seconds * 1000)))
    return _status(code_pb2.RESOURCE_EXHAUSTED, f"{message}; try again in a while", retry)


def _too_large(error: TooLargeError | AnswerTooLargeError) -> grpc.Status:
    """Return the status of a call that asks for too much, however often it is tried."""
    if isinstance(error, AnswerTooLargeError):
        fault = f"the answer has more than the {error.args[0]:,} bytes of SERVER_MAX_MESSAGE_BYTES"
    else:
        needed, most = error.args
        fault = (
            f"the call takes up {needed:,} bytes of memory, and SERVER_MAX_IN_FLIGHT_BYTES leaves "
            f"it {most:,}"
        )
    return _status(code_pb2.INVALID_ARGUMENT, f"{fault}; ask for less at a time")


def _invalid_argument(violations: Sequence[Violation]) -> grpc.Status:
    """Return INVALID_ARGUMENT with a google.rpc.BadRequest that names every field at fault."""
    shown = _fitting(violations)
    more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
    message = f"{shown[0].field}: {shown[0].description}{more}"
    bad_request = error_details_pb2.BadRequest()
    for field, description in shown:
        bad_request.field_violations.add(field=field, description=description)
    return _status(code_pb2.INVALID_ARGUMENT, message, bad_request)


def _fitting(violations: Sequence[Violation]) -> list[Violation]:
    """Return as many violations as fit in a header; a last one says how many are left out."""
    size = 0
    for place, violation in enumerate(violations):
        size += len(violation.field) + len(violation.description) + 4
        if size > MOST_DETAIL_BYTES:
            rest = Violation("", f"{len(violations) - place} more are left out")
            return [*violations[:place], rest]
    return list(violations)


def _internal(error: Exception) -> grpc.Status:
    """Log an error, and return INTERNAL with nothing of it but an id to find it in the log."""
    error_id = secrets.token_hex(4)
    logger.error("Error %s: %s", error_id, in_line(error.__cause__ or error), exc_info=error)
    message = f"the model failed; the server's log tells more under {error_id}"
    return _status(code_pb2.INTERNAL, message)


def _status(code: int, message: str, *details: Message) -> grpc.Status:
    status = status_pb2.Status(code=code, message=message)
    for detail in details:
        status.details.add().Pack(detail)
    return rpc_status.to_status(status)
