"""Numbers of fields and labels in the schema language: written, given, kept and refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grpc_ml_template.language.errors import AnswerError
from grpc_ml_template.language.fields import Field, Removed
from grpc_ml_template.language.schema import Schema, Taken
from grpc_ml_template.project.schemas import parse_schema, parse_with_numbers


def inputs(text: str) -> Schema:
    return parse_schema(text, "inputs", outputs=False)


def after(text: str, before: Schema) -> Schema:
    return parse_with_numbers(text, "inputs", before.taken, "schema/inputs.txt")


def numbers(schema: Schema) -> dict[str, int]:
    return {field.name: field.number for field in schema.fields}


def labels(field: Field) -> dict[str, int]:
    return dict(zip(field.labels, field.label_numbers, strict=True))


def refusal(text: str) -> str:
    with pytest.raises(AnswerError) as caught:
        inputs(text)
    return str(caught.value)


def test_fields_without_a_number_get_the_lowest_that_was_never_used() -> None:
    schema = inputs("a: float, b: float @1, -c @3, d: int32, e: bool")
    assert numbers(schema) == {"a": 2, "b": 1, "d": 4, "e": 5}
    assert schema.removed == (Removed("c", 3),)


def test_labels_have_numbers_too() -> None:
    [field] = inputs('tier: enum(free @2, "so so", -basic @1, -"two words" @7, pro)').fields
    assert labels(field) == {"free": 2, "so so": 3, "pro": 4}
    assert field.removed_labels == (Removed("basic", 1), Removed("two words", 7))


@pytest.mark.parametrize(
    "text",
    [
        'age: int32 @3 0..120 = 30 "in years"',
        'age: int32 0..120 @3 = 30 "in years"',
        'age: int32 "in years" = 30 0..120 @3',
        'age: int32@3 0..120 = 30 "in years"',
        'age: int32 0..120@3 = 30 "in years"',
    ],
)
def test_a_number_stands_anywhere_after_the_type(text: str) -> None:
    [field] = inputs(text).fields
    assert (field.number, field.low, field.high, field.default) == (3, 0, 120, 30)
    assert field.description == "in years"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: float @1, b: float @1", 'b: number 1 is that of "a"; write one that was never used'),
        ("a: float @2, -b @2", 'a: number 2 is that of "b"'),
        ("a: float @1, -a @2", "a: the same name is used twice"),
        ("a: float @0", '"@0" is not the number of a field, which is 1 to 536870911, except 19000'),
        ("a: float @19500", '"@19500" is not the number of a field'),
        ("a: float @536870912", "is not the number of a field"),
        ("a: float @x", '"@x" is not the number of a field'),
        ("a: float @", '"@" is not the number of a field'),
        ("a: float @1 @2", "a second number"),
        (
            "a: float, -b",
            '"b" is gone, and its number is missing; write the one that it had, as in "-b @2"',
        ),
        ("a: float, - @2", '"" after a minus is no name of a field that is gone'),
        ("a: float, -b @2 0..1", '"0..1" follows what is gone; leave name and number'),
        ("-a @1", "the schema is empty"),
        ("a: enum(x @1, y @1)", 'number 1 is that of "x"'),
        ("a: enum(x, -x @2)", 'the label "x" is there twice'),
        ("a: enum(x @10001)", "is not the number of a label, which is 1 to 10000"),
        ("a: enum(-x @1)", "all its labels are gone"),
        ('a: enum(x, -"y z")', '"y z" is gone, and its number is missing'),
        ("-a @1, -b @1, c: float", 'number 1 is that of "a" and of "b"'),
    ],
)
def test_a_wrong_number_is_refused_in_one_line(text: str, words: str) -> None:
    message = refusal(text)
    assert words in message
    assert "\n" not in message


# The text with all numbers in it


@pytest.mark.parametrize(
    ("text", "numbered"),
    [
        ("a: float, b: float", "a: float @1\nb: float @2"),
        ('a: float; b: int32 0..1 "x, y";', 'a: float @1\nb: int32 0..1 @2 "x, y"'),
        ("  a: float = 3 # why\n\n b: bool", "  a: float = 3 @1 # why\n\n b: bool @2"),
        ("a: float # why", "a: float @1  # why"),
        ("a: float @7,b: float", "a: float @7\nb: float @1"),
        ("a: enum(x, y) = x", "a: enum(x @1, y @2) = x @1"),
        ('a: enum("x y",-1)', 'a: enum("x y" @1,"-1" @2) @1'),
        ("a: enum(\n  x, # why\n  y\n)", "a: enum(\n  x @1, # why\n  y @2\n) @1"),
        ("-c @2, a: float [3]", "-c @2\na: float [3] @1"),
        ("a: image[8,8,3]", "a: image[8,8,3] @1"),
        ("a: float\r\nb: float\r\n", "a: float @1\nb: float @2"),
    ],
)
def test_numbers_are_written_into_the_text(text: str, numbered: str) -> None:
    schema = inputs(text)
    assert schema.text == numbered
    again = inputs(schema.text)
    assert again == schema


def test_what_is_in_the_contract_keeps_its_number_wherever_it_stands() -> None:
    before = inputs("a: float, b: enum(x, y), c: bool")
    schema = after("new: float = 1\nc: bool\nb: enum(z, y, x)\na: float", before)
    assert numbers(schema) == {"new": 4, "c": 3, "b": 2, "a": 1}
    assert labels(schema.named("b")) == {"z": 3, "y": 2, "x": 1}


def test_what_is_no_longer_in_the_text_is_gone() -> None:
    before = inputs('a: float, b: enum(x, "y z", w), c: bool')
    schema = after("a: float\nb: enum(w)", before)
    assert schema.removed == (Removed("c", 3),)
    assert schema.named("b").removed_labels == (Removed("x", 1), Removed("y z", 2))
    assert schema.text == 'a: float @1\nb: enum(w @3, -x @1, -"y z" @2) @2\n-c @3'
    assert after("a: float, d: int32", schema).removed == (
        Removed("b", 2),
        Removed("c", 3),
    )


def test_what_is_gone_gets_the_number_that_it_had() -> None:
    before = inputs('a: float, b: enum(x, "y z", w), c: bool')
    schema = after('-c\n-a\nb: enum(x, -"y z", w)', before)
    assert {*schema.removed} == {Removed("c", 3), Removed("a", 1)}
    assert schema.text == '-c @3\n-a @1\nb: enum(x @1, -"y z" @2, w @3) @2'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: float, e: bool @2", '2 is that of "b"; write one that was never used, "@6", or none'),
        (
            "a: float @9",
            '"a" has number 1 in the contract, not 9; a number never changes; write "@1"',
        ),
        (
            "a: float, kind: enum(-x, y)",
            '"-x" is a new label, or one that is gone and whose number',
        ),
        ("a: float, kind: enum(-x, y)", 'write "-x @1" if it is gone, or put it into quotes'),
        ("a: float, incomex: bool", 'incomex: the same JSON name as "income_x" had, which is gone'),
        ("a: float, d: bool", '"d" is gone: callers may still know it by number 4'),
    ],
)
def test_what_goes_against_the_contract_is_refused(text: str, words: str) -> None:
    before = inputs("a: float, b: float, income_x: float, -d @4, kind: enum(x, y) @5")
    with pytest.raises(AnswerError) as caught:
        after(text, before)
    assert words in str(caught.value)


def test_a_label_that_may_have_a_number_is_refused() -> None:
    message = refusal("a: enum(free@1, pro)")
    assert 'put a blank before the number, like "free @1", or the label into quotes' in message
    assert labels(inputs('a: enum("free@1", pro)').fields[0]) == {"free@1": 1, "pro": 2}


LABELS = st.text(st.sampled_from("ab1@-#,;()\\\"' \n\t"), min_size=1, max_size=5)
WRITTEN = LABELS.filter(str.strip).map(lambda text: (text, json.dumps(text)))
BARE = st.from_regex(r"[-a-z0-9\\]{1,4}", fullmatch=True).map(lambda text: (text, text))


@given(
    st.lists(WRITTEN | BARE, min_size=2, max_size=5, unique_by=lambda label: label[0]), st.data()
)
def test_labels_of_all_kinds_keep_their_names_and_numbers(
    written: list[tuple[str, str]], data: st.DataObject
) -> None:
    schema = inputs(f"a: enum({', '.join(text for _, text in written)})")
    assert [*labels(schema.fields[0])] == [name for name, _ in written]
    assert inputs(schema.text) == schema
    gone, _ = data.draw(st.sampled_from(written))
    kept = [(name, number) for name, number in labels(schema.fields[0]).items() if name != gone]
    left = ", ".join(f"{json.dumps(name)} @{number}" for name, number in kept)
    schema = after(f"a: enum({left}) @1", schema)
    [removed] = schema.fields[0].removed_labels
    assert removed.name == gone
    assert inputs(schema.text) == schema


NAMES = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8, unique=True)


@given(st.lists(NAMES, min_size=2, max_size=8))
def test_however_often_a_schema_changes_no_number_has_two_meanings(
    history: list[list[str]],
) -> None:
    meanings: dict[int, str] = {}
    schema = Schema((), (), "")
    for names in history:
        gone = {removed.name for removed in schema.removed}
        fields = [name for name in names if name not in gone] or [f"z{len(gone)}"]
        schema = after("\n".join(f"{name}: float" for name in fields), schema)
        for name, number in [*numbers(schema).items(), *_removed(schema)]:
            assert meanings.setdefault(number, name) == name
        assert inputs(schema.text) == schema


def _removed(schema: Schema) -> list[tuple[str, int]]:
    return [(gone.name, gone.number) for gone in schema.removed]


def test_nothing_is_taken_of_a_contract_that_is_new() -> None:
    assert Taken() == Schema((), (), "").taken


# Label vectors


def test_a_vector_has_a_value_for_each_label_of_an_enum() -> None:
    schema = inputs("scores: float[tier] 0..1 = 0.5, tier: enum(free, pro @4, -basic @2)")
    vector = schema.named("scores")
    assert (vector.kind, vector.dims, vector.width) == ("vector", (2,), 4)
    assert labels(vector) == labels(schema.named("tier")) == {"free": 1, "pro": 4}
    assert (vector.low, vector.high, vector.default) == (0, 1, 0.5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: float[b]", 'a: there is no enum "b" whose labels it has a value of each for'),
        ("a: float[b], b: int32", 'a: there is no enum "b"'),
        ("a: string[b], b: enum(x)", "a: a string for each label is not a number"),
        ("a: float[b,3], b: enum(x)", 'a: "b" is not a size'),
    ],
)
def test_a_vector_of_no_labels_is_refused(text: str, words: str) -> None:
    assert words in refusal(text)
