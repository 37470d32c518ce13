"""Fields of text, and of bytes."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from contract import columns_of, gathered, pb, read, row_of, unpacked, unpacked_column
from engine.fields import Data, Text
from engine.fields.elements import TEXT_BYTES
from engine.fields.violations import InvalidError, InvalidOutputError

TEXT, TEXT_OR_NICK = Text("text"), Text("text", default="nick", about="What it says.")
DATA, DATA_OR_ABC = Data("data"), Data("data", default=b"abc")


@pytest.mark.parametrize(("field", "values"), [(TEXT, ["ü", ""]), (DATA, [b"\xff", b""])])
def test_texts_come_as_objects(field: Any, values: list[Any]) -> None:
    for column in (gathered(field, *values), read(field, values)):
        assert column.dtype == np.object_
        assert column.tolist() == values


@pytest.mark.parametrize(
    ("field", "optional", "empty"), [(TEXT, TEXT_OR_NICK, ""), (DATA, DATA_OR_ABC, b"")]
)
def test_an_empty_text_is_not_missing(field: Any, optional: Any, empty: Any) -> None:
    assert field.check(pb.Row()) == (field.name, "required")
    assert field.check(pb.Row(**{field.name: empty})) is None
    assert gathered(optional, None, empty).tolist() == [optional.default, empty]
    assert read(optional, [pd.NA, empty]).tolist() == [optional.default, empty]
    assert optional.read(pb.Columns(), 2).tolist() == [optional.default] * 2
    with pytest.raises(InvalidError, match=rf"{field.name}\[0\]: required"):
        columns_of(field, [None])


@pytest.mark.parametrize(("field", "value", "type_"), [(TEXT, 1, "string"), (DATA, "ü", "bytes")])
def test_a_value_of_another_type_is_told(field: Any, value: Any, type_: str) -> None:
    fault = f"expected {type_}, got {value!r}"
    with pytest.raises(InvalidError) as caught:
        row_of(field, value)
    assert caught.value.violations == ((field.name, fault),)
    with pytest.raises(InvalidError) as caught:
        columns_of(field, [value])
    assert caught.value.violations == ((f"{field.name}[0]", fault),)


@pytest.mark.parametrize(("field", "values"), [(TEXT, ["ü", ""]), (DATA, [b"\xff", b""])])
def test_answers_are_texts(field: Any, values: list[Any]) -> None:
    column = np.array(values, np.object_)
    assert unpacked(field, column) == values
    assert unpacked_column(field, column) == values
    with pytest.raises(InvalidError, match=f"{field.name}: it is not set"):
        field.unpack(pb.Row())


def test_answers_of_another_type_are_told() -> None:
    with pytest.raises(InvalidOutputError, match="text: expected str, got bytes"):
        TEXT.fit([b"text"], 1)
    with pytest.raises(InvalidOutputError, match="data: expected bytes, got str"):
        DATA.fit(["text"], 1)
    with pytest.raises(InvalidOutputError, match=r"text: expected shape \(2,\), got \(1,\)"):
        TEXT.fit(["text"], 2)


def test_texts_keep_their_blanks_and_are_missing_only_where_they_may_be() -> None:
    assert TEXT.from_cell(" a ") == " a "
    assert TEXT.from_cell("") == ""
    assert TEXT_OR_NICK.from_cell("") is None
    assert TEXT.parse("a") == TEXT.from_json("a") == TEXT.from_option("a") == "a"


def test_bytes_are_written_in_base64_and_come_from_files(tmp_path: Path) -> None:
    coded = base64.b64encode(b"\xff\0").decode()
    assert DATA.from_json(coded) == DATA.from_cell(f" {coded} ") == b"\xff\0"
    assert DATA.from_cell("") is None
    with pytest.raises(ValueError, match="base64"):
        DATA.from_json("*")
    (tmp_path / "file").write_bytes(b"\xff\0")
    assert DATA.from_option(tmp_path / "file") == b"\xff\0"


def test_the_command_line_asks_for_texts_and_files() -> None:
    assert TEXT.option.type is str
    assert DATA.option[:2] == (Path, "A file.")
    assert TEXT.help == "Required."
    assert TEXT_OR_NICK.help == "What it says. Default: nick."
    assert Text("text", default="").help == "Default: empty."
    assert DATA.help == "A file. Required."
    assert DATA_OR_ABC.help == "A file. Default: abc."


@pytest.mark.parametrize(("field", "empty"), [(TEXT, ""), (DATA, b"")])
def test_a_text_takes_up_an_object(field: Any, empty: Any) -> None:
    assert field.input_bytes == TEXT_BYTES
    assert field.elements == f"{type(empty).__name__} objects"
    assert field.sample().tolist() == [empty]
