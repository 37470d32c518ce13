"""What the transports take from callers, and what they do where there is little room."""

import logging
import secrets
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from kitchen.engine.failures import CannotListenError, NoTransportError
from kitchen.engine.serving.batches import count
from kitchen.engine.serving.footprint import Footprint
from kitchen.engine.settings import Settings
from kitchen.engine.transports import choice as transports
from kitchen.v1 import service_pb2 as pb

from .examples import COLUMNS, INSTANCE
from .messages import ROW_BYTES, to_columns, to_instance
from .models import SlowModel, StandIn
from .running import Background, Stub

PATH = f"/{pb.DESCRIPTOR.package}.KitchenService"
REQUEST = pb.PredictRequest(instance=to_instance(INSTANCE))
SERVING = health_pb2.HealthCheckResponse.SERVING
# A field that no message has, so that a request is as large as one likes.
PADDING_TAG = b"\xfa\xff\xff\xff\x0f"
# No call is tried again, and each channel has a connection of its own.
ONCE = [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]


def padded(size: int) -> bytes:
    """Return a request with so many bytes that mean nothing, as no number and no tag ends so."""
    length = bytes([*(size >> shift & 127 | 128 for shift in (0, 7, 14)), size >> 21])
    return REQUEST.SerializeToString() + PADDING_TAG + length + size * b"\xff"


def outcome_of(call: Any) -> str:
    """Return how a call ended."""
    error = call.exception(timeout=60)
    return "OK" if error is None else str(error.code().name)


def test_far_more_calls_than_a_connection_takes_at_once_are_all_answered(server: str) -> None:
    with grpc.insecure_channel(server, options=ONCE) as channel:
        stub = Stub(channel)
        calls = [stub.Predict.future(REQUEST, timeout=60) for _ in range(1000)]
        assert Counter(map(outcome_of, calls)) == {"OK": 1000}


def test_requests_share_a_budget_until_their_calls_end(background: Background) -> None:
    model = SlowModel()
    unit = max(50_000, ROW_BYTES)
    copies = Footprint(pb.PredictRequest.DESCRIPTOR).copies
    with (
        background.serving(lambda: model, max_in_flight_bytes=5 * copies * unit) as address,
        grpc.insecure_channel(address, options=ONCE) as channel,
    ):
        predict: Any = channel.unary_unary(f"{PATH}/Predict")
        first = predict.future(padded(3 * unit), timeout=60)
        assert model.asked.wait(timeout=30), "waited in vain for the first call"
        refused = predict.future(padded(2 * unit), timeout=60)
        assert outcome_of(refused) == "RESOURCE_EXHAUSTED"
        assert "SERVER_MAX_IN_FLIGHT_BYTES" in refused.details()
        too_large = predict.future(padded(5 * unit), timeout=60)
        assert outcome_of(too_large) == "INVALID_ARGUMENT"
        assert "SERVER_MAX_IN_FLIGHT_BYTES" in too_large.details()
        health = health_pb2_grpc.HealthStub(channel)
        assert health.Check(health_pb2.HealthCheckRequest(), timeout=30).status == SERVING
        model.go.set()
        assert outcome_of(first) == "OK"
        assert outcome_of(predict.future(padded(2 * unit), timeout=60)) == "OK"


def test_a_connection_runs_no_more_calls_at_once_than_it_may(background: Background) -> None:
    model = SlowModel()
    with (
        background.serving(lambda: model, max_batch_size=4096) as address,
        grpc.insecure_channel(address, options=ONCE) as channel,
    ):
        stub = Stub(channel)
        calls = [stub.Predict.future(REQUEST, timeout=60) for _ in range(1500)]
        assert model.asked.wait(timeout=30), "waited in vain for the first call"
        time.sleep(1)  # Meanwhile the others come in, as many as may.
        model.go.set()
        assert Counter(map(outcome_of, calls)) == {"OK": 1500}
    assert max(map(count, model.batches)) <= transports.MOST_STREAMS


def test_a_call_may_have_a_long_token_but_no_endless_metadata(server: str) -> None:
    with grpc.insecure_channel(server, options=ONCE) as channel:
        stub = Stub(channel)

        def call_with(size: int) -> str:
            metadata = [("token", secrets.token_hex(size // 2))]
            return outcome_of(stub.Predict.future(REQUEST, timeout=30, metadata=metadata))

        assert call_with(6000) == "OK"
        assert call_with(30_000) != "OK"
        assert call_with(6000) == "OK"


def test_no_more_calls_wait_than_there_is_memory_for(background: Background) -> None:
    model = SlowModel()
    each = 2 * REQUEST.ByteSize() + ROW_BYTES  # A request is there twice.
    most = 40 + 1024 // each
    with (
        background.serving(lambda: model, max_in_flight_bytes=most * each) as address,
        grpc.insecure_channel(address, options=ONCE) as channel,
    ):
        stub = Stub(channel)
        calls = [stub.Predict.future(REQUEST, timeout=60) for _ in range(2 * most)]
        time.sleep(1)  # Meanwhile all come in.
        model.go.set()
        outcomes = Counter(map(outcome_of, calls))
    assert set(outcomes) <= {"OK", "RESOURCE_EXHAUSTED"}
    assert outcomes["OK"] <= most


def test_each_row_of_a_batch_takes_up_memory(background: Background) -> None:
    columns = to_columns({name: column[:1] * 1000 for name, column in COLUMNS.items()})
    request = pb.BatchPredictRequest(instances=columns)
    limit = 1024 + 2 * request.ByteSize() + 250 * ROW_BYTES
    with (
        background.serving(StandIn, max_in_flight_bytes=limit) as address,
        grpc.insecure_channel(address, options=ONCE) as channel,
    ):
        stub = Stub(channel)
        outcome = outcome_of(stub.BatchPredict.future(request, timeout=60))
    assert outcome in ("INVALID_ARGUMENT", "RESOURCE_EXHAUSTED")


def test_probes_take_up_no_memory_of_calls(background: Background) -> None:
    request = health_pb2.HealthCheckRequest(service="x" * 2000)
    with (
        background.serving(StandIn, max_in_flight_bytes=1024) as address,
        grpc.insecure_channel(address, options=ONCE) as channel,
    ):
        check = health_pb2_grpc.HealthStub(channel).Check.future(request, timeout=30)
        assert outcome_of(check) == "NOT_FOUND"


def test_two_servers_do_not_share_a_port_by_mistake(background: Background, server: str) -> None:
    port = int(server.rpartition(":")[2])
    with pytest.raises(CannotListenError), background.serving(StandIn, port=port):
        pass


def no_folder() -> str:
    """Fail, as where no folder is writable."""
    raise OSError("there is no folder; TMPDIR may name one")


def test_without_a_folder_for_its_socket_the_native_transport_gives_way(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    native = pytest.importorskip("kitchen.engine.transports.native")
    monkeypatch.setattr(native, "find_socket_folder", no_folder)
    with caplog.at_level(logging.INFO):
        assert transports.choose(Settings(transport="auto")) == "grpcio"
    assert "since there is no folder; TMPDIR may name one" in caplog.text
    with pytest.raises(NoTransportError, match="TMPDIR"):
        transports.choose(Settings(transport="native"))


def test_the_socket_goes_where_there_is_a_place_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    native = pytest.importorskip("kitchen.engine.transports.native")
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(native, "MORE_FOLDERS", ("", "/nowhere", folder))
        for unusable in ("/nowhere", str(tmp_path / ("x" * 100))):
            monkeypatch.setattr(tempfile, "tempdir", unusable)
            assert native.find_socket_folder() == folder
