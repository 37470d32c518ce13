"""The exception that clients raise."""

from collections.abc import Iterable, Sequence
from typing import cast

import grpc
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import BadRequest
from grpc_status import rpc_status

from ..fields.violations import Violation

# An error says no more violations than these; it has all of them.
MOST_SHOWN = 10
LIMITS = "the client's max_message_bytes and the server's SERVER_MAX_MESSAGE_BYTES set the limits"
OUTDATED = "server and client have different schemas; update the older one"
# What helps after some codes, whichever words the transport has for them.
HINTS = {
    grpc.StatusCode.DEADLINE_EXCEEDED: "the client's timeout says how long a call may take",
    grpc.StatusCode.UNIMPLEMENTED: "the server there serves another model, or is older",
}


class CallError(Exception):
    """A call that failed.

    Attributes:
        code: The gRPC status code.
        message: What went wrong.
        violations: Every field at fault, where a request or an answer does not fit the schema.
    """

    def __init__(
        self, code: grpc.StatusCode, message: str, violations: Sequence[Violation] = ()
    ) -> None:
        self.code = code
        self.message = message
        self.violations = tuple(violations)
        super().__init__(f"{code.name}: {in_words(violations) or message}")


def invalid(violations: Sequence[Violation]) -> CallError:
    """Return the error for a request that is wrong."""
    code = grpc.StatusCode.INVALID_ARGUMENT
    return CallError(code, in_words(violations), violations)


def unfit(violations: Iterable[Violation]) -> CallError:
    """Return the error for an answer that does not fit the schema of this client."""
    told = [Violation(v.field, f"{v.description}; {OUTDATED}") for v in violations]
    code = grpc.StatusCode.INTERNAL  # What gRPC says of a response that cannot be parsed.
    return CallError(code, in_words(told), told)


def in_words(violations: Sequence[Violation]) -> str:
    """Return the first violations on one line."""
    more = [f"and {len(violations) - MOST_SHOWN} more"] if len(violations) > MOST_SHOWN else []
    return "; ".join([*map(str, violations[:MOST_SHOWN]), *more])


def from_rpc(error: grpc.RpcError) -> CallError:
    """Return the error for a call that ended with a status."""
    violations = violations_in(error)
    code, message = error.code(), error.details() or ""
    # In these words on every transport, whichever side it was.
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED and "larger than max" in message:
        message = f"{message}; {LIMITS}"
    elif hint := HINTS.get(code):
        message = f"{message}; {hint}"
    return CallError(code, message, violations)


def violations_in(error: grpc.RpcError) -> list[Violation]:
    """Return the violations that came with a status; none if its details are no details."""
    violations: list[Violation] = []
    try:
        # Errors of calls are calls themselves, which their types do not say.
        status = rpc_status.from_call(cast(grpc.Call, error))
        for detail in status.details if status else ():
            bad_request = BadRequest()
            if detail.Unpack(bad_request):
                violations += [
                    Violation(v.field, v.description) for v in bad_request.field_violations
                ]
    except (DecodeError, ValueError):  # A proxy, say, has made up the status.
        return []
    return violations
