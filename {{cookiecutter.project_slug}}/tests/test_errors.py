"""What callers are told when something is wrong, and that nobody else notices."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from grpc_status import rpc_status

from {{ cookiecutter.package_name }} import CallError, Client, Instance
from {{ cookiecutter.package_name }}.engine.fields import Tensor
from {{ cookiecutter.package_name }}.engine.fields.field import Field
from {{ cookiecutter.package_name }}.engine.serving.predictor import Model
from {{ cookiecutter.package_name }}.schema import SCHEMA
from {{ cookiecutter.package_name }}.v1 import service_pb2 as pb

from .answers import WrongAnswer, wrong_answers
from .examples import COLUMNS, INSTANCE, OTHER
from .messages import ARE_SMALL, ROW_BYTES, SERVICE_NAME, changed, to_columns, to_instance
from .models import ARE_DIFFERENT, PREDICTION, ChangedModel, FailingModel, SlowModel, StandIn
from .predictions import assert_same
from .running import Background, Stub, until
from .values import (
    Wrong,
    by_field,
    each,
    missing,
    one_of_each_kind,
    put_in_row,
    size,
    unlike,
    wrong_rows,
    wrongs,
)

INPUTS = {field.name: field for field in SCHEMA.inputs}
OUTPUTS = {field.name: field for field in SCHEMA.outputs}
REQUIRED = {name: field for name, field in INPUTS.items() if not field.optional}
# The first column tells how many rows there are, and what others lack.
LATER_COLUMNS = dict([*INPUTS.items()][1:])
REQUIRED_COLUMNS = REQUIRED if LATER_COLUMNS else {}
# Rows of several values each, which a column may end within.
LONG_ROWS = {
    name: field
    for name, field in unlike(INPUTS).items()
    if isinstance(field, Tensor) and size(field) > 1
}
WRONG = by_field(INPUTS, wrongs)
WRONG_ROWS = by_field(INPUTS, wrong_rows)
FEW_WRONG_ROWS = one_of_each_kind(WRONG_ROWS) if ARE_SMALL else {}
# Errors of the server have room for so many bytes of violations, each with a little more.
ERROR_BYTES, BYTES_EACH = 4096, 4
WRONG_INSTANCES: dict[str, tuple[pb.Instance, list[str]]] = {
    title: (changed(INSTANCE, field.name, wrong.raw), [f"instance.{field.name}{wrong.path}"])
    for title, (field, wrong) in one_of_each_kind(WRONG).items()
}
if REQUIRED:
    WRONG_INSTANCES["nothing"] = pb.Instance(), [f"instance.{name}" for name in REQUIRED]


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


def columns_of(instance: Instance, rows: int) -> pb.InstanceColumns:
    """Return the message of an instance in so many rows."""
    return to_columns({name: [instance.get(name)] * rows for name in instance})


@each("fields", {"all": REQUIRED} if REQUIRED else {})
def test_every_required_field_that_is_missing_is_named_as_far_as_there_is_room(
    stub: Stub, fields: dict[str, Field]
) -> None:
    expected = [(f"instance.{name}", missing(field)) for name, field in fields.items()]
    found = refuse(stub, pb.Instance())
    if sum(len(path) + len(words) + BYTES_EACH for path, words in expected) <= ERROR_BYTES:
        assert found == expected
    else:
        *named, rest = found
        assert named
        assert named == expected[: len(named)]
        assert rest == ("", f"{len(expected) - len(named)} more are left out")


@each("field", unlike(REQUIRED))
def test_a_required_field_that_is_missing_is_named(stub: Stub, field: Field) -> None:
    message = to_instance(INSTANCE)
    message.ClearField(field.name)
    assert refuse(stub, message) == [(f"instance.{field.name}", missing(field))]


@each("field, wrong", WRONG)
def test_a_wrong_value_is_refused_by_its_path(stub: Stub, field: Field, wrong: Wrong) -> None:
    [(path, description)] = refuse(stub, changed(INSTANCE, field.name, wrong.raw))
    assert path == f"instance.{field.name}{wrong.path}"
    assert wrong.words in description


@each("field, wrong", WRONG_ROWS)
def test_a_wrong_value_in_a_column_is_refused_by_its_row(
    stub: Stub, field: Field, wrong: Wrong
) -> None:
    columns = columns_of(INSTANCE, 2)
    expected = put_in_row(columns, field, wrong, 1)
    [(path, description)] = refuse_columns(stub, columns)
    assert path == f"instances.{expected}"
    assert wrong.words in description


@each("field, wrong", FEW_WRONG_ROWS)
def test_a_long_list_of_wrong_rows_is_cut(stub: Stub, field: Field, wrong: Wrong) -> None:
    columns = columns_of(INSTANCE, 1500)
    for row in range(1500):
        put_in_row(columns, field, wrong, row)
    with pytest.raises(grpc.RpcError) as caught:
        stub.BatchPredict(pb.BatchPredictRequest(instances=columns), timeout=30)
    assert str(caught.value.details()).endswith("(and 999 more)")


@each("field, wrong", dict([*FEW_WRONG_ROWS.items()][:1]))
@pytest.mark.parametrize("rows", [20, 1500])  # Few are read at once, and many on a thread.
def test_calls_with_wrong_rows_give_back_the_memory_that_they_took_up(
    background: Background, field: Field, wrong: Wrong, rows: int
) -> None:
    columns = columns_of(INSTANCE, rows)
    for row in range(rows):
        put_in_row(columns, field, wrong, row)
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


@each("field", LONG_ROWS)
def test_a_column_that_ends_within_a_row_is_refused(stub: Stub, field: Field) -> None:
    columns = columns_of(INSTANCE, 2)
    column = getattr(columns, field.name)
    column.append(column[0])
    [(path, description)] = refuse_columns(stub, columns)
    assert path == f"instances.{field.name}"
    assert f"expected a multiple of {size(field)} values" in description


@each("field", unlike(LATER_COLUMNS))
def test_columns_of_unequal_length_are_refused(stub: Stub, field: Field) -> None:
    columns = to_columns(COLUMNS)
    rows = getattr(columns, field.name)
    del rows[len(rows) // 2 :]
    [(path, description)] = refuse_columns(stub, columns)
    assert path == f"instances.{field.name}"
    assert description == f"expected 2 rows, as many as {next(iter(INPUTS))} has, got 1"


@each("field", unlike(REQUIRED_COLUMNS))
def test_a_required_column_that_is_missing_is_named(stub: Stub, field: Field) -> None:
    columns = to_columns(COLUMNS)
    columns.ClearField(field.name)
    assert refuse_columns(stub, columns) == [(f"instances.{field.name}", "required")]


def test_a_batch_without_rows_is_refused(stub: Stub) -> None:
    faults = refuse_columns(stub, pb.InstanceColumns())
    assert faults == [("instances", "at least one row is required")]


@each("wrong, paths", WRONG_INSTANCES)
def test_a_wrong_instance_in_a_stream_answers_for_itself(
    stub: Stub, wrong: pb.Instance, paths: list[str]
) -> None:
    right = to_instance(INSTANCE)
    requests = [pb.StreamPredictRequest(instance=instance) for instance in (right, wrong, right)]
    responses = list(stub.StreamPredict(iter(requests), timeout=30))
    results = [response.WhichOneof("result") for response in responses]
    assert results == ["prediction", "invalid", "prediction"]
    assert [violation.field for violation in responses[1].invalid.violations] == paths


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
        if ARE_DIFFERENT:
            assert_same(client.predict(**INSTANCE), PREDICTION)
    assert caught.value.code is grpc.StatusCode.INTERNAL
    assert "secret" not in caught.value.message
    error_id = caught.value.message.split()[-1]
    told = f"Error {error_id}: RuntimeError: a secret of the model\nTraceback"
    assert told in caplog.text


@each("other", {"other": OTHER} if ARE_DIFFERENT else {})
def test_an_instance_that_the_model_fails_on_does_not_harm_its_neighbours(
    serve: Callable[[Model], str], other: Instance
) -> None:
    with (
        Client(serve(FailingModel())) as client,
        ThreadPoolExecutor(16) as threads,
    ):
        calls = [threads.submit(client.predict, **i) for i in [INSTANCE, other] * 8]
        for call in calls[::2]:
            assert_same(call.result(), PREDICTION)
        for call in calls[1::2]:
            assert isinstance(call.exception(), CallError)


@pytest.fixture(scope="module")
def wrong_model() -> ChangedModel:
    """A model that can be told what to answer."""
    return ChangedModel()


@pytest.fixture(scope="module")
def its_server(background: Background, wrong_model: ChangedModel) -> Iterator[str]:
    """The address of a server of that model."""
    with background.serving(lambda: wrong_model) as address:
        yield address


@each("field, answer", by_field(OUTPUTS, wrong_answers))
def test_an_answer_that_does_not_fit_the_schema_is_an_error_of_the_model(
    its_server: str,
    wrong_model: ChangedModel,
    caplog: pytest.LogCaptureFixture,
    field: Field,
    answer: WrongAnswer,
) -> None:
    wrong_model.columns = {field.name: answer.column}
    with Client(its_server) as client, pytest.raises(CallError) as caught:
        client.predict(**INSTANCE)
    assert caught.value.code is grpc.StatusCode.INTERNAL
    assert f"InvalidOutputError: {field.name}: {answer.words}" in caplog.text


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
