"""Samples of inputs in CSV files."""

import csv
import math
from pathlib import Path

import pytest

from grpc_ml_template.sources.common.opening import SourceError
from grpc_ml_template.sources.common.signature import Part, Signature
from grpc_ml_template.sources.samples.csv_files import read
from grpc_ml_template.sources.samples.tables import ALL_ARE_INPUTS


def short(value: object) -> str:
    """A name for a case that may be large."""
    return repr(value)[:30]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "sample.csv"


def sample(source: Path, text: str | bytes) -> Signature:
    source.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(source)


def column(source: Path, *cells: str) -> Part:
    """The field of one column beside another."""
    return column_of(source, *cells).inputs[1]


def column_of(source: Path, *cells: str) -> Signature:
    with source.open("w", newline="") as file:
        csv.writer(file).writerows([("id", "x"), *enumerate(cells)])
    return read(source)


def refusal(source: Path, text: str | bytes) -> str:
    with pytest.raises(SourceError) as caught:
        sample(source, text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def notes(signature: Signature) -> list[str]:
    return [note for note in signature.notes if note != ALL_ARE_INPUTS]


def test_columns_become_fields_of_their_kind(source: Path) -> None:
    read = sample(source, "sepal length,count,is_new,note\n5.1,3,true,some text\n4,-4,False,more\n")
    assert read.inputs == (
        Part("sepal length", "double", about="4 to 5.1 in the sample."),
        Part("count", "int64", about="-4 to 3 in the sample."),
        Part("is_new", "bool"),
        Part("note", "string"),
    )
    assert read.outputs == ()
    assert read.runtime is None
    assert read.notes == (ALL_ARE_INPUTS,)


def test_the_first_rows_are_kept_as_examples(source: Path) -> None:
    lines = [f"{number},{number / 2},true,text {number}" for number in range(30)]
    rows = sample(source, "\n".join(["a,b,c,d", *lines])).rows
    assert len(rows) == 20
    assert rows[3] == {"a": 3, "b": 1.5, "c": True, "d": "text 3"}
    assert [type(value) for value in rows[0].values()] == [int, float, bool, str]


def test_a_row_with_a_gap_is_no_example(source: Path) -> None:
    read = sample(source, "a,b\n1,x\n,y\n3,\nNA,z\n5,w\n")
    assert read.rows == ({"a": 1.0, "b": "x"}, {"a": 5.0, "b": "w"})


@pytest.mark.parametrize(
    "cells",
    [
        ("01234", "50667"),
        ("+49 228 1234", "+49 30 9876"),
        ("+4922812", "+493012"),
        ("12345678901234567890", "1"),
        ("2024-01-31", "2024-02-01"),
        ("12:30", "13:45"),
        ("1_000", "2"),
        ("inf", "1"),
        ("1e999", "1"),
        ("0x10", "1"),
        ("١٢", "1"),
        ("5 kg", "6 kg"),
    ],
)
def test_what_only_looks_like_numbers_stays_text(source: Path, cells: tuple[str, ...]) -> None:
    for times in (1, 10):
        part = column(source, *cells * times)
        assert part.type == "string" or (times == 10 and part.type == "enum")
        assert part.default is None


@pytest.mark.parametrize("cells", [("01234", "50667"), ("2024-01-31", "12:30"), ("555-1234", "5")])
def test_codes_and_dates_are_never_labels(source: Path, cells: tuple[str, ...]) -> None:
    assert column(source, *cells * 10).type == "string"


@pytest.mark.parametrize("cells", [("1", " 2 "), ("-0", "999999999999999999")])
def test_whole_numbers(source: Path, cells: tuple[str, ...]) -> None:
    assert column(source, *cells).type == "int64"


@pytest.mark.parametrize("cells", [("1", "2."), (".5", "-.5"), ("1e3", "2E-3"), ("1", "1e+22")])
def test_other_numbers(source: Path, cells: tuple[str, ...]) -> None:
    assert column(source, *cells).type == "double"


def test_numbers_that_turn_into_words_late_are_words(source: Path) -> None:
    assert column(source, *map(str, range(2_000)), "many").type == "string"


def test_few_words_that_come_again_are_labels_in_the_order_of_pandas(source: Path) -> None:
    read = column_of(source, *["versicolor", "setosa", "virginica"] * 3)
    assert read.inputs[1] == Part("x", "enum", labels=("setosa", "versicolor", "virginica"))
    assert notes(read) == [
        'Enums, since few words come again and again: "x"; for any text, answer inputs="x: string".'
    ]
    assert read.rows[0] == {"id": 0, "x": "versicolor"}


def test_a_note_says_how_to_have_text_instead_of_labels(source: Path) -> None:
    read = sample(source, "id,Marital Status\n" + "1,single\n2,married\n" * 3)
    assert notes(read)[0].endswith(
        '"Marital Status"; for any text, answer \
inputs="marital_status: string".'
    )


def test_words_that_hardly_come_again_are_text(source: Path) -> None:
    assert column(source, "a", "b", "a", "b", "a").type == "string"
    assert column(source, *[f"name {number}" for number in range(21)] * 5).type == "string"
    assert column(source, *["x" * 41, "y"] * 5).type == "string"
    assert column(source, *["two\nlines", "y"] * 5).type == "string"


def test_gaps_among_numbers_make_doubles_that_may_be_missing(source: Path) -> None:
    for gap in ("", "NA", "nan", "NaN", "null", "None", "N/A"):
        read = column_of(source, "1", gap, "3")
        assert read.inputs[1] == Part("x", "double", default="nan", about="1 to 3 in the sample.")
        assert notes(read) == ['May be missing, and are NaN then: "x".']


def test_gap_marks_among_words_are_words(source: Path) -> None:
    part = column(source, *["NA", "EU", "None"] * 5)
    assert (part.type, part.labels, part.default) == ("enum", ("EU", "NA", "None"), None)


def test_gaps_among_words_make_text_that_may_be_empty(source: Path) -> None:
    read = column_of(source, *["a", "b", ""] * 5)
    assert read.inputs[1] == Part("x", "string", default='""')
    assert notes(read) == ['May be missing, and are "" then: "x".']


def test_a_bool_with_gaps_is_required_and_a_note_says_so(source: Path) -> None:
    read = column_of(source, "true", "", "false")
    assert read.inputs[1] == Part("x", "bool")
    assert notes(read) == [
        'Required, though some rows have no value: "x"; if there is a default, answer inputs= with it.'
    ]


def test_columns_that_tell_nothing(source: Path) -> None:
    read = sample(source, "a,b,c\n" + "".join(f"{number},,7\n" for number in range(10)))
    assert [part.name for part in read.inputs] == ["a", "c"]
    assert notes(read) == [
        'Left out, since no row has a value: "b".',
        'The same in all rows: "c".',
    ]


def test_a_word_among_many_numbers_is_noted(source: Path) -> None:
    read = column_of(source, *map(str, range(20)), "?")
    assert read.inputs[1].type == "string"
    assert notes(read) == ['Text, since most cells are numbers, but not all: "x".']


def test_the_index_of_pandas_is_left_out(source: Path) -> None:
    for name in ("", "Unnamed: 0"):
        read = sample(source, f"{name},a\n0,1.5\n1,2.5\n")
        assert [part.name for part in read.inputs] == ["a"]
        assert read.rows == ({"a": 1.5}, {"a": 2.5})
        assert read.notes[0].startswith("The first column has no name")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_separators_and_line_endings(source: Path, separator: str, ending: str) -> None:
    rows = [["a b", "c"], ["1", '"x, y; z\t"'], [], ["2", '"say ""hi"""']]
    text = ending.join(separator.join(row) for row in rows)
    read = sample(source, "\ufeff" + text)
    assert [(part.name, part.type) for part in read.inputs] == [("a b", "int64"), ("c", "string")]
    assert read.rows == ({"a b": 1, "c": "x, y; z\t"}, {"a b": 2, "c": 'say "hi"'})


def test_names_may_be_numbers_beside_others(source: Path) -> None:
    assert [part.name for part in sample(source, "label,0,1\n7,0,255\n").inputs] == [
        "label",
        "0",
        "1",
    ]


def test_one_column(source: Path) -> None:
    assert sample(source, "x\n1.5\n2\n").inputs[0].type == "double"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n", "the sample has no rows; write a few rows"),
        ("a,b,a\n1,2,3\n", 'two columns are named "a"; give every column'),
        ("a,,b\n1,2,3\n", "column 2 has no name; give every column"),
        ("1,2.5\n3,4\n", "its first line holds numbers, not names; write a first line"),
        ("5.1,3,setosa\n4.9,3,setosa\n", "its first line holds numbers, not names; write a first"),
        ("a,b\n1,2\n1,2,3\n", "line 3 has 3 cells, and the header 2; put cells"),
        ("a;b\n1;2\n1;2;3\n", "line 3 has 3 cells, and the header 2; put cells"),
        ('a,b\n1,"2\n', "its quotes or cells are wrong near line 2"),
        ('a,b\n1,"2"x\n', "its quotes or cells are wrong near line 2"),
        ("a,b\n1,\0\n", "it is UTF-16 or no text; save it as CSV in UTF-8"),
        ("a;b\n1,5;2,5\n", 'the numbers of "a" have commas in them; write them with a point'),
        ('a,b\n"1,234",2\n', 'the numbers of "a" have commas in them; write them with a point'),
        ("a;b,c\n1;2,3\n", "commas or semicolons may separate its cells; put cells"),
        ("a,b\n,\n", "all cells are empty; write a few rows"),
        ("a,b\n1," + "x" * 200_000 + "\n", "its quotes or cells are wrong near line 2"),
        ("a,b\n1," + "x" * 2_000_000 + "\n", "a line is longer than 1,048,575 characters"),
        (",".join(f"c{number}" for number in range(2_001)) + "\n", "2001 columns are more than"),
        ("a,b\n1,x\n".encode("utf-16"), "it is UTF-16 or no text; save it as CSV in UTF-8"),
        ("a,b\n1,Köln\n".encode("latin-1"), "it is not UTF-8; save it as CSV in UTF-8"),
        ("", "the file is empty; save"),
    ],
    ids=short,
)
def test_what_is_refused_says_what_to_do(source: Path, text: str | bytes, words: str) -> None:
    assert refusal(source, text).startswith(words)


def test_no_text_of_a_cell_is_told(source: Path) -> None:
    secret = "Rosebud"
    read = sample(source, "a,b\n" + "".join(f"{number},{secret}{number}\n" for number in range(9)))
    assert secret not in "".join(read.notes) + "".join(part.about for part in read.inputs)


def test_of_a_long_sample_the_first_rows_are_read(source: Path) -> None:
    wide = 1_000
    line = ",".join("1" * wide) + "\n"
    header = ",".join(f"c{number}" for number in range(wide)) + "\n"
    read = sample(source, header + line * 2_500)
    assert "Only the first 2,000 rows of the sample were read." in read.notes
    assert len(read.inputs) == wide
    # Cut within a quoted cell that has many lines.
    read = sample(source, "a,b\n" + '1,"' + ("x" * 50_000 + '\n"\n1,"') * 700)
    assert any("of the sample were read" in note for note in read.notes)


def test_a_missing_default_is_nan_even_for_a_column_of_marks(source: Path) -> None:
    read = sample(source, "a,b\n1,NA\n2,NA\n")
    assert [part.name for part in read.inputs] == ["a"]
    assert not any(math.isnan(value) for row in read.rows for value in row.values())
