"""The benchmarks: what figures tell, what is asked for, and the scripts that call the service."""

import base64
import importlib.util
import json
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from baking import TEMPLATE
from serving import Service

from benchmarks import __main__ as command
from benchmarks import (
    checks,
    comparison,
    costs,
    curves,
    load,
    pace,
    pairs,
    payloads,
    report,
    report_growth,
    report_payloads,
    steps,
    systems,
    trees,
    usage,
)
from benchmarks.pairs import AFTER, BEFORE, TURNS, interval, ratio

BENCHMARKS = TEMPLATE / "benchmarks"
PEERS = BENCHMARKS / "peers"
PEER = PEERS / "grpc_ml"
ALL_FOLDERS = {system.folder for system in systems.SYSTEMS}
ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]] * 3, np.float32)


# What ratios tell


@pytest.mark.parametrize(
    ("count", "low", "high", "coverage"),
    [
        (1, 1, 1, 0),
        (2, 1, 2, 0.5),
        (5, 1, 5, 0.938),
        (6, 1, 6, 0.969),
        (9, 2, 8, 0.961),
        (12, 3, 10, 0.961),
        (17, 5, 13, 0.951),
        (20, 6, 15, 0.959),
    ],
)
def test_an_interval_is_that_of_the_published_tables(
    count: int, low: int, high: int, coverage: float
) -> None:
    values = list(range(1, count + 1))
    random.Random(0).shuffle(values)
    found = interval(values)
    assert (found.low, found.high) == (low, high)
    assert found.coverage == pytest.approx(coverage, abs=0.0006)


def test_an_interval_holds_the_median_as_often_as_it_says() -> None:
    draw = random.Random(0).lognormvariate
    intervals = [interval([draw(0, 1) for _ in range(9)]) for _ in range(4000)]
    held = statistics.mean(low <= 1 <= high for low, high, _ in intervals)
    assert held == pytest.approx(intervals[0].coverage, abs=0.01)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.96, 1.1, "met"),
        (0.95, 1.1, "met"),
        (0.94, 1.1, "open"),
        (0.8, 0.95, "open"),
        (0.8, 0.949, "missed"),
    ],
)
def test_a_bound_is_missed_only_by_a_whole_interval_below_it(
    low: float, high: float, verdict: str
) -> None:
    assert pairs.Interval(low, high, 0.96).verdict(0.95) == verdict


# What a round is


def ratio_of_a_round(pace: Callable[[int], float]) -> float:
    """Return the ratio that a round finds between equal trees when each load has its own pace."""
    rates: dict[str, list[float]] = {BEFORE: [], AFTER: []}
    for turn, tree in enumerate(TURNS):
        rates[tree].append(1000 * pace(turn))
    return ratio(rates[BEFORE], rates[AFTER])


@pytest.mark.parametrize(
    "pace",
    [lambda turn: 0.8**turn, lambda turn: 0.9 if turn % 2 else 1.0],
    ids=["slows-down-steadily", "every-second-load-is-slower"],
)
def test_neither_tree_gains_by_its_turn(pace: Callable[[int], float]) -> None:
    assert ratio_of_a_round(pace) == pytest.approx(1)


def loads_of(*rates: float) -> list[load.Load]:
    """Return loads of such rates."""
    return [load.Load(rate, p50_ms=1, p99_ms=2) for rate in rates]


def summary(bound: float | None, ratios: Sequence[float]) -> dict[str, object]:
    """Return the summary of rounds with such ratios."""
    case = comparison.Case("native", "lr", 64)
    rounds = [
        {BEFORE: loads_of(1000, 1100), AFTER: loads_of(1000 * each, 1100 * each)} for each in ratios
    ]
    return comparison.summarize(case, rounds, bound)


def test_a_summary_has_the_median_of_the_rounds_and_all_of_them() -> None:
    found = summary(None, [0.9, 1.2, 1.0])
    assert found["ratio"] == pytest.approx(1)
    assert found["ratios"] == pytest.approx([0.9, 1.2, 1.0])
    assert found["verdict"] is None


@pytest.mark.parametrize(("ratios", "status"), [([0.9] * 8 + [1.2], 1), ([0.9] * 7 + [1, 1], 0)])
def test_the_command_fails_when_a_bound_is_missed(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ratios: list[float],
    status: int,
) -> None:
    content = {
        "machine": dict.fromkeys(("date", "cpu", "cores", "memory_gib", "system", "h2load"), ""),
        "settings": {**command.COMPARISON, "server_cores": "0", "load_cores": "1"},
        "trees": {BEFORE: "a", AFTER: "b"},
        "versions": {BEFORE: {"numpy": "2.1"}, AFTER: {"numpy": "2.2"}},
        "results": [summary(0.95, ratios), summary(None, [0.1] * 9)],
    }
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--before", "HEAD"])
    monkeypatch.setattr(load, "find_h2load", lambda: None)
    monkeypatch.setattr(comparison, "run", lambda *_: content)
    monkeypatch.setattr(report, "write_comparison", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == status
    printed = capsys.readouterr().out
    assert f"0.95: {'missed' if status else 'open'}" in printed
    assert "numpy 2.1 before, 2.2 after" in printed


# What is asked for


def test_a_bound_is_for_all_loads_or_for_one() -> None:
    everywhere = dict.fromkeys(comparison.MEASURES, 0.95)
    assert command.bounds("0.95") == everywhere
    assert command.bounds("0.95,lr-1=0.88") == everywhere | {"lr-1": 0.88}
    assert command.bounds("lr-1=0.88, 0.95") == everywhere | {"lr-1": 0.88}
    assert command.bounds("rf-64=0.9") == {"rf-64": 0.9}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--before=HEAD", "--at-least=lr-2=0.9"], "there is no load called lr-2"),
        (["--before=HEAD", "--at-least=much"], "much is no ratio"),
        (["--before=HEAD", "--peers=mosec"], "--before goes without --peers"),
        (["--at-least=0.95"], "go with --before"),
    ],
)
def test_a_wrong_option_is_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", *arguments])
    with pytest.raises(SystemExit):
        command.parse()
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("system", steps.needed(set(steps.STEPS), ALL_FOLDERS))
def test_every_system_has_the_files_that_it_is_made_of(system: systems.System) -> None:
    folder = PEERS / system.folder
    client, *_ = system.client.split()
    assert (folder / client).is_file()
    assert (PEER / system.project.model).is_file()
    own_files = folder.glob("requirements.txt")
    assert list(own_files)


def test_only_the_systems_that_steps_need_are_installed() -> None:
    found = steps.needed({"tensor", "scaling"}, {"grpc_ml", "triton"})
    assert [(system.name, *system.models) for system in found] == [
        ("grpc-ml-native", "tensor"),
        ("grpc-ml-grpcio", "tensor"),
        ("triton", "tensor"),
        ("grpc-ml-native", "lr", "rf", "noop"),
        ("grpc-ml-grpcio", "lr", "rf", "noop"),
    ]
    assert not steps.needed({"encodings"}, ALL_FOLDERS)


def test_systems_of_a_payload_have_names_of_their_own() -> None:
    for payload in payloads.PAYLOADS.values():
        names = [system.name for system in payload.systems]
        assert len(set(names)) == len(names)


def test_a_curve_leaves_out_points_that_take_a_system_too_long() -> None:
    (of_bytes,) = (curve for curve in curves.CURVES if curve.name == "bytes")
    points = {system.name: of_bytes.points_of(system) for system in of_bytes.systems}
    assert points["grpc-ml-native"][-1] == 64_000_000
    assert points["fastapi-tensor-json"][-1] == 1_000_000


# What requests cost


def test_a_load_has_as_many_requests_as_fit_in_and_one_in_each_place() -> None:
    run = costs.Run(seconds=2.0, times=[1.0] * 100, received=0)
    assert costs.requests_in(3.0, run, in_flight=4) == 150
    assert costs.requests_in(0.01, run, in_flight=4) == 4


def test_what_a_server_uses_is_that_of_all_its_processes() -> None:
    child = (
        "import sys, time; block = b'x' * 2**26\nwhile time.process_time() < 0.2: pass\n"
        "sys.stdin.read()"
    )
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE) as process:
        wait_for("child that used its time", lambda: usage.cpu_seconds(process.pid) >= 0.2)
        assert len(usage.processes(process.pid)) == 2
        assert usage.memory(process.pid).peak > 64
        process.communicate(timeout=60)


def wait_for(what: str, condition: Callable[[], bool]) -> None:
    """Wait until a condition is met."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"there is no {what}"
        time.sleep(0.01)


def test_the_noise_of_a_run_is_told_in_shares() -> None:
    noise = pace.Pace().noise()
    assert 1 <= noise.slowness <= noise.worst_slowness
    assert 0 <= noise.unsteady <= 1
    assert 0 <= noise.stolen <= 1
    assert 0 <= noise.others <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([1.0, 2.0], "2 numbers in place of 3"),
        ([1.0, 2.0, 4.0], "number 2 is 4.0 in place of 3.0"),
        ([math.nan, 2.0, 3.0], "number 0 is nan in place of 1.0"),
    ],
)
def test_a_wrong_answer_to_a_large_request_is_told(answers: list[float], message: str) -> None:
    question = checks.Whole(given="file", numbers=[1.0, 2.0, 3.0], tolerance=0.5)
    question.compare([1.0, 2.0, 3.4])
    with pytest.raises(checks.CheckError, match=message):
        question.compare(answers)


# What reports say


MACHINE = dict.fromkeys(("date", "cpu", "cores", "memory_gib", "system", "h2load"), "")
NOISE = dict.fromkeys(("slowness", "worst_slowness", "unsteady", "stolen", "others"), 0.25)
SETTINGS = {**command.PEERS, "server_cores": "0", "load_cores": "1"}
RUN: dict[str, Any] = {"machine": MACHINE, "noise": NOISE, "settings": SETTINGS}


def cost(system: str, rate: float, cpu_us: float) -> dict[str, Any]:
    """Return what a system costs in one round."""
    figures = {**dict.fromkeys(costs.Cost.__dataclass_fields__, 1.0), "requests_per_second": rate}
    figures["cpu_us"] = cpu_us
    return {"system": system, "in_flight": 4, **figures, "rounds": [figures]}


def test_large_requests_are_compared_in_rate_and_in_cpu() -> None:
    names = ("grpc-ml-native", "grpc-ml-grpcio", "peer", "gone")
    content = {
        **RUN,
        "title": "A tensor",
        "about": "One.",
        "systems": [{"name": name, "title": name.title()} for name in names],
        "results": [
            cost("grpc-ml-native", 1000, 200),
            cost("grpc-ml-grpcio", 500, 400),
            cost("peer", 100, 5000),
        ],
        "failures": [{"system": "gone", "reason": "install: no wheel"}],
    }
    text = "\n".join(report_payloads.payload(content))
    assert "| Peer | 10x | 25x | 5x | 12.5x |" in text
    assert "| Gone | install: no wheel |" in text
    assert "others on this machine kept 0.25 cores busy" in text


def test_growth_is_told_point_by_point() -> None:
    curve = {
        "name": "bytes",
        "title": "Bytes",
        "unit": "bytes",
        "titles": {"peer": "Peer", "memory-copy": "Copy in memory"},
        "points": [
            {"system": "peer", "at": 1000, "requests_per_second": 200, "cpu_us": 50, "p99_ms": 3},
            {"system": "memory-copy", "at": 1000, "requests_per_second": 1e6, "cpu_us": 1},
            {"system": "memory-copy", "at": 9000, "requests_per_second": 1e5, "cpu_us": 9},
        ],
        "failures": [],
    }
    text = "\n".join(report_growth.growth({**RUN, "curves": [curve]}))
    assert "| System | 1,000 | 9,000 |" in text
    assert "| Peer | 200 |  |" in text
    assert "| Copy in memory | 1 | 9 |" in text


# The trees


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit, and a file that was changed since."""
    file = tmp_path / trees.PEER / "model.py"
    file.parent.mkdir(parents=True)
    file.write_text("committed")
    trees.git(tmp_path, "init")
    commit(tmp_path, "First")
    file.write_text("changed")
    return tmp_path


def commit(repository: Path, message: str) -> None:
    """Commit all there is."""
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    trees.git(repository, "add", "--all")
    trees.git(repository, *identity, "commit", f"--message={message}")


def test_a_commit_is_measured_as_it_was_and_the_working_tree_as_it_is(repository: Path) -> None:
    working = trees.working(repository)
    with trees.of_commit("HEAD", repository) as committed:
        assert (committed.folder / trees.PEER / "model.py").read_text() == "committed"
        assert committed.description.endswith("First")
    assert not committed.folder.exists()
    assert (working.folder / trees.PEER / "model.py").read_text() == "changed"
    assert working.description == f"{committed.description}, and uncommitted changes"


def test_a_commit_that_cannot_be_measured_is_named(repository: Path) -> None:
    with pytest.raises(trees.TreeError, match="nowhere is no commit"):
        trees.of_commit("nowhere", repository).__enter__()
    shutil.rmtree(repository / trees.PEER)
    (repository / "file").touch()
    commit(repository, "Second")
    with pytest.raises(trees.TreeError, match=f"Second has no {trees.PEER}"):
        trees.of_commit("HEAD", repository).__enter__()


# The scripts that call the service


@pytest.fixture(scope="module")
def service(iris: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The default project, with requests of a kilobyte at most."""
    log = tmp_path_factory.mktemp("benchmarks") / "log"
    with Service(iris, log, variables={"SERVER_MAX_MESSAGE_BYTES": 1024}) as service:
        yield service


def environment(project: Path) -> dict[str, str]:
    """Return the environment variables of the scripts."""
    path = os.pathsep.join([str(TEMPLATE / "benchmarks" / "shared"), str(project / "src")])
    return {**os.environ, "PYTHONPATH": path}


@pytest.fixture
def run_script(iris: Path, service: Service) -> Callable[..., str]:
    """Runs one of the generated service's scripts, and returns what it prints."""

    def run_script(name: str, *arguments: object, given: str = "") -> str:
        done = subprocess.run(
            [sys.executable, PEER / name, str(service.port), *map(str, arguments)],
            env=environment(iris),
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run_script


def test_calls_of_one_row_come_at_the_rate_that_is_asked_for(
    run_script: Callable[..., str],
) -> None:
    content = json.loads(run_script("single.py", 0.5, 40))
    assert len(content["times_ms"]) == 20
    assert all(time > 0 for time in content["times_ms"])
    assert content["errors"] == {}


@pytest.mark.parametrize(("rows", "errors"), [(10, set()), (1000, {"RESOURCE_EXHAUSTED"})])
def test_large_calls_are_repeated_and_their_errors_counted(
    iris: Path, service: Service, rows: int, errors: set[str]
) -> None:
    command = [sys.executable, str(PEER / "large.py"), str(service.port), str(rows)]
    with subprocess.Popen(
        command, env=environment(iris), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "the first call has ended\n"
        # It goes on until its input ends.
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        output, _ = process.communicate(timeout=60)
    content = json.loads(output)
    assert content["errors"].keys() == errors
    assert bool(content["seconds"]) != bool(errors)


def test_the_answers_are_checked_by_the_generated_client(run_script: Callable[..., str]) -> None:
    rows = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]
    content = json.loads(run_script("client.py", given=json.dumps(rows)))
    assert [species for species, _ in content["answers"]] == ["setosa", "virginica"]


def test_the_time_of_a_slice_is_that_of_the_rows_in_a_batch(iris: Path, tmp_path: Path) -> None:
    variables = {**environment(iris), "SERVER_MAX_BATCH_SIZE": "7"}
    done = subprocess.run(
        [sys.executable, PEER / "slice.py"], env=variables, capture_output=True, check=True
    )
    content = json.loads(done.stdout)
    assert content["rows"] == 7
    assert content["ms"] > 0


@pytest.fixture
def rows_file(tmp_path: Path) -> Path:
    """A file with a few rows."""
    np.save(tmp_path / "rows.npy", ROWS)
    return tmp_path / "rows.npy"


def module(file: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a script's module."""
    monkeypatch.syspath_prepend(str(BENCHMARKS / "shared"))
    spec = importlib.util.spec_from_file_location(f"{file.parent.name}_{file.stem}", file)
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_a_bare_transport_is_sent_what_the_generated_client_sends(
    run_script: Callable[..., str], rows_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = run_script("file_client.py", "iris_classifier", given=json.dumps(str(rows_file)))
    content = json.loads(printed)
    bare = module(PEERS / "echo" / "file_client.py", monkeypatch)
    assert base64.b64decode(content["body"]) == bare.body(ROWS)
    # A place of a species for each row, and then three probabilities.
    assert content["answers"][: len(ROWS)] == [0, 2] * 3
    assert len(content["answers"]) == 4 * len(ROWS)


def test_a_request_is_repeated_at_the_rate_that_is_asked_for(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = module(PEERS / "echo" / "file_client.py", monkeypatch)
    url = f"http://127.0.0.1:{service.port}{systems.IRIS.path('BatchPredict')}"
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "steady.py", systems.GRPC, url, "", "0.5", "40"],
        input=bare.body(ROWS),
        capture_output=True,
        check=True,
        timeout=60,
    )
    content = json.loads(done.stdout)
    assert len(content["times_ms"]) == 20
    assert content["errors"] == {}


# The whole


can_load = shutil.which("taskset") and (shutil.which("h2load") or shutil.which("apt-get"))


@pytest.mark.deep
@pytest.mark.skipif(not can_load, reason="needs taskset and h2load")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="needs a core for the load")
def test_each_tree_is_measured_with_its_own_files(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    left_out = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".hypothesis", "__pycache__")
    shutil.copytree(TEMPLATE, repository, ignore=left_out)
    trees.git(repository, "init")
    commit(repository, "All there is")
    # A change that is not committed, after which no file goes with one of the other tree.
    model = repository / trees.PEER / "model.py"
    model.write_text(model.read_text().replace("from bench_model", "from renamed"))
    shared = repository / "benchmarks" / "shared"
    (shared / "bench_model.py").rename(shared / "renamed.py")
    options = ["--rounds=2", "--seconds=0.3", "--warm-up=0.1", "--at-least=lr-64=0.001,lr-1=1000"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--before=HEAD", *options],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        timeout=540,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "0.001: met" in done.stdout
    assert "1000: missed" in done.stdout
    written = repository / "benchmarks" / "results" / "part"
    results = json.loads((written / "comparison.json").read_text())["results"]
    assert [len(result["ratios"]) for result in results] == [2] * len(comparison.MEASURES)
    assert (written / "comparison.png").stat().st_size
