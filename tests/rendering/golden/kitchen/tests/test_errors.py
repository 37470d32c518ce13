"""What callers are told when something is wrong, and that nobody else notices."""

import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import grpc
import numpy as np
import pytest
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from grpc_status import rpc_status

from kitchen import CallError, Client
from kitchen.engine.serving.predictor import Model
from kitchen.v1 import service_pb2 as pb

from .examples import COLUMNS, INSTANCE, OTHER, PREDICTION, assert_same, png
from .messages import ROW_BYTES, SERVICE_NAME, to_columns, to_instance
from .models import FailingModel, SlowModel, StandIn, WrongModel
from .running import Background, Stub, until


def violations(error: grpc.RpcError) -> list[tuple[str, str]]:
    """Return the fields and descriptions in the google.rpc.BadRequest of an error."""
    status = rpc_status.from_call(cast(grpc.Call, error))
    assert status
    assert status.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    [detail] = status.details
    bad_request = BadRequest()
    assert detail.Unpack(bad_request)
    return [(found.field, found.description) for found in bad_request.field_violations]


def refuse(stub: Stub, instance: pb.Instance) -> list[tuple[str, str]]:
    """Return what Predict finds wrong with an instance."""
    with pytest.raises(grpc.RpcError) as caught:
        stub.Predict(pb.PredictRequest(instance=instance), timeout=30)
    return violations(caught.value)


def refuse_columns(stub: Stub, columns: pb.InstanceColumns) -> list[tuple[str, str]]:
    """Return what BatchPredict finds wrong with columns."""
    with pytest.raises(grpc.RpcError) as caught:
        stub.BatchPredict(pb.BatchPredictRequest(instances=columns), timeout=30)
    return violations(caught.value)


def changed(name: str, value: Any) -> pb.Instance:
    """Return INSTANCE with another value for one of its fields."""
    message = to_instance(INSTANCE)
    message.ClearField(name)
    message.MergeFrom(pb.Instance(**{name: value}))
    return message


def test_every_required_field_that_is_missing_is_named(stub: Stub) -> None:
    assert refuse(stub, pb.Instance()) == [
        ("instance.height", "required"),
        ("instance.small", "required"),
        ("instance.flag", "required"),
        ("instance.name", "required"),
        ("instance.blob", "required"),
        ("instance.colour", "required"),
        ("instance.vec", "required"),
        ("instance.words", "required"),
        ("instance.tokens", "at least one value is required"),
        ("instance.seq", "at least one value is required"),
        ("instance.ragged", "at least one value is required"),
        ("instance.strs", "at least one value is required"),
        ("instance.photo", "required"),
        ("instance.free", "required"),
        ("instance.mask", "required"),
        ("instance.pix", "required"),
        ("instance.big", "required"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "path", "fault"),
    [
        pytest.param("age", -1, "age", "is below", id="below its range"),
        pytest.param("age", 121, "age", "is above", id="above its range"),
        pytest.param("height", math.nan, "height", "is not a finite number", id="not a number"),
        pytest.param("height", math.inf, "height", "is not a finite number", id="infinite"),
        pytest.param("kind", 4, "kind", "is no label's number", id="number of no label"),
        pytest.param("vec", [-2.0] * 3, "vec[0]", "is below", id="element below its range"),
        pytest.param("vec", [2.0] * 3, "vec[0]", "is above", id="element above its range"),
        pytest.param(
            "vec", [math.nan] * 3, "vec[0]", "is not a finite number", id="element not a number"
        ),
        pytest.param(
            "vec", [math.inf] * 3, "vec[0]", "is not a finite number", id="element infinite"
        ),
        pytest.param("vec", [0.0] * 4, "vec", "expected", id="value too many"),
        pytest.param(
            "ragged",
            {"shape": [1, 1], "values": [0.0] * 2},
            "ragged",
            "expected",
            id="shape that does not fit",
        ),
        pytest.param(
            "ragged",
            {"shape": [0, 0]},
            "ragged",
            "expected at least one value along each dim",
            id="shape without values",
        ),
        pytest.param("photo", b"text", "photo", "not a PNG", id="no picture"),
        pytest.param(
            "photo",
            png(np.full((8, 8, 3), 96, np.uint8))[:45],
            "photo",
            "not a PNG",
            id="picture cut short",
        ),
        pytest.param(
            "photo",
            png(np.zeros((9, 8, 3), np.uint8)),
            "photo",
            "expected",
            id="picture of another size",
        ),
    ],
)
def test_a_wrong_value_is_refused_by_its_path(stub: Stub, name: str, value: Any, path: str, fault: str) -> None:
    [(field, description)] = refuse(stub, changed(name, value))
    assert field == f"instance.{path}"
    assert fault in description


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("age", 0, id="lowest"),
        pytest.param("age", 120, id="highest"),
        pytest.param("weight", math.nan, id="not a number"),
        pytest.param("vec", [-1] * 3, id="lowest"),
        pytest.param("vec", [1] * 3, id="highest"),
    ],
)
def test_a_value_that_a_field_may_just_hold_is_taken(stub: Stub, name: str, value: Any) -> None:
    stub.Predict(pb.PredictRequest(instance=changed(name, value)), timeout=30)


@pytest.mark.parametrize(
    ("name", "place", "value", "fault"),
    [
        pytest.param("age", 1, -1, "is below", id="below its range"),
        pytest.param("age", 1, 121, "is above", id="above its range"),
        pytest.param("height", 1, math.nan, "is not a finite number", id="not a number"),
        pytest.param("height", 1, math.inf, "is not a finite number", id="infinite"),
        pytest.param("kind", 1, 4, "is no label's number", id="number of no label"),
        pytest.param("vec", 3, -2.0, "is below", id="element below its range"),
        pytest.param("vec", 3, 2.0, "is above", id="element above its range"),
        pytest.param("vec", 3, math.nan, "is not a finite number", id="element not a number"),
        pytest.param("vec", 3, math.inf, "is not a finite number", id="element infinite"),
        pytest.param("photo", 1, b"text", "not a PNG", id="no picture"),
    ],
)
def test_a_wrong_value_in_a_column_is_refused_by_its_row(stub: Stub, name: str, place: int, value: Any, fault: str) -> None:
    columns = to_columns(COLUMNS)
    getattr(columns, name)[place] = value
    [(field, description)] = refuse_columns(stub, columns)
    assert field == f"instances.{name}[1]"
    assert fault in description


def test_a_long_list_of_wrong_rows_is_cut(stub: Stub) -> None:
    columns: Any = to_columns({name: column[:1] * 1500 for name, column in COLUMNS.items()})
    columns.age[:] = [-1] * 1500
    with pytest.raises(grpc.RpcError) as caught:
        stub.BatchPredict(pb.BatchPredictRequest(instances=columns), timeout=30)
    assert str(caught.value.details()).endswith("(and 999 more)")


@pytest.mark.parametrize("rows", [20, 1500])  # Few are read at once, and many on a thread.
def test_calls_with_wrong_rows_give_back_the_memory_that_they_took_up(
    background: Background, rows: int
) -> None:
    columns: Any = to_columns({name: column[:1] * rows for name, column in COLUMNS.items()})
    columns.age[:] = [-1] * rows
    request = pb.BatchPredictRequest(instances=columns)
    limit = 1024 + 2 * (rows * ROW_BYTES + 10 * request.ByteSize())
    with (
        background.serving(StandIn, max_in_flight_bytes=limit) as address,
        grpc.insecure_channel(address) as channel,
    ):
        stub = Stub(channel)
        for _ in range(20):
            with pytest.raises(grpc.RpcError) as caught:
                stub.BatchPredict(request, timeout=30)
            assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_column_that_ends_within_a_row_is_refused(stub: Stub) -> None:
    columns = to_columns(COLUMNS)
    columns.vec.append(0.0)
    [(field, description)] = refuse_columns(stub, columns)
    assert field == "instances.vec"
    assert "expected a multiple of" in description


def test_columns_of_unequal_length_are_refused(stub: Stub) -> None:
    columns = to_columns(COLUMNS)
    del columns.height[1:]
    [(field, description)] = refuse_columns(stub, columns)
    assert field == "instances.height"
    assert description.startswith("expected 2 rows")


def test_a_required_column_that_is_missing_is_named(stub: Stub) -> None:
    columns = to_columns(COLUMNS)
    columns.ClearField("big")
    faults = refuse_columns(stub, columns)
    assert faults == [("instances.big", "required")]


def test_a_batch_without_rows_is_refused(stub: Stub) -> None:
    faults = refuse_columns(stub, pb.InstanceColumns())
    assert faults == [("instances", "at least one row is required")]


def test_a_wrong_instance_in_a_stream_answers_for_itself(stub: Stub) -> None:
    right = to_instance(INSTANCE)
    wrong = changed("age", -1)
    requests = [pb.StreamPredictRequest(instance=instance) for instance in (right, wrong, right)]
    responses = list(stub.StreamPredict(iter(requests), timeout=30))
    results = [response.WhichOneof("result") for response in responses]
    assert results == ["prediction", "invalid", "prediction"]
    [violation] = responses[1].invalid.violations
    assert violation.field == "instance.age"


def test_a_stream_that_is_left_is_not_run_to_its_end(background: Background) -> None:
    model = SlowModel()
    requests = [pb.StreamPredictRequest(instance=to_instance(INSTANCE))] * 5
    with (
        background.serving(lambda: model, max_batch_size=1) as address,
        grpc.insecure_channel(address) as channel,
    ):
        stub = Stub(channel)
        responses = stub.StreamPredict(iter(requests), timeout=30)
        until(model.asked.is_set, "the model has been asked")
        time.sleep(0.2)  # Meanwhile the other requests come in.
        responses.cancel()
        time.sleep(0.2)  # Meanwhile the server hears of it.
        model.go.set()
        stub.Predict(pb.PredictRequest(instance=to_instance(INSTANCE)), timeout=30)
    # One warmed it up, one was running when the stream was left, and one came afterwards.
    assert len(model.batches) == 3


@pytest.mark.parametrize("method", ["Predict", "BatchPredict", "StreamPredict", "GetModelMetadata"])
def test_bytes_that_are_no_request_are_refused(server: str, method: str) -> None:
    with grpc.insecure_channel(server) as channel:
        call: Any = channel.stream_stream(f"/{SERVICE_NAME}/{method}")
        with pytest.raises(grpc.RpcError) as caught:
            next(call(iter([b"no message"]), timeout=30))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.details() == "the request cannot be parsed"


def test_a_model_that_fails_tells_its_log_and_not_its_caller(
    serve: Callable[[Model], str], caplog: pytest.LogCaptureFixture
) -> None:
    with Client(serve(FailingModel())) as client:
        with pytest.raises(CallError) as caught:
            client.predict(**OTHER)
        assert_same(client.predict(**INSTANCE), PREDICTION)
    assert caught.value.code is grpc.StatusCode.INTERNAL
    assert "secret" not in caught.value.message
    error_id = caught.value.message.split()[-1]
    assert f"Error {error_id}\nTraceback" in caplog.text
    assert "RuntimeError: a secret of the model" in caplog.text


def test_an_instance_that_the_model_fails_on_does_not_harm_its_neighbours(
    serve: Callable[[Model], str],
) -> None:
    with (
        Client(serve(FailingModel())) as client,
        ThreadPoolExecutor(16) as threads,
    ):
        calls = [threads.submit(client.predict, **i) for i in [INSTANCE, OTHER] * 8]
        for call in calls[::2]:
            assert_same(call.result(), PREDICTION)
        for call in calls[1::2]:
            assert isinstance(call.exception(), CallError)


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("y", [], "expected"),
        ("y", np.full(1, np.nan), "not every value is a finite float32"),
        ("y", np.full(1, "text"), "expected dtype float32"),
        ("label", [3], "3 is no label's place"),
        ("note", np.zeros(1, np.object_), "expected str, got int"),
        ("n", np.full(1, 2147483648, np.int64), "not every value fits int32"),
        ("probs", np.zeros((1, 4), np.float32), "expected shape"),
        ("pic", np.zeros((1, 2, 3, 3)), "expected dtype uint8"),
        ("pic", np.zeros((1, 2), np.uint8), "expected shape"),
    ],
)
def test_an_answer_that_does_not_fit_the_schema_is_an_error_of_the_model(
    serve: Callable[[Model], str],
    caplog: pytest.LogCaptureFixture,
    column: str,
    value: Any,
    fault: str,
) -> None:
    with (
        Client(serve(WrongModel(column, value))) as client,
        pytest.raises(CallError) as caught,
    ):
        client.predict(**INSTANCE)
    assert caught.value.code is grpc.StatusCode.INTERNAL
    assert f"InvalidOutputError: {column}: {fault}" in caplog.text


def test_a_call_that_can_never_fit_into_memory_is_told_which_setting_it_takes(
    background: Background,
) -> None:
    rows = 1 + 1024 // ROW_BYTES
    columns = {name: column[:1] * rows for name, column in COLUMNS.items()}
    with (
        background.serving(StandIn, max_in_flight_bytes=1024) as address,
        Client(address) as client,
        pytest.raises(CallError) as caught,
    ):
        client.batch_predict(columns)
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert "SERVER_MAX_IN_FLIGHT_BYTES" in caught.value.message


def test_a_refused_call_hears_when_to_come_again(background: Background) -> None:
    model = SlowModel()
    request = pb.PredictRequest(instance=to_instance(INSTANCE))
    with (
        background.serving(lambda: model, max_queue_calls=1) as address,
        grpc.insecure_channel(address) as channel,
        ThreadPoolExecutor(3) as threads,
    ):
        stub = Stub(channel)
        first = threads.submit(stub.Predict, request, timeout=30)
        until(model.asked.is_set, "the model has been asked")
        time.sleep(0.05)  # How long calls take tells when there is room.
        model.go.set()
        first.result()
        model.asked.clear()
        model.go.clear()
        running = threads.submit(stub.Predict, request, timeout=30)
        until(model.asked.is_set, "the model has been asked again")
        others = [threads.submit(stub.Predict, request, timeout=30) for _ in range(2)]
        until(lambda: any(call.done() for call in others), "a call has been refused")
        model.go.set()
        running.result()
        [error] = filter(None, (call.exception() for call in others))
    status = rpc_status.from_call(cast(grpc.Call, error))
    assert status
    assert status.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
    [detail] = status.details
    retry = RetryInfo()
    assert detail.Unpack(retry)
    assert retry.retry_delay.ToTimedelta() > timedelta(0)


def test_calls_are_unavailable_until_the_model_is_loaded(background: Background) -> None:
    may_load = threading.Event()

    def load() -> StandIn:
        may_load.wait(timeout=30)
        return StandIn()

    with background.loading(load) as address, grpc.insecure_channel(address) as channel:
        stub = Stub(channel)
        for method, request in [
            (stub.Predict, pb.PredictRequest(instance=to_instance(INSTANCE))),
            (stub.BatchPredict, pb.BatchPredictRequest(instances=to_columns(COLUMNS))),
            (stub.GetModelMetadata, pb.GetModelMetadataRequest()),
        ]:
            with pytest.raises(grpc.RpcError) as caught:
                method(request, timeout=30)
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
            assert "not loaded yet" in str(caught.value.details())
        may_load.set()
