"""A field may say what it is called where the model was made."""

import pytest

from grpc_ml_template.language.errors import AnswerError
from grpc_ml_template.language.fields import Field
from grpc_ml_template.project.schemas import parse_schema


def fields(text: str) -> tuple[Field, ...]:
    """Return the fields of a schema of inputs."""
    return parse_schema(text, "inputs", outputs=False).fields


@pytest.mark.parametrize(
    ("text", "alias"),
    [
        ('a as "mean radius": float', "mean radius"),
        ('a as "0": float', "0"),
        ('a  as   "class" : float', "class"),
        ('a as"x": float', "x"),
        (r'a as "say \"x\": \\ y": float', 'say "x": \\ y'),
        ('a as " padded ": float', " padded "),
        ('a as "größe, in cm; #1": float', "größe, in cm; #1"),
        ('a as "a": float', "a"),
        ("a: float", ""),
    ],
)
def test_an_alias_may_be_any_text(text: str, alias: str) -> None:
    [field] = fields(text)
    assert (field.name, field.alias) == ("a", alias)


def test_a_schema_with_aliases_is_written_as_it_was_read() -> None:
    text = 'a as "A b" @1: float'
    with pytest.raises(AnswerError):
        fields(text)
    schema = parse_schema('a as "A b": float 0.. "in cm", b: int32', "inputs", outputs=False)
    assert schema.text == 'a as "A b": float 0.. @1 "in cm"\nb: int32 @2'
    assert parse_schema(schema.text, "inputs", outputs=False).fields == schema.fields


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a as b: float", 'the original name "b" is not in quotes'),
        ('a as "": float', "the original name has 0 characters, not 1 to 200"),
        (f'a as "{"x" * 201}": float', "the original name has 201 characters, not 1 to 200"),
        ('"b": float', '"b" is a text where a name should be'),
        ('a "b": float', '"b" is a text where a name should be'),
        ('a as "b" float', '"a" has no colon'),
        ('a as "x": float, b as "x": float', 'b: its original name "x" is that of "a" too'),
        ('a as "b": float, b: float', 'a: its original name "b" is that of "b" too'),
        (
            b'a as "x\\u202e": float'.decode("unicode_escape"),
            "the control character U+202E",
        ),
    ],
)
def test_a_wrong_alias_is_refused_in_one_line(text: str, told: str) -> None:
    with pytest.raises(AnswerError) as caught:
        fields(text)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
