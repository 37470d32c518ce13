"""What commands make of files, and how they fail."""

import csv
import json
import signal
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import numpy as np
import pytest
import typer
from contract import SCHEMA, Predictions, pb
from engine.calling.errors import CallError
from engine.commands import console, csv_rows, main
from engine.commands.csv_files import predict_csv
from engine.commands.faults import one_line_errors
from engine.commands.json_files import read_json
from engine.commands.predict import from_option
from engine.fields import Data, Image, values
from engine.fields.pictures import png
from engine.fields.violations import Violation
from engine.project import Project


class Echo:
    """Answers each row with its own x; 99 is wrong."""

    def batch_predict(self, columns: dict[str, list[Any]]) -> Predictions:
        xs = columns["x"]
        if 99 in xs:
            fault = Violation(f"instances.x[{xs.index(99)}]", "99 is above 30")
            raise CallError(grpc.StatusCode.INVALID_ARGUMENT, str(fault), [fault])
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
    assert err == f"{tmp_path / 'table.csv'}: line 3: unexpected end of data\n"
    assert not out


def sizes_of_parts(schema: Any, text: str) -> list[int]:
    """Return how many rows at a time a text of CSV is read."""
    rows = csv.DictReader(StringIO(text), strict=True)
    return [len(part.rows) for part in csv_rows.parts(schema, rows)]


def test_a_call_asks_about_no_more_rows_of_a_file_than_it_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert sizes_of_parts(SCHEMA, "x\n" + "1\n" * 2500) == [1000, 1000, 500]
    monkeypatch.setattr(csv_rows, "MOST_BYTES", 20_000)
    few, many = '"[1]"\n', f'"{[1] * 500}"\n'
    small, large = sizes_of_parts(SCHEMA, "series\n" + few * 40), "series\n" + many * 40
    assert sum(small) == sum(sizes_of_parts(SCHEMA, large)) == 40
    assert max(small) > 5 * max(sizes_of_parts(SCHEMA, large))
    monkeypatch.setattr(csv_rows, "MOST_BYTES", 1)
    assert sizes_of_parts(SCHEMA, large) == [1] * 40


def test_pictures_count_as_they_are_decoded(tmp_path: Path) -> None:
    white = np.full((1000, 1000, 3), 255, np.uint8)  # 3 kB as a file, and 16 MB while it is read.
    (tmp_path / "white.png").write_bytes(png(white))
    messages = SimpleNamespace(Instance=pb.Row)
    schema = replace(SCHEMA, messages=messages, inputs=[Image("photo", 3)], outputs=[])
    text = "photo\n" + f"{tmp_path / 'white.png'}\n" * 5
    assert sizes_of_parts(schema, text) == [2, 2, 1]


def test_a_cell_that_names_no_file_is_told_with_its_line() -> None:
    rows = csv.DictReader(StringIO("picture\nnone.png\n"))
    with pytest.raises(ValueError, match=r"picture in line 2: none.png: No such file or directory"):
        csv_rows.read_cell(Image("picture", 3), next(rows)["picture"], rows.line_num)


def test_a_row_of_another_length_than_the_header_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for row, count in (("1", 1), ("1,[1],2", 3)):
        with pytest.raises(typer.Exit):
            predict(tmp_path / "table.csv", f"x,series\n{row}\n")
        expected = f"line 2: expected as many cells as the header has, 2, got {count}\n"
        assert capsys.readouterr().err.endswith(expected)


def test_columns_of_predictions_have_names_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("x,y,predicted_y\n1,2,3\n")
    with pytest.raises(typer.Exit):
        predict_csv(Echo(), SCHEMA, path, ignore_unknown=True)
    assert "has a column 'predicted_y', as predictions have; rename it" in capsys.readouterr().err


def test_json_in_a_file_has_no_colours(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_json({"a": ["\u00e4"]})
    assert capsys.readouterr().out == '{\n  "a": [\n    "\u00e4"\n  ]\n}\n'


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


def test_a_reader_that_has_seen_enough_is_no_error_of_a_file() -> None:
    with pytest.raises(BrokenPipeError), one_line_errors():
        raise BrokenPipeError
