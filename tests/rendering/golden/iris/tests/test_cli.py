"""The command line, against a real server."""

import csv
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2_grpc
from grpc_health.v1.health import HealthServicer
from numpy.typing import NDArray
from typer.testing import CliRunner

from iris_classifier import CallError, Client
from iris_classifier.__main__ import PROJECT
from iris_classifier.engine.commands.main import whole_app
from iris_classifier.engine.fields import (
    Data,
    Flag,
    Image,
    LabelVector,
    Tensor,
    VaryingTensor,
)
from iris_classifier.engine.fields.field import Field
from iris_classifier.engine.serving.predictor import Model
from iris_classifier.schema import SCHEMA, Inputs

from .examples import INSTANCE
from .files import cell, cells, to_json, wrong_cells
from .load import BARS, histogram
from .messages import ARE_SMALL
from .models import PREDICTION, FailingModel, StandIn
from .running import Background, free_port
from .values import NO_FIELD, by_field, each, missing, one_of_each_kind

INPUTS = {field.name: field for field in SCHEMA.inputs}
REQUIRED = {name: field for name, field in INPUTS.items() if not field.optional}
# Those whose options only the client can check; Typer checks the others.
FILES_OR_ARRAYS = {
    name: field
    for name, field in INPUTS.items()
    if isinstance(field, Data | Image | Tensor | VaryingTensor | LabelVector)
}
WRONG_CELLS = by_field(INPUTS, wrong_cells)
ROOT = Path(__file__).resolve().parent.parent


class Result(NamedTuple):
    """What came of a command."""

    exit_code: int
    stdout: str
    stderr: str


def run(*arguments: str | Path) -> Result:
    """Run a command."""
    result = CliRunner().invoke(whole_app(PROJECT), [str(argument) for argument in arguments])
    return Result(result.exit_code, result.stdout, result.stderr)


def option_of(name: str) -> str:
    """Return the option of an input."""
    return f"--{name.replace('_', '-')}"


@pytest.fixture
def options(server: str, tmp_path: Path) -> list[str]:
    """INSTANCE as options of the command predict, and the server."""
    options = [f"--server={server}"]
    instance: dict[str, Any] = {**INSTANCE}
    for name, value in instance.items():
        field = INPUTS[name]
        if isinstance(field, Flag):
            options.append(option_of(name) if value else f"--no{option_of(name)[1:]}")
        elif isinstance(field, Data | Image):
            (tmp_path / name).write_bytes(value)
            options.append(f"{option_of(name)}={tmp_path / name}")
        elif isinstance(field, Tensor | VaryingTensor | LabelVector):
            options.append(f"{option_of(name)}={to_json(value)}")
        else:
            options.append(f"{option_of(name)}={value}")
    return options


@pytest.fixture
def json_file(tmp_path: Path) -> Path:
    """INSTANCE, twice, as a JSON file."""
    path = tmp_path / "instances.json"
    path.write_text(to_json([INSTANCE, INSTANCE]))
    return path


@pytest.fixture
def row(tmp_path: Path) -> dict[str, str]:
    """INSTANCE as the row of a CSV file."""
    row = {}
    instance: dict[str, Any] = {**INSTANCE}
    for name, value in instance.items():
        row[name] = cell(INPUTS[name], value)
        if isinstance(INPUTS[name], Image):
            (tmp_path / name).write_bytes(value)
            row[name] = str(tmp_path / name)
    return row


def write_csv(path: Path, *rows: dict[str, str]) -> None:
    """Write the rows of a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def lines_of(*rows: dict[str, str]) -> int:
    """Return how many lines the rows and their header take up: a text may have several."""
    return 1 + sum(1 + sum(text.count("\n") for text in row.values()) for row in rows)


def read_csv(text: str) -> list[dict[str, str]]:
    """Return the rows of a text of CSV."""
    return [*csv.DictReader(StringIO(text, newline=""))]


def change_cells(path: Path, change: Callable[[int, list[str]], list[str]]) -> None:
    """Change the cells of every row of a CSV file, the first of which is its header."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = [change(number, row) for number, row in enumerate(csv.reader(file))]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


@pytest.fixture
def csv_file(tmp_path: Path, row: dict[str, str]) -> Path:
    """INSTANCE, twice, as the rows of a CSV file."""
    path = tmp_path / "instances.csv"
    write_csv(path, row, row)
    return path


def test_help_shows_each_input() -> None:
    words = run("predict", "--help").stdout.split()
    for name in INSTANCE:
        assert option_of(name) in words


def test_predict_prints_a_table(options: list[str]) -> None:
    result = run("predict", *options)
    assert result.exit_code == 0
    assert "model_version" in result.stdout
    assert PREDICTION.model_version in result.stdout


def test_predict_prints_json(options: list[str]) -> None:
    result = run("predict", *options, "--output=json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(to_json(asdict(PREDICTION)))


def test_predict_reads_json(server: str, json_file: Path) -> None:
    result = run("predict", f"--server={server}", "--json", json_file)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(to_json([asdict(PREDICTION)] * 2))


@each("required", {"all": REQUIRED} if REQUIRED else {})
def test_predict_tells_which_instance_of_a_json_file_is_wrong(
    server: str, json_file: Path, required: dict[str, Field]
) -> None:
    json_file.write_text(to_json([INSTANCE, {}]))
    result = run("predict", f"--server={server}", "--json", json_file)
    assert result.exit_code == 1
    right, wrong = json.loads(result.stdout)
    assert right == json.loads(to_json(asdict(PREDICTION)))
    expected = {f"instance.{name}": missing(field) for name, field in required.items()}
    assert wrong["error"] == expected


def test_predict_adds_predictions_to_csv(server: str, csv_file: Path) -> None:
    result = run("predict", f"--server={server}", "--csv", csv_file)
    assert result.exit_code == 0
    [given, _] = read_csv(csv_file.read_bytes().decode())
    rows = read_csv(result.stdout)
    names = [field.name for field in SCHEMA.outputs]
    assert len(rows) == 2
    for row in rows:
        assert list(row) == [
            *INSTANCE,
            *(f"predicted_{name}" if name in INPUTS else name for name in names),
        ]
        assert row.items() >= given.items()


@each("field, case", by_field(INPUTS, cells))
def test_the_model_sees_what_a_cell_of_csv_stands_for(
    server: str,
    batches: list[Inputs],
    tmp_path: Path,
    row: dict[str, str],
    field: Field,
    case: tuple[str, NDArray[Any]],
) -> None:
    text, expected = case
    write_csv(tmp_path / "one.csv", {**row, field.name: text})
    result = run("predict", f"--server={server}", "--csv", tmp_path / "one.csv")
    assert result.exit_code == 0, result.stderr
    [inputs] = batches
    np.testing.assert_array_equal(getattr(inputs, field.name), expected)


@each("field, text", WRONG_CELLS)
def test_predict_tells_where_a_csv_file_is_wrong(
    server: str, tmp_path: Path, row: dict[str, str], field: Field, text: str
) -> None:
    path = tmp_path / "instances.csv"
    rows = {field.name: row[field.name]}, {field.name: text}
    write_csv(path, *rows)
    result = run("predict", f"--server={server}", "--csv", path)
    assert result.exit_code == 1
    assert f"{field.name} in line {lines_of(*rows)}" in result.stderr
    assert result.stderr.count("\n") == 1


@each("field, text", one_of_each_kind(WRONG_CELLS) if ARE_SMALL else {})
def test_predict_tells_where_a_long_csv_file_is_wrong(
    server: str, csv_file: Path, row: dict[str, str], field: Field, text: str
) -> None:
    rows = [*[row] * 1499, {**row, field.name: text}]
    write_csv(csv_file, *rows)
    result = run("predict", f"--server={server}", "--csv", csv_file)
    assert result.exit_code == 1
    assert f"{field.name} in line {lines_of(*rows)}" in result.stderr


@each("names", {"all": [*REQUIRED]} if REQUIRED else {})
def test_predict_tells_on_one_line_what_is_missing(server: str, names: list[str]) -> None:
    result = run("predict", f"--server={server}")
    assert result.exit_code == 1
    assert f"missing: {', '.join(map(option_of, names))}; " in result.stderr
    assert result.stderr.count("\n") == 1


def test_predict_takes_inputs_from_options_or_from_a_file(
    options: list[str], json_file: Path
) -> None:
    result = run("predict", *options, "--json", json_file)
    assert result.exit_code == 1
    assert "leave the other inputs out" in result.stderr


def test_predict_reads_one_file_at_a_time(server: str, json_file: Path, csv_file: Path) -> None:
    result = run("predict", f"--server={server}", "--json", json_file, "--csv", csv_file)
    assert result.exit_code == 1
    assert "--json and --csv" in result.stderr


def test_predict_tells_that_json_is_nested_too_deeply(server: str, tmp_path: Path) -> None:
    path = tmp_path / "instances.json"
    path.write_text("[" * 100_000)
    result = run("predict", f"--server={server}", "--json", path)
    assert result.exit_code == 1
    assert result.stderr == "the file is nested too deeply\n"


def test_predict_tells_that_a_file_is_no_json(server: str, tmp_path: Path) -> None:
    path = tmp_path / "instances.json"
    path.write_text("no JSON")
    result = run("predict", f"--server={server}", "--json", path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{path}: no JSON")
    assert result.stderr.count("\n") == 1


@pytest.fixture
def csv_file_with_remarks(csv_file: Path) -> Path:
    """A CSV file with a column that is no input."""
    change_cells(csv_file, lambda number, row: [*row, "seen" if number else NO_FIELD])
    return csv_file


def test_predict_tells_that_a_name_is_twice_in_json(server: str, tmp_path: Path) -> None:
    file = tmp_path / "twice.json"
    file.write_text('{"x": 1, "x": 2}')
    result = run("predict", "--server", server, "--json", file)
    assert result.exit_code == 1
    assert result.stderr == f"{file}: no JSON: 'x' is there twice\n"


def test_predict_reads_json_as_windows_writes_it(server: str, json_file: Path) -> None:
    json_file.write_text(json_file.read_text(), encoding="utf-8-sig")
    assert run("predict", "--server", server, "--json", json_file).exit_code == 0


def test_predict_tells_that_a_csv_file_is_in_another_encoding(server: str, csv_file: Path) -> None:
    csv_file.write_bytes(csv_file.read_bytes() + b"\xe9\n")
    result = run("predict", "--server", server, "--csv", csv_file)
    assert result.exit_code == 1
    assert f"{csv_file}: expected UTF-8, got b'\\xe9'; save it as UTF-8\n" == result.stderr


@each("field", FILES_OR_ARRAYS)
def test_predict_tells_which_option_is_wrong(options: list[str], field: Field) -> None:
    result = run("predict", *options, option_of(field.name), "no such file")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{option_of(field.name)}: ")
    assert result.stderr.count("\n") == 1


def test_predict_refuses_columns_of_csv_that_are_no_inputs(
    server: str, csv_file_with_remarks: Path
) -> None:
    result = run("predict", f"--server={server}", "--csv", csv_file_with_remarks)
    assert result.exit_code == 1
    assert f"no such inputs: {NO_FIELD!r}" in result.stderr
    assert "--ignore-unknown" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not result.stdout


def test_predict_keeps_columns_of_csv_that_are_no_inputs_when_told_to(
    server: str, csv_file_with_remarks: Path
) -> None:
    path = csv_file_with_remarks
    result = run("predict", f"--server={server}", "--ignore-unknown", "--csv", path)
    assert result.exit_code == 0
    assert [row[NO_FIELD] for row in read_csv(result.stdout)] == ["seen"] * 2


def test_predict_ignores_keys_of_json_that_are_no_inputs_when_told_to(
    server: str, json_file: Path
) -> None:
    json_file.write_text(to_json({**INSTANCE, NO_FIELD: "seen"}))
    refused = run("predict", f"--server={server}", "--json", json_file)
    assert refused.exit_code == 1
    assert f"instance.{NO_FIELD}" in refused.stdout
    result = run("predict", f"--server={server}", "--ignore-unknown", "--json", json_file)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(to_json(asdict(PREDICTION)))


@pytest.mark.parametrize("wider", [0, 1])  # The header, or a row.
def test_predict_refuses_rows_of_csv_with_more_or_fewer_cells_than_the_header(
    server: str, csv_file: Path, wider: int
) -> None:
    change_cells(csv_file, lambda number, row: [*row, NO_FIELD] if number == wider else row)
    result = run("predict", f"--server={server}", "--ignore-unknown", "--csv", csv_file)
    assert result.exit_code == 1
    assert ": expected as many cells as the header has" in result.stderr
    assert result.stderr.count("\n") == 1


def test_predict_refuses_columns_of_csv_of_one_name(server: str, csv_file: Path) -> None:
    change_cells(csv_file, lambda _, row: [*row, *row])
    result = run("predict", f"--server={server}", "--csv", csv_file)
    assert result.exit_code == 1
    assert f"more than one column is named {next(iter(INSTANCE))!r}" in result.stderr


@each("rows", {"2500": 2500} if ARE_SMALL else {})
def test_predict_adds_predictions_to_every_row_of_a_long_csv_file(
    server: str, csv_file: Path, row: dict[str, str], rows: int
) -> None:
    write_csv(csv_file, *[row] * rows)
    result = run("predict", f"--server={server}", "--csv", csv_file)
    assert result.exit_code == 0
    found = read_csv(result.stdout)
    assert found == found[:1] * rows


def test_predict_reads_csv_as_excel_writes_it(server: str, csv_file: Path) -> None:
    csv_file.write_text(csv_file.read_text(encoding="utf-8"), encoding="utf-8-sig")
    result = run("predict", f"--server={server}", "--csv", csv_file)
    assert result.exit_code == 0
    [row, _] = read_csv(result.stdout)
    assert list(row)[: len(INSTANCE)] == list(INSTANCE)


def test_predict_asks_the_server_on_the_port_of_the_environment(
    server: str, options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVER_PORT", server.rpartition(":")[2])
    assert run("predict", *options[1:]).exit_code == 0
    assert run("health").exit_code == 0


def test_predict_tells_on_one_line_that_there_is_no_server(options: list[str]) -> None:
    result = run("predict", *options, f"--server=127.0.0.1:{free_port()}")
    assert result.exit_code == 1
    assert "UNAVAILABLE" in result.stderr
    assert result.stderr.count("\n") == 1


def test_health_of_a_server_that_is_ready(server: str) -> None:
    result = run("health", f"--server={server}")
    assert result.exit_code == 0
    assert result.stdout == "SERVING\n"


def test_health_of_a_server_that_is_loading(background: Background) -> None:
    may_load = threading.Event()

    def load() -> StandIn:
        may_load.wait(timeout=30)
        return StandIn()

    with background.loading(load) as address:
        result = run("health", f"--server={address}")
        may_load.set()
    assert result.exit_code == 1
    assert result.stdout == "NOT_SERVING\n"


def test_health_waits_for_a_server_that_is_loading(background: Background) -> None:
    def load() -> StandIn:
        time.sleep(0.5)
        return StandIn()

    with background.loading(load) as address:
        result = run("health", f"--server={address}", "--wait=20")
    assert result.exit_code == 0
    assert result.stdout == "SERVING\n"


def test_health_tells_on_one_line_that_it_has_waited_in_vain() -> None:
    result = run("health", f"--server=127.0.0.1:{free_port()}", "--wait=0.3")
    assert result.exit_code == 1
    assert "not ready within 0.3 seconds" in result.stderr
    assert result.stderr.count("\n") == 1


def test_health_of_no_server() -> None:
    result = run("health", f"--server=127.0.0.1:{free_port()}")
    assert result.exit_code == 1
    assert "UNAVAILABLE" in result.stderr
    assert "Connection refused" in result.stderr


def test_health_of_no_address() -> None:
    result = run("health", "--server=http://localhost:1")
    assert result.exit_code == 1
    assert "expected HOST:PORT, got 'http://localhost:1'" in result.stderr


def test_a_server_of_another_model_is_told() -> None:
    other = grpc.server(ThreadPoolExecutor(1))
    health_pb2_grpc.add_HealthServicer_to_server(HealthServicer(), other)
    address = f"127.0.0.1:{other.add_insecure_port('127.0.0.1:0')}"
    other.start()
    try:
        for server in (address, f"ipv4:{address},{address}"):
            result = run("health", f"--server={server}")
            assert result.exit_code == 1
            assert "the server there serves another model" in result.stderr
        with (
            Client(address) as client,
            pytest.raises(CallError, match=r"UNIMPLEMENTED: .*; the server there serves another"),
        ):
            client.predict(**INSTANCE, timeout=30)
    finally:
        other.stop(None)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("PORT", "many"),
        ("PORT", "65536"),
        ("WORKERS", "1000000000"),
        ("MAX_MESSAGE_BYTES", "99999999999"),
        ("MAX_BATCH_SIZE", "9" * 30),
        ("MAX_BATCHES", "9" * 30),
        ("MAX_WAIT_SECONDS", "inf"),
        ("MAX_QUEUE_CALLS", "9" * 30),
        ("MAX_IN_FLIGHT_BYTES", "9" * 400),
        ("GRACE_SECONDS", "nan"),
        ("GRACE_SECONDS", "1e300"),
    ],
)
def test_serve_tells_on_one_line_which_setting_is_wrong(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    monkeypatch.setenv(f"SERVER_{setting}", value)
    result = run("serve")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"SERVER_{setting}: ")
    assert result.stderr.count("\n") == 1


def load(*options: str | Path) -> subprocess.CompletedProcess[str]:
    """Put a server under load for a moment."""
    command = [sys.executable, "-m", "tests.load", "--seconds=1", "--concurrency=4", *options]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )


def test_load_shows_how_quickly_a_server_answers(server: str) -> None:
    result = load("--server", server)
    assert result.returncode == 0, result.stderr
    assert " a second" in result.stdout
    assert "p99" in result.stdout
    assert "ended with" not in result.stdout


def test_load_shows_the_latency_of_a_single_call() -> None:
    assert histogram([0.1]).row_count == BARS


def test_load_sends_the_instances_of_a_file(server: str, json_file: Path) -> None:
    result = load("--server", server, "--json", json_file)
    assert result.returncode == 0, result.stderr
    assert "ended with" not in result.stdout


def test_load_counts_the_calls_that_fail(serve: Callable[[Model], str]) -> None:
    result = load("--server", serve(FailingModel()))
    assert result.returncode == 0, result.stderr
    assert "ended with INTERNAL" in result.stdout


def test_load_without_a_server_says_so_on_one_line() -> None:
    result = load("--server", f"127.0.0.1:{free_port()}")
    assert result.returncode == 1
    assert result.stderr.endswith("; make serve starts a server\n")
    assert result.stderr.count("\n") == 1
