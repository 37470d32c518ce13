"""What clients make of the errors of calls."""

from typing import Any

import grpc
import pytest
from engine.calling.errors import from_rpc
from engine.fields.violations import Violation
from google.rpc import code_pb2, error_details_pb2, status_pb2


class Failed(grpc.RpcError):
    """A call that has failed with a status."""

    def __init__(self, details: bytes) -> None:
        self._details = details

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.INVALID_ARGUMENT

    def details(self) -> str:
        return "boo"

    def trailing_metadata(self) -> Any:
        return [("grpc-status-details-bin", self._details)]


def status(*, code: int = code_pb2.INVALID_ARGUMENT, message: str = "boo") -> status_pb2.Status:
    """Return a status with the violation of a field."""
    found = status_pb2.Status(code=code, message=message)
    request = error_details_pb2.BadRequest()
    request.field_violations.add(field="instance.x", description="required")
    found.details.add().Pack(request)
    return found


def test_the_details_of_a_status_tell_the_violations() -> None:
    error = from_rpc(Failed(status().SerializeToString()))
    assert error.violations == (Violation("instance.x", "required"),)
    assert str(error) == "INVALID_ARGUMENT: instance.x: required"


@pytest.mark.parametrize(
    "details",
    [
        b"\xff",
        status(code=code_pb2.INTERNAL).SerializeToString(),
        status(message="other").SerializeToString(),
    ],
)
def test_details_that_cannot_be_read_leave_the_status(details: bytes) -> None:
    error = from_rpc(Failed(details))
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert error.violations == ()
    assert str(error) == "INVALID_ARGUMENT: boo"
