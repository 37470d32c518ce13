"""What commands make of files, and how they fail."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from contract import SCHEMA, Predictions
from engine.commands import console, main
from engine.commands.csv_files import predict_csv
from engine.commands.faults import one_line_errors
from engine.commands.json_files import read_json
from engine.commands.predict import from_option
from engine.fields import Data, Image, values
from engine.project import Project


class Echo:
    """Answers each row with its own x; 99 is wrong."""

    def batch_predict(self, columns: dict[str, list[Any]]) -> Predictions:
        xs = columns["x"]
        if 99 in xs:
            raise ValueError(f"instances.x[{xs.index(99)}]: 99 is above 30")
        return Predictions(y=xs, colour=["red"] * len(xs), model_version="1")  # type: ignore[arg-type]


def predict(path: Path, text: str) -> None:
    """Predict a CSV file with this text as the command does."""
    path.write_text(text)
    with one_line_errors():
        predict_csv(Echo(), SCHEMA, path, ignore_unknown=False)


def test_lines_are_counted_as_the_file_has_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.csv"
    for text, line in (("x\n1\n\n\n99\n", 5), ("x,series\n1,[1]\n\n2\n", 4)):
        with pytest.raises(typer.Exit):
            predict(path, text)
        assert f" line {line}: " in capsys.readouterr().err


def test_a_quote_that_is_never_closed_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit):
        predict(tmp_path / "table.csv", 'x\n1\n"2\n3\n')
    out, err = capsys.readouterr()
    assert err == "unexpected end of data\n"
    assert not out


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("x;series", "expected commas between cells, got ';'"),
        ("x\tseries", "expected commas between cells, got"),
        (",x", "no such inputs: '' (an index? pandas leaves it out with index=False)"),
    ],
)
def test_habits_of_other_programs_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], header: str, words: str
) -> None:
    with pytest.raises(typer.Exit):
        predict(tmp_path / "table.csv", f"{header}\n1,2\n")
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("value", ["not Base64", 5])
def test_a_wrong_file_in_a_list_is_named_by_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], value: Any
) -> None:
    path = tmp_path / "list.json"
    path.write_text(json.dumps([{"data": "AA=="}, {"data": value}]))
    with pytest.raises(typer.Exit), one_line_errors():
        read_json(SimpleNamespace(inputs=[Data("data")]), path)  # type: ignore[arg-type]
    assert f"{path}[1]: data: expected Base64, got {value!r}" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"--data: .*nothing: No such file or directory"):
        from_option(Data("data"), tmp_path / "nothing")


@pytest.mark.parametrize("field", [Data("a"), Image("a", 3)], ids=["bytes", "image"])
def test_a_file_that_no_message_can_hold_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, field: Any
) -> None:
    monkeypatch.setattr(values, "LARGEST_MESSAGE", 4)
    path = tmp_path / "file"
    path.write_bytes(b"four")
    assert field.from_option(path) == b"four"
    path.write_bytes(b"12345")
    with pytest.raises(ValueError, match="has more than 4 bytes, as many as a message may have"):
        field.from_option(path)


def test_a_file_that_memory_cannot_hold_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit), one_line_errors():
        raise MemoryError
    assert capsys.readouterr().err == "the file is too large\n"


def test_an_error_is_one_line_and_controls_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        console.fail("one\ntwo \x1b[31mthree\ud800")
    assert capsys.readouterr().err == "one two  [31mthree \n"


def test_an_interrupt_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> Any:
        raise KeyboardInterrupt

    project = Project("package", "package", "Package", serving=interrupt, calling=interrupt)
    monkeypatch.setattr(sys, "argv", ["package", "predict"])
    with pytest.raises(SystemExit) as caught:
        main.run_command(project)
    assert caught.value.code == 128 + signal.SIGINT


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_a_server_may_open_as_many_files_as_the_system_lets() -> None:
    import resource

    from engine.processes import files

    code = "\n".join(
        [
            "import resource",
            "_, most = resource.getrlimit(resource.RLIMIT_NOFILE)",
            "resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))",
            Path(files.__file__).read_text(),
            "allow_many()",
            "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])",
        ]
    )
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    out = subprocess.check_output([sys.executable, "-c", code], text=True, timeout=30)
    assert int(out) == most
