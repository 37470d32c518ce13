{% set s = service(cookiecutter) %}
{% set e = s.examples %}
{% set stub = "stub: pb_grpc." ~ s.class_name ~ "ServiceStub" %}
"""What callers are told when something is wrong, and that nobody else notices."""

{% if e.refused_infinite %}
import math
{% endif %}
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import grpc
{% if e.errors_need_numpy %}
import numpy as np
{% endif %}
import pytest
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from grpc_status import rpc_status

{{ s.import_client_and_error }}
from {{ s.package }}.messages import {% if not e.required_fit %}Instance, {% endif %}to_columns, to_instance
from {{ s.package }}.predictor import Model
from {{ s.package }}.schema import ROW_BYTES
from {{ s.package }}.service import SERVICE_NAME
{{ s.import_messages }}
{{ s.import_stubs }}

{{ e.test_errors_imports }}
from .models import FailingModel, SlowModel, StandIn, WrongModel
from .running import Background, until


def violations(error: grpc.RpcError) -> list[tuple[str, str]]:
    """Return the fields and descriptions in the google.rpc.BadRequest of an error."""
    status = rpc_status.from_call(cast(grpc.Call, error))
    assert status
    assert status.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    [detail] = status.details
    bad_request = BadRequest()
    assert detail.Unpack(bad_request)
    return [(found.field, found.description) for found in bad_request.field_violations]


{{ s.function("refuse", stub, "instance: pb.Instance", returns="list[tuple[str, str]]") }}
    """Return what Predict finds wrong with an instance."""
    with pytest.raises(grpc.RpcError) as caught:
        stub.Predict(pb.PredictRequest(instance=instance), timeout=30)
    return violations(caught.value)


{{ s.function("refuse_columns", stub, "columns: pb.InstanceColumns", returns="list[tuple[str, str]]") }}
    """Return what BatchPredict finds wrong with columns."""
    with pytest.raises(grpc.RpcError) as caught:
        stub.BatchPredict(pb.BatchPredictRequest(instances=columns), timeout=30)
    return violations(caught.value)
{% if e.refused or e.edges %}


def changed(name: str, value: Any) -> pb.Instance:
    """Return INSTANCE with another value for one of its fields."""
    message = to_instance(INSTANCE)
    message.ClearField(name)
    message.MergeFrom(pb.Instance(**{name: value}))
    return message
{% endif %}
{% if e.required %}


{% if e.required_fit %}
{{ s.function("test_every_required_field_that_is_missing_is_named", stub) }}
    assert refuse(stub, pb.Instance()) == [
{% for field in e.required %}
{{ field.missing_line }}
{% endfor %}
    ]
{% else %}
{{ s.function("test_as_many_missing_fields_are_named_as_an_error_has_room_for", stub) }}
    required = [name for name in INSTANCE if name in Instance.__required_keys__]
    *named, rest = refuse(stub, pb.Instance())
    assert [field for field, _ in named] == [f"instance.{name}" for name in required[: len(named)]]
    assert rest == ("", f"{len(required) - len(named)} more are left out")
{% endif %}
{% endif %}
{% if e.refused %}


@pytest.mark.parametrize(
    ("name", "value", "path", "fault"),
    [
{% for fault in e.refused %}
{{ fault.line }}
{% endfor %}
    ],
)
{{ s.function("test_a_wrong_value_is_refused_by_its_path", stub, "name: str", "value: Any", "path: str", "fault: str") }}
    [(field, description)] = refuse(stub, changed(name, value))
    assert field == f"instance.{path}"
    assert fault in description
{% endif %}
{% if e.edges %}


@pytest.mark.parametrize(
    ("name", "value"),
    [
{% for edge in e.edges %}
{{ edge }}
{% endfor %}
    ],
)
{{ s.function("test_a_value_that_a_field_may_just_hold_is_taken", stub, "name: str", "value: Any") }}
    stub.Predict(pb.PredictRequest(instance=changed(name, value)), timeout=30)
{% endif %}
{% if e.row_faults %}


@pytest.mark.parametrize(
    ("name", "place", "value", "fault"),
    [
{% for fault in e.row_faults %}
{{ fault.line }}
{% endfor %}
    ],
)
{{ s.function("test_a_wrong_value_in_a_column_is_refused_by_its_row", stub, "name: str", "place: int", "value: Any", "fault: str") }}
    columns = to_columns(COLUMNS)
    getattr(columns, name)[place] = value
    [(field, description)] = refuse_columns(stub, columns)
    assert field == f"instances.{name}[1]"
    assert fault in description
{% elif e.row_fault %}


{{ s.function("test_a_wrong_value_in_a_column_is_refused_by_its_row", stub) }}
    columns: Any = to_columns(COLUMNS)
    columns.{{ e.row_fault.statement }}
    [(field, description)] = refuse_columns(stub, columns)
    assert field == "instances.{{ e.row_fault.path }}"
    assert "{{ e.row_fault.words }}" in description
{% endif %}
{% if e.many_faults() %}


{{ s.function("test_a_long_list_of_wrong_rows_is_cut", stub) }}
    columns: Any = to_columns({name: column[:1] * 1500 for name, column in COLUMNS.items()})
    columns.{{ e.many_faults() }}
    with pytest.raises(grpc.RpcError) as caught:
        stub.BatchPredict(pb.BatchPredictRequest(instances=columns), timeout=30)
    assert str(caught.value.details()).endswith("(and 999 more)")


@pytest.mark.parametrize("rows", [20, 1500])  # Few are read at once, and many on a thread.
def test_calls_with_wrong_rows_give_back_the_memory_that_they_took_up(
    background: Background, rows: int
) -> None:
    columns: Any = to_columns({name: column[:1] * rows for name, column in COLUMNS.items()})
    columns.{{ e.many_faults("rows") }}
    request = pb.BatchPredictRequest(instances=columns)
    limit = 1024 + 2 * (rows * ROW_BYTES + 10 * request.ByteSize())
    with (
        background.serving(StandIn, max_in_flight_bytes=limit) as address,
        grpc.insecure_channel(address) as channel,
    ):
        stub = pb_grpc.{{ s.class_name }}ServiceStub(channel)
        for _ in range(20):
            with pytest.raises(grpc.RpcError) as caught:
                stub.BatchPredict(request, timeout=30)
            assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
{% endif %}
{% if e.column_length %}


{{ s.function("test_a_column_that_ends_within_a_row_is_refused", stub) }}
    columns = to_columns(COLUMNS)
    columns.{{ e.column_length[0] }}.append({{ e.column_length[1] }})
    [(field, description)] = refuse_columns(stub, columns)
    assert field == "instances.{{ e.column_length[0] }}"
    assert "expected a multiple of" in description
{% endif %}
{% if e.inputs|length > 1 %}


{{ s.function("test_columns_of_unequal_length_are_refused", stub) }}
    columns = to_columns(COLUMNS)
    del columns.{{ e.inputs[1].name }}[{{ e.inputs[1].second_row }}:]
    [(field, description)] = refuse_columns(stub, columns)
    assert field == "instances.{{ e.inputs[1].name }}"
    assert description.startswith("expected 2 rows")
{% endif %}
{% if e.inputs|length > 1 and e.required %}


{{ s.function("test_a_required_column_that_is_missing_is_named", stub) }}
    columns = to_columns(COLUMNS)
    columns.ClearField("{{ e.required[-1].name }}")
    faults = refuse_columns(stub, columns)
    assert faults == [("instances.{{ e.required[-1].name }}", "required")]
{% endif %}


{{ s.function("test_a_batch_without_rows_is_refused", stub) }}
    faults = refuse_columns(stub, pb.InstanceColumns())
    assert faults == [("instances", "at least one row is required")]
{% if e.fault %}


{{ s.function("test_a_wrong_instance_in_a_stream_answers_for_itself", stub) }}
    right = to_instance(INSTANCE)
{{ e.fault.instance }}
    requests = [pb.StreamPredictRequest(instance=instance) for instance in (right, wrong, right)]
    responses = list(stub.StreamPredict(iter(requests), timeout=30))
    results = [response.WhichOneof("result") for response in responses]
    assert results == ["prediction", "invalid", "prediction"]
{% if e.fault.paths|length == 1 %}
    [violation] = responses[1].invalid.violations
    assert violation.field == "instance.{{ e.fault.paths[0] }}"
{% else %}
    assert [violation.field for violation in responses[1].invalid.violations] == [
{% for path in e.fault.paths %}
        "instance.{{ path }}",
{% endfor %}
    ]
{% endif %}
{% endif %}


def test_a_stream_that_is_left_is_not_run_to_its_end(background: Background) -> None:
    model = SlowModel()
    requests = [pb.StreamPredictRequest(instance=to_instance(INSTANCE))] * 5
    with (
        background.serving(lambda: model, max_batch_size=1) as address,
        grpc.insecure_channel(address) as channel,
    ):
        stub = pb_grpc.{{ s.class_name }}ServiceStub(channel)
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
{% if e.telling %}
    with {{ s.class_name }}Client(serve(FailingModel())) as client:
        with pytest.raises({{ s.class_name }}Error) as caught:
            client.predict(**OTHER)
        assert_same(client.predict(**INSTANCE), PREDICTION)
{% else %}
    with (
        {{ s.class_name }}Client(serve(FailingModel())) as client,
        pytest.raises({{ s.class_name }}Error) as caught,
    ):
        client.predict(**INSTANCE)
{% endif %}
    assert caught.value.code is grpc.StatusCode.INTERNAL
    assert "secret" not in caught.value.message
    error_id = caught.value.message.split()[-1]
    assert f"Error {error_id}: " in caplog.text
    assert "Traceback" in caplog.text
    assert "RuntimeError: a secret of the model" in caplog.text
{% if e.telling %}


def test_an_instance_that_the_model_fails_on_does_not_harm_its_neighbours(
    serve: Callable[[Model], str],
) -> None:
    with (
        {{ s.class_name }}Client(serve(FailingModel())) as client,
        ThreadPoolExecutor(16) as threads,
    ):
        calls = [threads.submit(client.predict, **i) for i in [INSTANCE, OTHER] * 8]
        for call in calls[::2]:
            assert_same(call.result(), PREDICTION)
        for call in calls[1::2]:
            assert isinstance(call.exception(), {{ s.class_name }}Error)
{% endif %}


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
{% for answer in e.wrong_answers %}
{{ answer.line }}
{% endfor %}
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
        {{ s.class_name }}Client(serve(WrongModel(column, value))) as client,
        pytest.raises({{ s.class_name }}Error) as caught,
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
        {{ s.class_name }}Client(address) as client,
        pytest.raises({{ s.class_name }}Error) as caught,
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
        stub = pb_grpc.{{ s.class_name }}ServiceStub(channel)
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
        stub = pb_grpc.{{ s.class_name }}ServiceStub(channel)
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
