"""How the server starts, tells what it is, and stops."""

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue

import grpc
import pytest
from google.protobuf import descriptor_pool
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from iris_classifier import CallError, Client
from iris_classifier.engine.processes.allocator import ENVIRONMENT
from iris_classifier.engine.processes.supervisor import reserved_port
from iris_classifier.engine.serving.predictor import Model
from iris_classifier.engine.serving.server import Server
from iris_classifier.engine.settings import Settings
from iris_classifier.schema import SCHEMA
from iris_classifier.v1 import service_pb2 as pb

from .examples import COLUMNS, INSTANCE
from .messages import SERVICE_NAME, to_columns, to_instance
from .models import PREDICTION, ChangedModel, SlowModel, StandIn
from .predictions import assert_same
from .running import WAIT_SECONDS, Background, Stub, free_port, serving, until

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.mark.parametrize("service", ["", SERVICE_NAME])
def test_health_is_serving_once_the_model_is_loaded(background: Background, service: str) -> None:
    may_load = threading.Event()

    def load() -> StandIn:
        may_load.wait(timeout=30)
        return StandIn()

    with background.loading(load) as address, grpc.insecure_channel(address) as channel:
        request = health_pb2.HealthCheckRequest(service=service)
        watch = health_pb2_grpc.HealthStub(channel).Watch(request, timeout=30)
        assert next(watch).status == NOT_SERVING
        may_load.set()
        assert next(watch).status == SERVING


def test_an_open_watch_hears_of_the_end_and_does_not_delay_it(background: Background) -> None:
    with ExitStack() as serving:
        address = serving.enter_context(background.serving(StandIn, grace_seconds=10))
        with grpc.insecure_channel(address) as channel:
            request = health_pb2.HealthCheckRequest()
            watch = health_pb2_grpc.HealthStub(channel).Watch(request, timeout=30)
            assert next(watch).status == SERVING
            begin = time.monotonic()
            serving.close()
            assert time.monotonic() - begin < 5
            assert next(watch).status == NOT_SERVING


def test_a_server_that_stops_answers_what_it_has_and_refuses_what_comes(
    background: Background,
) -> None:
    model = SlowModel()
    with ExitStack() as serving, ThreadPoolExecutor(2) as threads:
        address = serving.enter_context(background.serving(lambda: model))
        with (
            Client(address) as client,
            grpc.insecure_channel(address) as channel,
        ):
            stub = Stub(channel)
            watch = health_pb2_grpc.HealthStub(channel).Watch(
                health_pb2.HealthCheckRequest(), timeout=30
            )
            assert next(watch).status == SERVING
            call = threads.submit(client.predict, **INSTANCE)
            until(model.asked.is_set, "the model has been asked")
            end = threads.submit(serving.close)
            assert next(watch).status == NOT_SERVING
            request = pb.PredictRequest(instance=to_instance(INSTANCE))
            with pytest.raises(grpc.RpcError) as caught:
                stub.Predict(request, timeout=30)
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
            model.go.set()
            assert_same(call.result(), PREDICTION)
            end.result()


def test_the_port_stays_open_for_a_moment_after_the_last_call(
    background: Background, transport: str
) -> None:
    if transport == "grpcio":
        pytest.skip("it keeps connections until clients have heard how their calls ended")
    model = SlowModel()
    with ExitStack() as serving, ThreadPoolExecutor(2) as threads:
        address = serving.enter_context(background.serving(lambda: model))
        with Client(address) as client:
            call = threads.submit(client.predict, **INSTANCE)
            until(model.asked.is_set, "the model has been asked")
            end = threads.submit(serving.close)
            time.sleep(0.5)  # Until there is nothing but the call to wait for.
            assert not end.done()
            begin = time.monotonic()
            model.go.set()
            assert_same(call.result(), PREDICTION)
            end.result()
            assert time.monotonic() - begin > 0.05


def test_a_client_that_knows_only_reflection_can_call_the_service(server: str) -> None:
    with grpc.insecure_channel(server) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        assert SERVICE_NAME in database.get_services()
        pool = descriptor_pool.DescriptorPool(database)
        method = pool.FindServiceByName(SERVICE_NAME).methods_by_name["Predict"]
        request_type = GetMessageClass(method.input_type)
        predict = channel.unary_unary(
            f"/{SERVICE_NAME}/Predict",
            request_serializer=request_type.SerializeToString,
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )
        known = pb.PredictRequest(instance=to_instance(INSTANCE))
        response = predict(request_type.FromString(known.SerializeToString()), timeout=30)
    answer = pb.PredictResponse.FromString(response.SerializeToString())
    assert answer.model_version == PREDICTION.model_version


def test_reflection_can_be_turned_off(background: Background) -> None:
    with (
        background.serving(StandIn, reflection=False) as address,
        grpc.insecure_channel(address) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        ProtoReflectionDescriptorDatabase(channel).get_services()
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_answers_may_be_larger_than_the_4_mb_that_grpc_allows(
    serve: Callable[[Model], str],
) -> None:
    model = StandIn()
    model.version = "1" * 5_000_000
    with Client(serve(model)) as client:
        assert client.predict(**INSTANCE).model_version == model.version


def test_requests_larger_than_the_limit_are_refused(background: Background) -> None:
    row = to_columns(COLUMNS).ByteSize() // 2
    columns = {name: column[:1] * (5000 // row + 1) for name, column in COLUMNS.items()}
    model = StandIn()
    with (
        background.serving(lambda: model, max_message_bytes=1024) as address,
        Client(address) as client,
        pytest.raises(CallError) as caught,
    ):
        client.batch_predict(columns)
    assert caught.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert len(model.batches) == 1  # Which warmed it up.


@contextmanager
def command(port: int = 0) -> Iterator[subprocess.Popen[str]]:
    """Run the command serve."""
    options = ["--host=127.0.0.1", f"--port={port}"]
    serve = [sys.executable, "-m", "iris_classifier", "serve", *options]
    with subprocess.Popen(serve, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def read_line(process: subprocess.Popen[str], words: str) -> str:
    """Return the next line of a server's log that has these words."""
    assert process.stderr
    end = time.monotonic() + WAIT_SECONDS
    said, log = b"", b""
    while words not in log.decode(errors="replace") or not log.endswith(b"\n"):
        left = max(0.0, end - time.monotonic())
        is_there, _, _ = select.select([process.stderr], [], [], left)
        assert is_there, f"waited {WAIT_SECONDS:.0f} s in vain for the server to say: {words}"
        # A byte at a time, so that what follows the line is there for the next reader.
        byte = os.read(process.stderr.fileno(), 1)
        said += byte
        assert byte, f"the server ended and did not say: {words}\n{said.decode(errors='replace')}"
        log = byte if log.endswith(b"\n") else log + byte
    return log.decode(errors="replace")


def read_address(process: subprocess.Popen[str]) -> str:
    """Return where a server says that it listens."""
    return read_line(process, "Serving on ").split()[-1]


def test_the_log_tells_of_a_setting_that_there_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_MAX_BATCHSIZE", "3")
    with command() as process:
        told = "SERVER_MAX_BATCHSIZE is no setting; did you mean SERVER_MAX_BATCH_SIZE?"
        assert told in read_line(process, "SERVER_MAX_BATCHSIZE")


@pytest.mark.parametrize("closed", [(2,), (0, 1, 2)], ids=str)
@pytest.mark.skipif(sys.platform == "win32", reason="files are closed in another way")
def test_a_server_starts_with_its_standard_files_closed(closed: tuple[int, ...]) -> None:
    port = free_port()
    options = ("--host=127.0.0.1", f"--port={port}")
    command = [sys.executable, "-m", "iris_classifier", "serve", *options]
    code = f"import os; [os.close(n) for n in {closed}]; os.execv({command[0]!r}, {command})"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        try:
            with Client(f"127.0.0.1:{port}") as client:
                client.wait_until_ready(WAIT_SECONDS)
                assert client.predict(**INSTANCE).model_version
            process.terminate()
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("host", ["::1", "[::1]", "::"])
@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6")
def test_a_server_listens_on_ipv6(background: Background, host: str) -> None:
    with (
        background.serving(StandIn, host=host) as address,
        Client(f"[::1]:{address.rpartition(':')[2]}") as client,
    ):
        assert_same(client.predict(**INSTANCE), PREDICTION)


def test_a_signal_ends_the_server_once_the_calls_in_flight_are_answered(transport: str) -> None:
    # Both signals are handled as one, so that each need not be tried on each transport.
    number = signal.SIGTERM if transport == "native" else signal.SIGINT
    requests: SimpleQueue[pb.StreamPredictRequest | None] = SimpleQueue()
    request = pb.StreamPredictRequest(instance=to_instance(INSTANCE))
    with command() as process, grpc.insecure_channel(read_address(process)) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        watch = health.Watch(health_pb2.HealthCheckRequest(), timeout=30)
        assert next(watch).status == SERVING
        stub = Stub(channel)
        responses = stub.StreamPredict(iter(requests.get, None), timeout=30)
        requests.put(request)
        assert next(responses).HasField("prediction")
        process.send_signal(number)
        assert next(watch).status == NOT_SERVING
        requests.put(request)
        assert next(responses).HasField("prediction")
        requests.put(None)
        assert list(responses) == []
        assert process.wait(timeout=30) == 0


@contextmanager
def reloadable(background: Background, load: Callable[[], Model]) -> Iterator[tuple[Server, str]]:
    """Run a server that can be told to load its model anew; gives its address, too."""
    server = Server(serving(load), Settings(host="127.0.0.1", port=0, grace_seconds=5))
    try:
        yield server, f"127.0.0.1:{background.run(server.start())}"
    finally:
        background.run(server.stop())


def version(name: str) -> StandIn:
    """Return a model of this version."""
    model = StandIn()
    model.version = name
    return model


def test_a_reload_swaps_the_model_under_load(background: Background) -> None:
    names = ["1", "2"]
    is_loading, may_load, is_over = threading.Event(), threading.Event(), threading.Event()
    seen: set[str] = set()

    def load() -> StandIn:
        if len(names) == 1:
            is_loading.set()
            may_load.wait(timeout=30)
        return version(names.pop(0))

    with (
        reloadable(background, load) as (server, address),
        Client(address) as client,
        ThreadPoolExecutor(4) as threads,
        ExitStack() as end,
    ):
        end.callback(is_over.set)

        def ask() -> None:
            while not is_over.is_set():
                seen.add(client.predict(**INSTANCE).model_version)

        callers = [threads.submit(ask) for _ in range(4)]
        reload = background.start(server.reload())
        until(is_loading.is_set, "the new model loads")
        assert client.predict(**INSTANCE).model_version == "1"
        until(lambda: seen == {"1"}, "the old model has answered the callers")
        may_load.set()
        until(lambda: "2" in seen, "the new model has answered")
        until(reload.done, "the reload is over")
        assert client.get_model_metadata().version == "2"
        is_over.set()
        for caller in callers:
            caller.result()
    assert seen == {"1", "2"}


def test_a_call_that_runs_during_a_reload_is_answered_by_the_old_model(
    background: Background,
) -> None:
    old = SlowModel()
    models = [old, version("2")]
    with (
        reloadable(background, lambda: models.pop(0)) as (server, address),
        Client(address) as client,
        ThreadPoolExecutor(1) as threads,
    ):
        call = threads.submit(client.predict, **INSTANCE)
        until(old.asked.is_set, "the old model has been asked")
        background.run(server.reload())
        assert not call.done()
        old.go.set()
        assert_same(call.result(), PREDICTION)
        assert client.predict(**INSTANCE).model_version == "2"


def no_model() -> Model:
    """Fail to load."""
    raise OSError("there is no model")


def model_that_answers_wrong() -> Model:
    """Load a model that cannot answer."""
    return ChangedModel(**{SCHEMA.outputs[0].name: []})


@pytest.mark.parametrize("load_next", [no_model, model_that_answers_wrong])
def test_the_old_model_stays_if_the_new_one_is_no_good(
    background: Background, caplog: pytest.LogCaptureFixture, load_next: Callable[[], Model]
) -> None:
    loads: list[Callable[[], Model]] = [StandIn, load_next]
    with (
        reloadable(background, lambda: loads.pop(0)()) as (server, address),
        Client(address) as client,
    ):
        background.run(server.reload())
        assert loads == []
        assert "the old one stays" in caplog.text
        assert_same(client.predict(**INSTANCE), PREDICTION)


def test_reloads_that_come_while_one_runs_are_one(background: Background) -> None:
    loads: list[int] = []

    def load() -> StandIn:
        loads.append(1)
        time.sleep(0.2)
        return StandIn()

    async def reload_often(server: Server) -> None:
        await asyncio.gather(*(server.reload() for _ in range(100)))

    server = Server(serving(load), Settings(host="127.0.0.1", port=0))
    background.run(server.start())
    background.run(reload_often(server))
    background.run(server.stop())
    assert len(loads) <= 3


def test_health_is_not_serving_while_a_batch_takes_longer_than_the_models_timeout(
    background: Background,
) -> None:
    model = SlowModel()
    with (
        background.serving(lambda: model, model_timeout_seconds=1) as address,
        Client(address) as client,
        grpc.insecure_channel(address) as channel,
        ThreadPoolExecutor(1) as threads,
    ):
        request = health_pb2.HealthCheckRequest()
        watch = health_pb2_grpc.HealthStub(channel).Watch(request, timeout=30)
        assert next(watch).status == SERVING
        call = threads.submit(client.predict, **INSTANCE)
        assert next(watch).status == NOT_SERVING
        assert not call.done()
        model.go.set()
        assert_same(call.result(timeout=30), PREDICTION)
        assert next(watch).status == SERVING


def worker_of(process: subprocess.Popen[str]) -> int:
    """Return the process that has the model, as it says once it listens."""
    return int(read_line(process, "Transport: ").split()[3])


@pytest.mark.skipif(sys.platform == "win32", reason="there are no workers")
def test_a_worker_that_is_silent_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_MODEL_TIMEOUT_SECONDS", "5")
    monkeypatch.setenv("SERVER_GRACE_SECONDS", "1")
    with command() as process:
        worker = worker_of(process)
        with Client(read_address(process)) as client:
            os.kill(worker, signal.SIGSTOP)
            assert str(worker) in read_line(process, "SERVER_MODEL_TIMEOUT_SECONDS")
            assert worker_of(process) != worker
            assert client.predict(**INSTANCE).model_version


@pytest.mark.skipif(sys.platform == "win32", reason="there are no workers")
def test_a_worker_that_waits_for_calls_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_MODEL_TIMEOUT_SECONDS", "2")
    with command() as process:
        worker = worker_of(process)
        with Client(read_address(process)) as client:
            time.sleep(4)
            os.kill(worker, 0)  # Fails if it has ended.
            assert client.predict(**INSTANCE).model_version


@pytest.mark.skipif(sys.platform != "linux", reason="nothing tells what a process is started with")
def test_a_worker_is_started_so_that_it_keeps_little_memory() -> None:
    with command() as process:
        settings = Path(f"/proc/{worker_of(process)}/environ").read_bytes().split(b"\0")
    assert {f"{name}={value}".encode() for name, value in ENVIRONMENT.items()} <= {*settings}


@pytest.mark.skipif(sys.platform == "win32", reason="there are no workers")
def test_sigterm_ends_a_worker_that_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_GRACE_SECONDS", "1")
    with command() as process:
        worker = worker_of(process)
        read_address(process)
        os.kill(worker, signal.SIGSTOP)
        begin = time.monotonic()
        process.terminate()
        assert process.wait(timeout=30) == 0
        assert time.monotonic() - begin < 3
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


def test_a_server_without_workers_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_WORKERS", "0")
    with command() as process:
        assert worker_of(process) == process.pid
        with Client(read_address(process)) as client:
            process.send_signal(signal.SIGHUP)
            read_line(process, "Serving version")
            assert client.predict(**INSTANCE).model_version
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_the_supervisor_imports_neither_numpy_nor_grpc() -> None:
    code = "import sys, iris_classifier.engine.commands.serve"
    check = "print({'numpy', 'grpc'} & sys.modules.keys())"
    command = [sys.executable, "-c", f"{code}; {check}"]
    assert subprocess.check_output(command, text=True, timeout=30) == "set()\n"


def test_workers_share_a_port_and_the_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_WORKERS", "2")
    with command() as process:
        address = read_address(process)
        with Client(address, connections=4) as client:
            process.send_signal(signal.SIGHUP)
            for _ in range(2):
                read_line(process, "Serving version")
            for _ in range(8):
                assert client.predict(**INSTANCE).model_version
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_workers_take_over_a_port_that_has_just_been_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            listener.accept()[0].close()  # Which leaves it in TIME_WAIT.
    with reserved_port(Settings(host="127.0.0.1", port=port)) as reserved:
        assert reserved == port


def test_a_port_is_free_once_its_server_has_ended(background: Background) -> None:
    port = free_port()
    for _ in range(2):
        with (
            background.serving(StandIn, port=port) as address,
            Client(address) as client,
        ):
            assert_same(client.predict(**INSTANCE), PREDICTION)


def test_a_port_in_use_is_told_without_a_traceback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with command(port) as process:
            _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    told = f"cannot listen on 127.0.0.1:{port}: Address already in use; SERVER_HOST and SERVER_PORT"
    assert told in errors.splitlines()[-1]
    assert "Traceback" not in errors
