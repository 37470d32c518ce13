"""What errors are on the wire."""

import grpc
import pytest
from contract import BATCHES, INPUTS, Inputs, Outputs, StandIn
from engine.batching.batcher import QueueFullError, TooLateError
from engine.batching.budget import BusyError, TooLargeError
from engine.fields.violations import InvalidError, Violation
from engine.serving import status
from engine.serving.calls import AnswerTooLargeError
from engine.serving.predictor import ModelError, Predictor
from google.protobuf.message import DecodeError
from google.rpc import status_pb2
from google.rpc.error_details_pb2 import BadRequest, RetryInfo

# More than clients take in the headers of an answer.
MOST_HEADER_BYTES = 8192


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidError([Violation("x", "required")]), grpc.StatusCode.INVALID_ARGUMENT),
        (DecodeError(), grpc.StatusCode.INVALID_ARGUMENT),
        (status.NotLoadedError(), grpc.StatusCode.UNAVAILABLE),
        (TooLateError(), grpc.StatusCode.DEADLINE_EXCEEDED),
        (RuntimeError(), grpc.StatusCode.INTERNAL),
    ],
)
def test_each_error_has_its_status(error: Exception, code: grpc.StatusCode) -> None:
    assert status.of(error, "instance").code is code


@pytest.mark.parametrize("error", [DecodeError(), InvalidError([])])
def test_no_error_of_the_model_is_blamed_on_the_caller(error: Exception) -> None:
    class BlamingModel(StandIn):
        def predict(self, inputs: Inputs) -> Outputs:
            raise error

    with pytest.raises(ModelError) as caught:
        Predictor(BlamingModel(), BATCHES)([INPUTS])
    assert status.of(caught.value, "instance").code is grpc.StatusCode.INTERNAL


def test_the_models_words_stay_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    class TalkingModel(StandIn):
        def predict(self, inputs: Inputs) -> Outputs:
            raise RuntimeError("a secret of the model")

    with pytest.raises(ModelError) as caught:
        Predictor(TalkingModel(), BATCHES)([INPUTS])
    answer = status.of(caught.value, "instance")
    assert "secret" not in answer.details
    error_id = answer.details.split()[-1]
    told = f"Error {error_id}: RuntimeError: a secret of the model\nTraceback"
    assert told in caplog.text


@pytest.mark.parametrize("error", [QueueFullError(2.5), BusyError(2.5)])
def test_a_refused_call_hears_when_to_come_again(error: Exception) -> None:
    answer = status.of(error, "instance")
    assert answer.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    [(_, value)] = answer.trailing_metadata
    [detail] = status_pb2.Status.FromString(value).details
    retry = RetryInfo()
    assert detail.Unpack(retry)
    assert retry.retry_delay.ToMilliseconds() == 2500


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TooLargeError(2000, 1000), "2,000 bytes of memory, and SERVER_MAX_IN_FLIGHT_BYTES leaves"),
        (AnswerTooLargeError(1000), "more than the 1,000 bytes of SERVER_MAX_MESSAGE_BYTES"),
    ],
)
def test_a_call_that_asks_for_too_much_hears_how_much_it_may(error: Exception, words: str) -> None:
    answer = status.of(error, "instance")
    assert answer.code is grpc.StatusCode.INVALID_ARGUMENT
    assert words in answer.details


@pytest.mark.parametrize("count", [1, 100, 10_000])
def test_an_error_fits_into_a_header_and_says_what_it_leaves_out(count: int) -> None:
    faults = [Violation(f"x[{row}]", "required") for row in range(count)]
    answer = status.of(InvalidError(faults), "instances")
    size = sum(len(key) + len(value) for key, value in answer.trailing_metadata)
    assert size + len(answer.details) < MOST_HEADER_BYTES
    shown = violations(answer)
    if len(shown) == count:
        assert shown == [(f"instances.{field}", description) for field, description in faults]
    else:
        assert shown.pop() == ("", f"{count - len(shown)} more are left out")
        assert len(shown) >= 100


def violations(answer: grpc.Status) -> list[tuple[str, str]]:
    """Return the fields and descriptions in a status."""
    [(_, value)] = answer.trailing_metadata
    [detail] = status_pb2.Status.FromString(value).details
    bad_request = BadRequest()
    assert detail.Unpack(bad_request)
    return [(found.field, found.description) for found in bad_request.field_violations]
