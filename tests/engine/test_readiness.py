"""How clients wait for servers."""

import time
from typing import Any

import grpc
import pytest
from engine.calling.errors import CallError
from engine.calling.readiness import PAUSE_SECONDS, Wait
from google.protobuf.wrappers_pb2 import Int32Value


class Failure(grpc.RpcError):
    """A check that failed."""

    def __init__(self, code: grpc.StatusCode) -> None:
        self._code = code

    def code(self) -> grpc.StatusCode:
        """Return the status."""
        return self._code

    def details(self) -> str:
        """Return why."""
        return "nobody listens"

    def trailing_metadata(self) -> Any:
        """Return nothing."""
        return ()


@pytest.mark.parametrize(("value", "is_over"), [(0, False), (1, True), (2, False), (9, False)])
def test_a_wait_is_over_when_a_server_serves(value: int, is_over: bool) -> None:
    assert Wait(1).is_over(Int32Value(value=value)) is is_over


def test_a_server_of_another_model_is_told() -> None:
    with pytest.raises(CallError, match="NOT_FOUND: the server there serves another model"):
        Wait(1).failed(Failure(grpc.StatusCode.NOT_FOUND))


def test_a_wait_in_vain_tells_the_last_answer() -> None:
    wait = Wait(0.001)
    time.sleep(0.01)
    wait.is_over(Int32Value(value=2))
    with pytest.raises(CallError) as caught:
        wait.left()
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert caught.value.message == "not ready within 0.001 seconds; the last answer: NOT_SERVING"
    wait.failed(Failure(grpc.StatusCode.UNAVAILABLE))
    with pytest.raises(CallError, match="the last answer: UNAVAILABLE: nobody listens"):
        wait.left()


def test_a_failure_that_no_wait_mends_ends_it() -> None:
    wait = Wait(1)
    wait.failed(Failure(grpc.StatusCode.DEADLINE_EXCEEDED))
    with pytest.raises(CallError, match="UNIMPLEMENTED: nobody listens"):
        wait.failed(Failure(grpc.StatusCode.UNIMPLEMENTED))


def test_checks_have_a_pause_between_them_while_there_is_time() -> None:
    assert Wait(60).pause() == PAUSE_SECONDS
    assert 0 < Wait(PAUSE_SECONDS / 2).pause() <= PAUSE_SECONDS / 2


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_a_timeout_that_is_no_time_is_told(timeout: float) -> None:
    with pytest.raises(ValueError, match=f"timeout: expected more than 0 seconds, got {timeout:g}"):
        Wait(timeout)


def test_a_timeout_without_an_end_is_one_that_grpc_can_count() -> None:
    assert 0 < Wait(float("inf")).left() < 10**9
