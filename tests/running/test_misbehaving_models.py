"""What a model may do to its server: nothing that keeps SIGTERM from ending all of it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import grpc
import pytest
from baking import HELPERS
from grpc_health.v1 import health_pb2, health_pb2_grpc
from serving import Service, Start, needs_proc

pytestmark = [pytest.mark.slow, needs_proc]

# What the model does, by the petal width that asks for it, as misbehaving_model.py has them.
FAULTS = ["", "hang", "block_for_3_seconds", "loop", "lock", "stop", "shout", "fail", "fork"]
GRACE_SECONDS = 1
# What the end may take in all, and how much later a machine that is busy with other tests is.
MOST_SECONDS = GRACE_SECONDS + 2
NOISE_SECONDS = 1
WAIT_SECONDS = 30


@pytest.fixture(scope="session")
def misbehaving(iris: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default project with a model that misbehaves when it is asked to."""
    project = tmp_path_factory.mktemp("misbehaving") / "project"
    shutil.copytree(iris, project)
    model = HELPERS / "misbehaving_model.py"
    shutil.copyfile(model, project / "src" / "iris_classifier" / "model.py")
    return project


@pytest.fixture
def loading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that says how the model misbehaves while it is loaded; there is none at first."""
    file = tmp_path / "loading"
    monkeypatch.setenv("MISBEHAVIOUR", str(file))
    return file


@contextmanager
def started(project: Path, log: Path, **variables: object) -> Iterator[Service]:
    """Start a server that may never serve; kill what is left of it."""
    variables = {"SERVER_GRACE_SECONDS": GRACE_SECONDS, **variables}
    service = Service(project, log, variables=variables)
    try:
        yield service
    finally:
        for pid in processes_of(service) if service.is_alive else []:
            os.kill(pid, signal.SIGKILL)


def processes_of(service: Service) -> list[int]:
    """Return the supervisor and its workers."""
    return [service.pid, *service.workers]


def is_running(pid: int) -> bool:
    """Tell whether a process has not ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def wait_for(what: str, is_so: Callable[[], Any], service: Service) -> None:
    """Wait until something is so of a server."""
    end = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < end, f"waited {WAIT_SECONDS} s for: {what}\n{service.log}"
        time.sleep(0.02)


def wait_for_log(service: Service, words: str, times: int = 1) -> None:
    """Wait until the log of a server has some words."""
    wait_for(words, lambda: service.log.count(words) >= times, service)


def assert_ends_in_time(service: Service) -> None:
    """End a server, and hold it and all its processes to the time that they may take."""
    processes = processes_of(service)
    began = time.monotonic()
    service.terminate()
    wait_for(f"the end of {processes}", lambda: not any(map(is_running, processes)), service)
    seconds = time.monotonic() - began
    print(f"{len(processes)} processes ended in {seconds:.1f} s")
    assert seconds < MOST_SECONDS + NOISE_SECONDS, service.log


def survives_sighup(pid: int) -> bool:
    """Tell whether a process handles or ignores SIGHUP, which ends others."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    masks = [line.split()[1] for line in lines if line.startswith(("SigIgn:", "SigCgt:"))]
    return any(int(mask, 16) & 1 << (signal.SIGHUP - 1) for mask in masks)


def ask(service: Service, fault: str = "", timeout: float = WAIT_SECONDS) -> Any:
    """Ask the model of a server to misbehave, and return the call."""
    pb = import_module("iris_classifier.v1.service_pb2")
    stubs = import_module("iris_classifier.v1.service_pb2_grpc")
    lengths = dict.fromkeys(("sepal_length", "sepal_width", "petal_length"), 1)
    flower = {**lengths, "petal_width": FAULTS.index(fault)}
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
    stub = stubs.IrisClassifierServiceStub(grpc.insecure_channel(service.address, options))
    return stub.Predict.future(
        pb.PredictRequest(instance=pb.Instance(**flower)), timeout=timeout, wait_for_ready=True
    )


def wait_until_served(service: Service) -> None:
    """Wait until a server says where it serves."""
    wait_for_log(service, "Serving on ")
    service.address = service.log.split("Serving on ")[1].split()[0]


def health_of(service: Service) -> str:
    """Return what a server says of its health."""
    with grpc.insecure_channel(service.address) as channel:
        request = health_pb2.HealthCheckRequest()
        status = health_pb2_grpc.HealthStub(channel).Check(request, timeout=5).status
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(status))


@pytest.fixture(params=[1, 2])
def workers(request: pytest.FixtureRequest) -> int:
    """How many workers."""
    return int(request.param)


# Its end


@pytest.mark.parametrize("fault", ["hang", "loop", "lock", "stop"])
@pytest.mark.usefixtures("loading")
def test_sigterm_ends_a_server_whose_model_misbehaves_as_it_predicts(
    misbehaving: Path, start: Start, workers: int, fault: str
) -> None:
    service = start(misbehaving, SERVER_WORKERS=workers, SERVER_GRACE_SECONDS=GRACE_SECONDS)
    call = ask(service, fault)
    wait_for_log(service, f"Predicting with {fault}")
    assert_ends_in_time(service)
    assert call.exception(timeout=WAIT_SECONDS)


@pytest.mark.parametrize("fault", ["loop", "lock"])
def test_sigterm_ends_a_server_whose_model_does_not_end_loading(
    misbehaving: Path, loading: Path, transport: str, tmp_path: Path, workers: int, fault: str
) -> None:
    loading.write_text(fault)
    variables = {"SERVER_TRANSPORT": transport, "SERVER_WORKERS": workers}
    with started(misbehaving, tmp_path / "log", **variables) as service:
        wait_for_log(service, f"Loading with {fault}", times=workers)
        assert_ends_in_time(service)


@pytest.mark.parametrize("fault", ["loop", "lock"])
def test_sigterm_ends_a_server_whose_model_does_not_end_loading_anew(
    misbehaving: Path, loading: Path, start: Start, workers: int, fault: str
) -> None:
    service = start(misbehaving, SERVER_WORKERS=workers, SERVER_GRACE_SECONDS=GRACE_SECONDS)
    loading.write_text(fault)
    os.kill(service.pid, signal.SIGHUP)
    wait_for_log(service, f"Loading with {fault}")  # By one worker, before the others.
    assert_ends_in_time(service)


@pytest.mark.parametrize("fault", ["hang", "loop"])
def test_sigterm_ends_a_process_without_a_supervisor_unless_its_model_holds_the_lock(
    misbehaving: Path, loading: Path, start: Start, tmp_path: Path, fault: str
) -> None:
    alone = {"SERVER_WORKERS": 0, "SERVER_GRACE_SECONDS": GRACE_SECONDS}
    service = start(misbehaving, **alone)
    assert service.workers == []
    call = ask(service, fault)
    wait_for_log(service, f"Predicting with {fault}")
    assert_ends_in_time(service)
    assert call.exception(timeout=WAIT_SECONDS)
    loading.write_text(fault)
    with started(misbehaving, tmp_path / "log", SERVER_WORKERS=0) as service:
        wait_for_log(service, f"Loading with {fault}")
        assert_ends_in_time(service)


@pytest.mark.usefixtures("loading")
@pytest.mark.parametrize("seconds", [0.0, 0.2, 0.4, 0.7, 1.0, 1.5, 2.0])
def test_sigterm_ends_a_server_at_any_moment_of_its_start(
    misbehaving: Path, tmp_path: Path, workers: int, seconds: float
) -> None:
    with started(misbehaving, tmp_path / "log", SERVER_WORKERS=workers) as service:
        time.sleep(seconds)
        assert_ends_in_time(service)
    assert "Traceback" not in service.log


@pytest.mark.usefixtures("loading")
def test_a_second_signal_cuts_the_grace_short(misbehaving: Path, start: Start) -> None:
    service = start(misbehaving, SERVER_GRACE_SECONDS=60)
    call = ask(service, "hang")
    wait_for_log(service, "Predicting with hang")
    service.terminate()
    wait_for_log(service, "Stopping")
    began = time.monotonic()
    os.kill(service.pid, signal.SIGTERM)
    wait_for("its end", lambda: not service.is_alive, service)
    assert time.monotonic() - began < MOST_SECONDS + NOISE_SECONDS
    assert call.exception(timeout=WAIT_SECONDS)


@pytest.mark.usefixtures("loading")
def test_a_worker_whose_supervisor_was_killed_ends_though_its_model_holds_the_lock(
    misbehaving: Path, tmp_path: Path
) -> None:
    with started(misbehaving, tmp_path / "log") as service:
        wait_until_served(service)
        [worker] = service.workers
        call = ask(service, "lock")
        wait_for_log(service, "Predicting with lock")
        os.kill(service.pid, signal.SIGKILL)
        wait_for("the end of the worker", lambda: not is_running(worker), service)
        assert call.exception(timeout=WAIT_SECONDS)


def test_a_worker_whose_supervisor_was_killed_before_it_ends_though_an_import_never_does(
    misbehaving: Path,
) -> None:
    worker = subprocess.run(
        [sys.executable, "-m", "iris_classifier", "worker"],
        input=b"",  # At its end at once, as when the supervisor is gone.
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(misbehaving / "src"), "IMPORTING": "lock"},
        timeout=WAIT_SECONDS,
    )
    assert worker.returncode == 1
    assert worker.stderr == b"the supervisor has ended\n"


# Its health


@pytest.mark.usefixtures("loading")
def test_health_follows_a_model_that_blocks_for_a_while(misbehaving: Path, start: Start) -> None:
    service = start(misbehaving, SERVER_MODEL_TIMEOUT_SECONDS=1)
    for _ in range(300):
        ask(service).result()
    assert health_of(service) == "SERVING"
    call = ask(service, "block_for_3_seconds")
    wait_for("NOT_SERVING", lambda: health_of(service) == "NOT_SERVING", service)
    assert not call.done()
    call.result()
    wait_for("SERVING", lambda: health_of(service) == "SERVING", service)
    assert "SERVER_MODEL_TIMEOUT_SECONDS" in service.log


@pytest.mark.parametrize("fault", ["lock", "stop"])
@pytest.mark.usefixtures("loading")
def test_a_worker_that_is_silent_is_replaced(
    misbehaving: Path, start: Start, workers: int, fault: str
) -> None:
    service = start(misbehaving, SERVER_WORKERS=workers, SERVER_MODEL_TIMEOUT_SECONDS=1)
    before = service.workers
    call = ask(service, fault)
    assert call.exception(timeout=WAIT_SECONDS)
    wait_for_log(service, "SERVER_MODEL_TIMEOUT_SECONDS")
    wait_for("another worker", lambda: len(set(service.workers) | set(before)) > workers, service)
    ask(service).result()
    # And where it hung, unless it was stopped.
    assert fault == "stop" or "in predict" in service.log


@pytest.mark.usefixtures("loading")
def test_a_worker_that_died_is_replaced_and_leaves_no_process_behind(
    misbehaving: Path, start: Start
) -> None:
    service = start(misbehaving)
    [worker] = service.workers
    ask(service, "fork").result()
    fork = int(service.log.split("Forked ")[1].split(".")[0])
    os.kill(worker, signal.SIGKILL)
    wait_for("another worker", lambda: service.log.count("Transport: ") == 2, service)
    assert not is_running(fork)
    ask(service).result()


def test_a_worker_may_be_silent_while_it_loads(
    misbehaving: Path, loading: Path, start: Start
) -> None:
    service = start(misbehaving, SERVER_MODEL_TIMEOUT_SECONDS=1, SERVER_GRACE_SECONDS=1)
    loading.write_text("lock")
    os.kill(service.pid, signal.SIGHUP)
    wait_for_log(service, "Loading with lock")
    time.sleep(4)
    assert "SERVER_MODEL_TIMEOUT_SECONDS" not in service.log


@pytest.mark.usefixtures("loading")
def test_workers_are_not_to_blame_for_the_time_that_their_supervisor_was_stopped(
    misbehaving: Path, start: Start
) -> None:
    service = start(misbehaving, SERVER_MODEL_TIMEOUT_SECONDS=1)
    [worker] = service.workers
    for pid in (worker, service.pid):
        os.kill(pid, signal.SIGSTOP)
    time.sleep(3)
    for pid in (service.pid, worker):
        os.kill(pid, signal.SIGCONT)
    time.sleep(2)
    assert service.workers == [worker]
    ask(service).result()


@pytest.mark.usefixtures("loading")
def test_a_worker_leaves_nothing_open_that_python_would_warn_of(
    misbehaving: Path, start: Start
) -> None:
    service = start(misbehaving, SERVER_GRACE_SECONDS=10, PYTHONWARNINGS="error::ResourceWarning")
    since = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - since < 5
    assert "ResourceWarning" not in service.log


# Its start


@pytest.mark.usefixtures("loading")
def test_a_model_that_fails_on_its_warm_up_row_ends_the_server_with_the_reason_last(
    misbehaving: Path, transport: str, tmp_path: Path, workers: int
) -> None:
    variables = {"SERVER_TRANSPORT": transport, "SERVER_WORKERS": workers, "WARM_UP": "fail"}
    with started(misbehaving, tmp_path / "log", **variables) as service:
        wait_for("its end", lambda: not service.is_alive, service)
        assert service.stop() == 1
    assert "Serving on" not in service.log
    last = service.log.splitlines()[-1]
    assert "the model failed on a made-up row: ValueError: this row is not real" in last
    assert last.endswith("give a real one in Model.example(), or set SERVER_WARM_UP=try")


@pytest.mark.usefixtures("loading")
def test_a_model_that_fails_on_its_warm_up_row_is_served_where_that_is_asked_for(
    misbehaving: Path, start: Start
) -> None:
    service = start(misbehaving, WARM_UP="fail", SERVER_WARM_UP="try")
    ask(service).result()
    assert health_of(service) == "SERVING"
    assert "this row is not real" in service.log


def test_a_model_that_cannot_be_loaded_ends_the_server_with_the_reason_last(
    misbehaving: Path, loading: Path, tmp_path: Path, workers: int
) -> None:
    loading.write_text("fail")
    with started(misbehaving, tmp_path / "log", SERVER_WORKERS=workers) as service:
        wait_for("its end", lambda: not service.is_alive, service)
        assert service.stop() == 1
    last = service.log.splitlines()[-1]
    assert last.endswith("the model cannot be loaded: ValueError: this row is not real")


def test_a_hundred_sighups_at_the_start_and_later_reload_a_few_times(
    misbehaving: Path, loading: Path, transport: str, tmp_path: Path
) -> None:
    loading.write_text("block_for_3_seconds")
    log = tmp_path / "log"
    with started(misbehaving, log, SERVER_TRANSPORT=transport) as service:
        wait_for("Python to run", lambda: survives_sighup(service.pid), service)
        sent = 0
        while "Serving on " not in service.log:
            for pid in processes_of(service):
                os.kill(pid, signal.SIGHUP)
                sent += 1
            assert service.is_alive
            time.sleep(0.01)
        assert sent > 100
        wait_for_log(service, "Serving version")
        wait_until_served(service)
        loads = service.log.count("Loading with")
        assert loads <= 3
        began = time.monotonic()
        for _ in range(100):
            os.kill(service.pid, signal.SIGHUP)
            time.sleep(0.01)
        # Each takes three seconds. The model holds the interpreter while it loads, so a
        # signal may be handled one load late: one more than those that were asked for.
        more = 3 + int(time.monotonic() - began) // 3
        wait_for_log(service, "Serving version", times=2)
        time.sleep(4)
        assert service.log.count("Loading with") <= loads + more
        assert_ends_in_time(service)


# Its log


@pytest.mark.usefixtures("loading")
def test_a_log_that_nobody_reads_holds_nothing_up(
    misbehaving: Path, transport: str, tmp_path: Path
) -> None:
    log = tmp_path / "pipe"
    os.mkfifo(log)
    reader = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
    with started(misbehaving, log, SERVER_TRANSPORT=transport) as service:
        service.address = read_address(reader, service)
        for _ in range(20):
            error = ask(service, "shout").exception(timeout=WAIT_SECONDS)
            assert error.code() is grpc.StatusCode.INTERNAL
        assert health_of(service) == "SERVING"
        ask(service).result()
        assert_ends_in_time(service)


def read_address(reader: int, service: Service) -> str:
    """Return where a server says in its log that it serves; read no further."""
    text = ""

    def says_so() -> bool:
        nonlocal text
        try:
            text += os.read(reader, 1000).decode()
        except BlockingIOError:
            return False
        return "Serving on " in text and text.endswith("\n")

    wait_for("Serving on", says_so, service)
    return text.split("Serving on ")[1].split()[0]
