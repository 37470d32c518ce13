"""The schema language: what it accepts, and what it refuses in which words."""

import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grpc_ml_template.language.errors import AnswerError
from grpc_ml_template.language.fields import SCALARS, Field
from grpc_ml_template.language.parser import MOST_FIELDS
from grpc_ml_template.project.schemas import parse_schema


def inputs(text: str) -> tuple[Field, ...]:
    return parse_schema(text, "inputs", outputs=False).fields


def one(text: str) -> Field:
    (field,) = inputs(text)
    return field


def refusal(text: str, *, outputs: bool = False) -> str:
    with pytest.raises(AnswerError) as caught:
        parse_schema(text, "outputs" if outputs else "inputs", outputs=outputs)
    return str(caught.value)


def test_a_field_with_everything() -> None:
    field = one('age: int32 0..120 = 30 "Age in years"')
    assert (field.name, field.kind, field.element.name) == ("age", "scalar", "int32")
    assert (field.low, field.high, field.default) == (0, 120, 30)
    assert field.description == "Age in years"
    assert not field.required


def test_a_field_without_a_default_is_required() -> None:
    assert one("age: int32").required


@pytest.mark.parametrize("name", SCALARS)
def test_every_type_is_known_by_its_name(name: str) -> None:
    assert one(f"x: {name}").element == SCALARS[name]


@pytest.mark.parametrize(
    ("name", "proto", "dtype"),
    [
        ("float", "float", "float32"),
        ("double", "double", "float64"),
        ("float16", "float", "float16"),
        ("float64", "double", "float64"),
        ("int8", "int32", "int8"),
        ("uint16", "uint32", "uint16"),
        ("int64", "int64", "int64"),
        ("bool", "bool", "bool"),
        ("string", "string", "object"),
        ("bytes", "bytes", "object"),
    ],
)
def test_narrow_types_travel_as_the_next_wider(name: str, proto: str, dtype: str) -> None:
    element = one(f"x: {name}").element
    assert (element.proto, element.dtype) == (proto, dtype)


@pytest.mark.parametrize(
    ("text", "dims", "size", "unknown"),
    [
        ("x: uint8[224,224,3]", (224, 224, 3), 150528, 0),
        ("x: int64[?]", (None,), 1, 1),
        ("x: int64[]", (None,), 1, 1),
        ("x: int64[ ]", (None,), 1, 1),
        ("x: float [ 2 , ? ,\n ?]", (2, None, None), 2, 2),
        ("x: string[1]", (1,), 1, 0),
        ("x: float", (), 1, 0),
    ],
)
def test_dims(text: str, dims: tuple[int | None, ...], size: int, unknown: int) -> None:
    field = one(text)
    assert (field.dims, field.size, field.unknown_dims) == (dims, size, unknown)
    assert field.kind == ("tensor" if dims else "scalar")


@pytest.mark.parametrize(
    ("text", "dims"),
    [("x: image", (None, None, 3)), ("x: image[8,9,1]", (8, 9, 1)), ("x: image[8,9,4]", (8, 9, 4))],
)
def test_images(text: str, dims: tuple[int | None, ...]) -> None:
    field = one(text)
    assert (field.kind, field.dims) == ("image", dims)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("x: enum(setosa, versicolor)", ("setosa", "versicolor")),
        ("x: enum(a)", ("a",)),
        ("x: enum(30+,<18,c#,a:b,é)", ("30+", "<18", "c#", "a:b", "é")),
        ('x: enum("New York", "a, b", "(c)")', ("New York", "a, b", "(c)")),
        ("x: enum( # which\n  a, # first\n  b\n)", ("a", "b")),
        (r'x: enum("say \"hi\"", "a\\b")', ('say "hi"', "a\\b")),
    ],
)
def test_labels(text: str, labels: tuple[str, ...]) -> None:
    field = one(text)
    assert (field.kind, field.labels) == ("enum", labels)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("x: float 0..30", 0, 30),
        ("x: float 0..", 0, None),
        ("x: float ..30", None, 30),
        ("x: float -1.5..1e3", -1.5, 1000.0),
        ("x: float +1 .. 2", 1, 2),
        ("x: float 1..1", 1, 1),
        ("x: uint8 0..255", 0, 255),
        ("x: int64 -9223372036854775808..9223372036854775807", -(2**63), 2**63 - 1),
        ("x: float[3]0..1", 0, 1),
    ],
)
def test_ranges_are_kept_as_written(text: str, low: float | None, high: float | None) -> None:
    field = one(text)
    assert (field.low, field.high) == (low, high)
    assert (type(field.low), type(field.high)) == (type(low), type(high))


@pytest.mark.parametrize(
    ("text", "default"),
    [
        ("x: int32 = 3", 3),
        ("x: int32=-3", -3),
        ("x: float = 3", 3.0),
        ("x: double = 1.5e-3", 0.0015),
        ("x: bool = true", True),
        ("x: bool = false", False),
        ("x: string = none", "none"),
        ('x: string = "two words"', "two words"),
        ('x: string = ""', ""),
        ('x: bytes = "raw"', "raw"),
        ("x: enum(a, b) = b", "b"),
        ('x: enum("New York", b) = "New York"', "New York"),
        ("x: float[2,3] = 1", 1.0),
    ],
)
def test_defaults_have_the_type_of_the_field(text: str, default: object) -> None:
    field = one(text)
    assert field.default == default
    assert type(field.default) is type(default)


def test_nan_is_a_default_that_lets_nan_through() -> None:
    field = one("x: float 0..1 = nan")
    assert isinstance(field.default, float)
    assert math.isnan(field.default)
    assert field.allows_nan
    assert not one("x: float = 1").allows_nan


def test_equal_texts_give_equal_fields_even_with_nan() -> None:
    parse_schema.cache_clear()
    first = inputs("x: float = nan, y: int32 = 1")
    parse_schema.cache_clear()
    again = inputs("x: float = nan, y: int32 = 1")
    assert first == again
    assert hash(first) == hash(again)
    assert first != inputs("x: float = nan, y: int32 = 2")


def test_modifiers_come_in_any_order() -> None:
    written = one('x: float 0..9 = 5 "in cm"')
    assert one('x: float "in cm" = 5 0..9') == written
    assert one('x: float"in cm"=5 0..9') == written


@pytest.mark.parametrize(
    "text",
    [
        "a: float, b: float",
        "a: float; b: float",
        "a: float\nb: float",
        "a: float\r\nb: float\r\n",
        "\n,;a: float,\n\n;; b: float;,\n",
        "# a comment, with: a colon\na: float # another\n\tb : float#last",
    ],
)
def test_separators_and_comments(text: str) -> None:
    assert [field.name for field in inputs(text)] == ["a", "b"]


def test_quoted_text_holds_anything() -> None:
    text = 'a: float "x, y; z # {{ 7*7 }} */ \\"q\\" \\\\ \\n\\t é\nnext"'
    assert one(text).description == 'x, y; z # {{ 7*7 }} */ "q" \\ \n\t é\nnext'


def test_inputs_and_outputs_may_use_the_same_name() -> None:
    assert inputs("x: float") == parse_schema("x: float", "outputs", outputs=True).fields


REFUSED = [
    ("", "the schema is empty"),
    (" \n# nothing\n,;", "the schema is empty"),
    ("age", '"age" has no colon'),
    ("age float", '"age float" has no colon'),
    (": float", "no name before the colon"),
    ('"age": float', '"age" is a text where a name should be'),
    ("Age: float", '"age: float"'),
    ("Sepal Length (cm): float", '"sepal_length_cm: float"'),
    ("sepalLength: float", '"sepal_length: float"'),
    ("_a: float", '"a: float"'),
    ("a__b: float", '"a_b: float"'),
    ("1a: float", '"a: float"'),
    ("été: float", '"ete: float"'),
    ("a" * 51 + ": float", "longer than 50"),
    ("class: float", '"class" is a Python keyword'),
    ("np: float", '"np" is taken by the generated code'),
    ("timeout: float", '"timeout" is an option of the command line'),
    ("output: float", '"output" is an option of the command line'),
    ("x: bool, no_x: float", '"no_x" is on the command line what says no to "x"'),
    ("a: float, a: int32", "a: the same name is used twice"),
    ("a_b: float, ab: int32", 'ab: the same JSON name as "a_b" is used twice'),
    ("a_1: float, a1: int32", 'a1: the same JSON name as "a_1" is used twice'),
    ("a:", "a: the type is missing"),
    ("a: , b: float", "a: the type is missing"),
    ("a: [3]", "a: the type is missing"),
    ("a: flaot", 'a: "flaot" is not a type'),
    ("a: flaot", 'like "a: float"'),
    ("a: int", 'like "a: int64"'),
    ("a: emun(x)", 'like "a: enum(low, high)"'),
    ("a: Float", 'like "a: float"'),
    ("a: float[0]", 'a: "0" is not a size'),
    ("a: float[-1]", 'a: "-1" is not a size'),
    ("a: float[1.5]", 'a: "1.5" is not a size'),
    ("a: float[n]", 'a: there is no enum "n"'),
    ("a: float[3,]", 'a: "" is not a size'),
    ("a: float[²]", 'a: "²" is not a size'),
    ("a: float[134217729]", "more than 134217728 elements"),
    ("a: float[65536,65536]", "more than 134217728 elements"),
    ("a: float[" + "9" * 5000 + "]", "is not a size"),
    ("a: float[" + ",".join("1" * 9) + "]", "9 sizes are more than 8"),
    ("a: float[3", '"[" is never closed'),
    ("a: float[3, b: float[2]", '"[" is never closed'),
    ("a: float[3][4]", "a second pair of brackets"),
    ("a: float]", '"]" closes nothing'),
    ("a: float)", '")" closes nothing'),
    ("a: enum", "needs labels in parentheses"),
    ("a: enum()", "the enum has no labels"),
    ("a: enum(x,,y)", "a label is empty"),
    ("a: enum(x,)", "a label is empty"),
    ('a: enum(x, "")', "a label is empty"),
    ('a: enum(x, " ")', "a label is empty"),
    ("a: enum(x, x)", 'the label "x" is there twice'),
    ('a: enum(x, "x")', 'the label "x" is there twice'),
    ("a: enum(New York)", 'no comma follows the label "New"'),
    ("a: enum(x; y)", 'no comma follows the label "x"'),
    ("a: enum(x, y", '"(" is never closed'),
    ("a: enum(x,", '"(" is never closed'),
    ("a: enum('x')", "text goes in double quotes"),
    ("a: enum(x)[3]", "enum takes no sizes here"),
    ("a: image[]", "is not a height, a width and 1, 3 or 4 channels"),
    ("a: image[8,8]", "is not a height, a width and 1, 3 or 4 channels"),
    ("a: image[8,8,2]", "is not a height, a width and 1, 3 or 4 channels"),
    ("a: image[?,8,3]", "is not a height, a width and 1, 3 or 4 channels"),
    ("a: image[0,8,3]", '"0" is not a size'),
    ("a: image 0..255", "image takes no range"),
    ("a: image = 3", "an image takes no default"),
    ("a: string 0..3", "string takes no range"),
    ("a: bytes 0..3", "bytes takes no range"),
    ("a: bool 0..1", "bool takes no range"),
    ("a: enum(x) 0..1", "enum takes no range"),
    ("a: float 5..1", "the range 5..1 starts above its end"),
    ("a: float ..", "the range has neither end"),
    ("a: float 1...2", '"1...2" is not a range'),
    ("a: float 1..x", '"1..x" is not a range'),
    ("a: float 1..2..3", '"1..2..3" is not a range'),
    ("a: float 0..inf", '"0..inf" is not a range'),
    ("a: float 0..1 2..3", "a second range"),
    ("a: int8 0..300", "300 does not fit int8"),
    ("a: uint8 -1..3", "-1 does not fit uint8"),
    ("a: int32 0.5..3", '"0.5" is not a whole number'),
    ("a: int32 0..1e3", '"1e3" is not a whole number'),
    ("a: float16 0..70000", "70000 does not fit float16"),
    ("a: float 0..1e39", "1e39 does not fit float"),
    ("a: double 0..1e999", "1e999 does not fit double"),
    ("a: double 0.." + "9" * 5000, "is not a number"),
    ("a: int32 0..120 = 200", "200 is above the range 0..120"),
    ("a: int32 5.. = 4", "4 is below the range 5.."),
    ("a: float ..5 = 6", "6 is above the range ..5"),
    ("a: float[3] 0..1 = 2", "2 is above the range 0..1"),
    ("a: float =", 'no value follows "="'),
    ("a: float = , b: float", 'no value follows "="'),
    ("a: float = 1 = 2", "a second default"),
    ("a: float = x", '"x" is not a number'),
    ("a: float = 1.", '"1." is not a number'),
    ('a: float = "1"', 'the default "1" is a text'),
    ("a: float = inf", "a default must be finite"),
    ("a: double = -Infinity", "a default must be finite"),
    ("a: int32 = nan", '"nan" is not a whole number'),
    ("a: int32 = 1.0", '"1.0" is not a whole number'),
    ("a: int32 = true", '"true" is not a whole number'),
    ("a: uint8 = 256", "256 does not fit uint8"),
    ("a: bool = yes", 'the default "yes" is neither true nor false'),
    ("a: bool = 1", 'the default "1" is neither true nor false'),
    ('a: bool = "true"', 'the default "true" is neither true nor false'),
    ("a: bytes = raw", 'the default "raw" is not in quotes'),
    ("a: string = 'x'", "text goes in double quotes"),
    ("a: enum(x, y) = z", 'the default "z" is not one of the labels'),
    ("a: float[?] = 1", "a default needs a fixed shape"),
    ("a: float[] = 1", "a default needs a fixed shape"),
    ('a: float "x', "is never closed"),
    ('a: float "x\\', "is never closed"),
    ('a: float "x" "y"', "a second description"),
    ('a: float "\\x"', "means nothing in quoted text"),
    ("a: float 'x'", "text goes in double quotes"),
    ("a: float optional", '"optional" is not a range, a default or a quoted text'),
    ("a: float b: float", '"b:" is not a range, a default or a quoted text'),
    ("a: float 3", '"3" is not a range, a default or a quoted text'),
    ('a: float "\x00"', "the control character U+0000"),
    ('a: float "\x1b[31m"', "the control character U+001B"),
    ('a: float "\u202e"', "the control character U+202E"),
    ('a: float "\u2028"', "the control character U+2028"),
    ('a: float "\udcff"', "the control character U+DCFF"),
    ("a: enum(x\x07)", "the control character U+0007"),
    ("a: string = x\x00", "the control character U+0000"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_a_wrong_schema_is_refused_in_one_line_with_a_right_example(text: str, words: str) -> None:
    message = refusal(text)
    assert words in message
    assert message.startswith("inputs: ")
    assert "; " in message
    assert "like " in message
    assert message.isprintable()
    assert len(message) < 400


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: float 0..1", "a: outputs take no range"),
        ("a: float = 1", "a: outputs take no default"),
        ("a: enum(x, y) = x", "a: outputs take no default"),
        ("model_version: string", '"model_version" is taken by the generated code'),
    ],
)
def test_outputs_are_stricter(text: str, words: str) -> None:
    message = refusal(text, outputs=True)
    assert message.startswith("outputs: ")
    assert words in message


def test_names_of_options_are_free_for_outputs() -> None:
    assert parse_schema("timeout: float, x: bool, no_x: bool", "outputs", outputs=True)


def test_words_of_the_proto_language_are_names_like_any_other() -> None:
    assert len(inputs("message: float, group: int32, service: string, max: double")) == 4


def test_the_message_names_the_field_and_shows_a_right_line() -> None:
    assert refusal("x: float, age: int32 0..120 = 200") == (
        "inputs: age: 200 is above the range 0..120; "
        'write a default inside it, like "age: int32 0..120 = 0"'
    )


def test_thousands_of_fields_are_refused() -> None:
    assert len(inputs("\n".join(f"a{i}: float" for i in range(MOST_FIELDS)))) == MOST_FIELDS
    message = refusal("\n".join(f"a{i}: float" for i in range(MOST_FIELDS + 1)))
    assert f"{MOST_FIELDS + 1} fields are more than {MOST_FIELDS}" in message


PIECES = st.sampled_from(
    re.findall(
        r"\S+|\n", "a b1 : float int32 enum image ( ) [ ] , ; # \" \\ = .. 0 1.5 - nan ? é ' \n"
    )
)


@given(st.one_of(st.text(), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join)))
def test_any_text_is_parsed_or_refused_in_one_line(text: str) -> None:
    message = ""
    try:
        inputs(text)
    except AnswerError as error:
        message = str(error)
    assert message.isprintable()


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"])))
def test_any_description_comes_back_as_written(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    assert one(f'a: string "{escaped}"').description == text


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_any_pair_of_numbers_is_a_range_or_refused(low: int, high: int) -> None:
    if low <= high:
        field = one(f"a: int64 {low}..{high}")
        assert (field.low, field.high) == (low, high)
    else:
        assert "starts above its end" in refusal(f"a: int64 {low}..{high}")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_finite_float_is_a_default(number: float) -> None:
    assert one(f"a: double = {json.dumps(number)}").default == number
