"""Samples of inputs in JSON, and how JSON files are told apart."""

import json
from pathlib import Path
from typing import Any

import pytest

from grpc_ml_template.sources.common.opening import SourceError
from grpc_ml_template.sources.common.signature import Part, Signature
from grpc_ml_template.sources.samples.json_rows import json_kind, read

ROWS: list[dict[str, Any]] = [
    {"age": 30, "mean radius": 1.5, "city": "Bonn", "is_new": True, "point": [1, 2.5]},
    {"age": 40, "mean radius": 2, "city": "Köln", "is_new": False, "point": [3, 4]},
]
FIELDS = (
    Part("age", "int64", about="30 to 40 in the sample."),
    Part("mean radius", "double", about="1.5 to 2 in the sample."),
    Part("city", "string"),
    Part("is_new", "bool"),
    Part("point", "double", (2,), about="1 to 4 in the sample."),
)


def short(value: object) -> str:
    """A name for a case that may be large."""
    return repr(value)[:30]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "sample.json"


def sample(source: Path, document: Any) -> Signature:
    source.write_text(document if isinstance(document, str) else json.dumps(document))
    return read(source)


def column(source: Path, *values: Any) -> Part:
    return sample(source, [{"x": value} for value in values]).inputs[0]


def refusal(source: Path, document: Any) -> str:
    with pytest.raises(SourceError) as caught:
        sample(source, document)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def in_split() -> dict[str, Any]:
    return {"columns": list(ROWS[0]), "index": [0, 1], "data": [list(row.values()) for row in ROWS]}


@pytest.mark.parametrize(
    "document",
    [
        ROWS,
        in_split(),
        {"dataframe_split": in_split()},
        "\n".join(map(json.dumps, ROWS)),
        "\n\n".join(map(json.dumps, ROWS)) + "\r\n",
    ],
    ids=["list", "split", "mlflow", "lines", "blank lines"],
)
def test_every_form_of_rows_makes_the_same_fields(source: Path, document: Any) -> None:
    read = sample(source, document)
    assert read.inputs == FIELDS
    assert list(read.rows) == ROWS
    assert isinstance(read.rows[1]["mean radius"], float)
    kind = json_kind(memoryview(source.read_bytes()))
    assert kind == "rows"


def test_one_row_in_a_file_of_lines(tmp_path: Path) -> None:
    assert sample(tmp_path / "one.jsonl", json.dumps(ROWS[0])).inputs[0].name == "age"
    assert sample(tmp_path / "one.ndjson", "\ufeff" + json.dumps(ROWS[0])).inputs[0].name == "age"


def test_a_field_that_some_rows_have_not_may_be_missing(source: Path) -> None:
    read = sample(source, [{"a": 1}, {"b": "x", "a": None}, {"a": 3, "b": None}])
    assert read.inputs == (
        Part("a", "double", default="nan", about="1 to 3 in the sample."),
        Part("b", "string", default='""'),
    )
    assert read.rows == ()


def test_texts_of_digits_stay_texts(source: Path) -> None:
    assert column(source, "1", "2").type == "string"


def test_few_words_that_come_again_are_labels(source: Path) -> None:
    assert column(source, *["b", "a"] * 3) == Part("x", "enum", labels=("a", "b"))
    assert column(source, *["b", ""] * 3).type == "string"


def test_lists_are_tensors_whose_sizes_may_vary(source: Path) -> None:
    assert column(source, [1], [2]).dims == (1,)
    assert column(source, [1], [2, 3]).dims == (None,)
    assert column(source, [[1, 2]], [[3, 4], [5, 6]]).dims == (None, 2)
    assert column(source, [[[True]]]) == Part("x", "bool", (1, 1, 1))
    assert column(source, ["a"], ["a"], ["a"]) == Part("x", "string", (1,))
    assert column(source, [1], None).default == "nan"
    assert column(source, [1], [1, 2], None).default is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([{"street": "a"}], '"x" has an object, or null in a list; write the fields'),
        ([[{"street": "a"}]], '"x" has an object, or null in a list; write the fields'),
        ([[1, None]], '"x" has an object, or null in a list'),
        ([1, "a"], '"x" has values of several types; write one type'),
        ([1, True], '"x" has values of several types'),
        ([1, [1]], '"x" is a list in some rows only'),
        ([[1], [[1]]], 'the lists of "x" have no common depth'),
        ([[[1], [1, 2]]], 'the lists of "x" have no common shape'),
        ([[1, [2]]], '"x" has an object, or null in a list'),
        ([[]], '"x" has an empty list; leave such rows out'),
        ([2**64], '"x" has numbers that are not finite or beyond 64 bits'),
        ([10**400], '"x" has numbers that are not finite or beyond 64 bits'),
        ([10**400, 1.5], '"x" has numbers that are not finite or beyond 64 bits'),
        ([float("inf")], '"x" has numbers that are not finite or beyond 64 bits'),
        ([[float("nan"), 1.0]], '"x" has numbers that are not finite or beyond 64 bits'),
    ],
    ids=short,
)
def test_values_that_no_field_can_carry_are_refused(
    source: Path, values: list[Any], words: str
) -> None:
    assert refusal(source, [{"x": value} for value in values]).startswith(words)


def test_types_that_differ_far_down_are_refused(source: Path) -> None:
    rows: list[dict[str, Any]] = [{"x": 1}] * 1_000 + [{"x": "a"}]
    assert refusal(source, rows).startswith('"x" has values of several types')
    rows = [{"x": [1]}] * 1_000 + [{"x": 1}]
    assert refusal(source, rows).startswith('the lists of "x" have no common depth')


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "the sample has no rows"),
        ([1], "row 1 is no object; write a list of objects"),
        ({"a": 1}, "it holds no list of rows; write a list of objects"),
        ({"columns": ["a", "a"], "data": [[1, 2]]}, 'two columns are named "a"'),
        ({"columns": ["a"], "data": [[1, 2]]}, "row 1 has not 1 values"),
        ({"columns": [["a"]], "data": [[1]]}, 'a name in "columns" is no text'),
        ({"columns": 1, "data": [[1]]}, '"columns" or "data" is no list'),
        ([{"": 1}], "column 1 has no name"),
        ([{f"c{number}": 1 for number in range(2_001)}], "2001 columns are more than 2000"),
        ("[" * 100_000, "it is no JSON (it is nested too deep)"),
        ("[1", "it is no JSON (line 1: "),
        ('{"a": 1}\n{"a": 1', "line 2: it is no JSON"),
        ('{"a": 1}\n[1]', "line 2 is no object"),
        ('{"a": ' + "1" * 5_000 + "}", "it is no JSON (a number has too many digits)"),
    ],
    ids=short,
)
def test_files_without_rows_are_refused(source: Path, document: Any, words: str) -> None:
    assert refusal(source, document).startswith(words)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('[{"a": 1}]', "rows"),
        ("[1, 2]", "other"),
        ('{"a": 1}', "other"),
        ('{"a": {"columns": 1, "data": 2}}', "other"),
        ('{"a": "\\"data\\": 1", "columns": []}', "other"),
        ('{"type": "object", "properties": {"openapi": {}}}', "schema"),
        ('{"$defs": {"A": {}}, "properties": {}}', "schema"),
        ('{"openapi": "3.1.0", "paths": {}}', "openapi"),
        ('{"paths": {}, "swagger": "2.0"}', "openapi"),
        ('{"learner": {"attributes": {' + '"a": "b",' * 200_000, "xgboost"),
        ('{"version": [3, 2, 0], "learner": {}}', "xgboost"),
        ("", "other"),
        ("name,age", "other"),
        ("{" * 100_000, "other"),
        ('"' * 100_000, "other"),
    ],
    ids=short,
)
def test_json_files_are_told_apart(text: str, kind: str) -> None:
    assert json_kind(memoryview(text.encode())) == kind
