"""Fields from JSON Schema, and from OpenAPI documents."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from grpc_ml_template.sources.common.opening import SourceError
from grpc_ml_template.sources.common.signature import Part, Signature
from grpc_ml_template.sources.samples.json_schema import read

SAMPLES = Path(__file__).parent / "samples"
OPENAPI: dict[str, Any] = {
    "openapi": "3.0.3",
    "paths": {"/predict": {"post": {"schema": {"$ref": "#/components/schemas/Cat"}}}},
    "components": {
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "weight": {"type": "number", "format": "float", "nullable": True},
                    "legs": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
                },
            },
            "Cat": {
                "allOf": [
                    {"$ref": "#/components/schemas/Pet"},
                    {
                        "required": ["coat", "legs"],
                        "properties": {
                            "coat": {
                                "allOf": [{"$ref": "#/components/schemas/Coat"}],
                                "default": "short",
                                "description": "Coat",
                            }
                        },
                    },
                ]
            },
            "Coat": {"type": "string", "enum": ["short", "long"]},
            "Loop": {"$ref": "#/components/schemas/Loop"},
            "Cats": {"type": "array", "items": {"$ref": "#/components/schemas/Cat"}},
        }
    },
}
CAT = (
    Part("name", "string"),
    Part("weight", "float", default="nan"),
    Part("legs", "int64", limits="1.."),
    Part("coat", "enum", labels=("short", "long"), default='"short"', about="Coat"),
)


def short(value: object) -> str:
    """A name for a case that may be large."""
    return repr(value)[:30]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "schema.json"


def schema(source: Path, document: Any, fragment: str = "") -> Signature:
    source.write_text(document if isinstance(document, str) else json.dumps(document))
    return read(source, fragment)


def one(source: Path, **about: Any) -> Signature:
    """What a required property makes."""
    return schema(source, {"properties": {"x": about}, "required": ["x"]})


def refusal(source: Path, document: Any, fragment: str = "") -> str:
    with pytest.raises(SourceError) as caught:
        schema(source, document, fragment)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_model_of_pydantic_makes_fields() -> None:
    read_ = read(SAMPLES / "customer.json")
    assert read_.inputs == (
        Part("age", "int64", limits="18..120", about="Age in years"),
        Part("income", "double", limits="0..", default="nan"),
        Part("children", "int64", limits="0..19"),
        Part("share", "double", limits="0..1", about="Above 0 and below 1."),
        Part(
            "housing",
            "enum",
            labels=("rent", "own"),
            default='"rent"',
            about="An enum, which pydantic writes as a reference.",
        ),
        Part("plan", "enum", labels=("basic", "plus")),
        Part("is_member", "bool", default="false"),
        Part("note", "string", default='""'),
        Part("postcode", "string", default='"0\\"1"'),
        Part("since", "string"),
        Part("point", "double", (2,), default="0.0"),
        Part("history", "double", (None,)),
        Part("grid", "int64", (None, None)),
        Part("three", "double", (3,)),
        Part("mean radius", "double"),
    )
    assert read_.notes == (
        'May be null in the schema, and are NaN then: "income".',
        'May be null in the schema, and are "" then: "note".',
        "Left out, since the schema language has no words for it: exclusive bounds of "
        '"share", pattern of "postcode", the format date of "since".',
    )
    assert read_.outputs == ()
    assert read_.rows == ()


@pytest.mark.parametrize("ending", ["json", "yaml", "yml"])
def test_a_component_of_an_openapi_document(tmp_path: Path, ending: str) -> None:
    source = tmp_path / f"openapi.{ending}"
    text = json.dumps(OPENAPI) if ending == "json" else yaml.safe_dump(OPENAPI, sort_keys=False)
    assert schema(source, text, "/components/schemas/Cat").inputs == CAT
    assert schema(source, text, "/paths/~1predict/post/schema").inputs == CAT
    assert schema(source, text, "/components/schemas/%43at").inputs == CAT


@pytest.mark.parametrize(
    ("fragment", "words"),
    [
        ("", "it is an OpenAPI document of many schemas; name the schema of an instance, like "),
        ("/components/schemas/Cot", "it has no #/components/schemas/Cot; name the schema of an "),
        ("Cat", '"Cat" leads nowhere; name the schema of an instance, like FILE#/components/s'),
        ("/components/schemas/Loop", "its references go round or too deep"),
        ("/components/schemas/Cats", "the schema is not that of an object with properties; name"),
        ("/openapi", "the schema is not that of an object with properties; name"),
    ],
)
def test_a_component_that_cannot_be_taken(source: Path, fragment: str, words: str) -> None:
    assert refusal(source, OPENAPI, fragment).startswith(words)


def test_a_wrong_name_gets_the_nearest_right_one(source: Path) -> None:
    text = refusal(source, OPENAPI, "/components/schemas/Cot")
    assert text.endswith("like FILE#/components/schemas/Coat")


@pytest.mark.parametrize(
    ("about", "part"),
    [
        ({"type": "integer", "format": "int32"}, Part("x", "int32")),
        ({"type": "string", "format": "byte"}, Part("x", "bytes")),
        ({"type": "string", "contentEncoding": "base64"}, Part("x", "bytes")),
        ({"type": ["integer", "number"]}, Part("x", "double")),
        ({"type": ["number", "null"]}, Part("x", "double", default="nan")),
        ({"type": ["string", "null"], "default": "a"}, Part("x", "string", default='"a"')),
        ({"enum": ["a", "b", None]}, Part("x", "enum", labels=("a", "b"))),
        ({"enum": ["a", ""]}, Part("x", "string")),
        ({"enum": [1, 2]}, Part("x", "int64", about="One of 1, 2.")),
        ({"enum": [True, False]}, Part("x", "bool")),
        ({"const": "a"}, Part("x", "enum", labels=("a",))),
        ({"oneOf": [{"const": "a"}, {"enum": ["b"]}]}, Part("x", "enum", labels=("a", "b"))),
        ({"type": "number", "default": 1e999}, Part("x", "double")),
        ({"type": "integer", "default": 3.0}, Part("x", "int64", default="3")),
        ({"type": "integer", "default": 2**63}, Part("x", "int64")),
        ({"type": "integer", "default": True}, Part("x", "int64")),
        ({"type": "integer", "minimum": 0.5, "maximum": 2.5}, Part("x", "int64", limits="1..2")),
        ({"type": "number", "maximum": 3}, Part("x", "double", limits="..3")),
        ({"type": "number", "description": "In\n cm"}, Part("x", "double", about="In cm")),
    ],
)
def test_what_a_property_makes(source: Path, about: dict[str, Any], part: Part) -> None:
    assert one(source, **about).inputs == (part,)


@pytest.mark.parametrize(
    ("about", "part"),
    [
        ({"items": {"type": "number"}}, Part("x", "double", (None,))),
        (
            {
                "items": {
                    "type": "array",
                    "items": {"type": "integer"},
                    "minItems": 2,
                    "maxItems": 2,
                }
            },
            Part("x", "int64", (None, 2)),
        ),
        ({"items": {"enum": ["a", "b"]}}, Part("x", "string", (None,))),
        (
            {"prefixItems": [{"type": "number"}, {"type": "number", "title": "b"}]},
            Part("x", "double", (2,)),
        ),
        (
            {"items": {"type": "number"}, "minItems": 2, "maxItems": 2, "default": [1, 1]},
            Part("x", "double", (2,), default="1"),
        ),
        (
            {"items": {"type": "number"}, "minItems": 2, "maxItems": 2, "default": [1, 2]},
            Part("x", "double", (2,)),
        ),
        (
            {"items": {"type": "number"}, "minItems": 2, "maxItems": 2, "nullable": True},
            Part("x", "double", (2,), default="nan"),
        ),
        (
            {"items": {"type": "number", "minimum": 0, "maximum": 1}, "description": "Shares."},
            Part("x", "double", (None,), limits="0..1", about="Shares."),
        ),
    ],
)
def test_arrays_are_tensors(source: Path, about: dict[str, Any], part: Part) -> None:
    assert one(source, type="array", **about).inputs == (part,)


def test_what_is_lost_is_told(source: Path) -> None:
    read_ = schema(
        source,
        {
            "properties": {
                "a": {"type": "string", "maxLength": 3},
                "b": {"type": ["boolean", "null"]},
                "c": {"type": "array", "items": {"type": "number"}, "default": []},
                "d": {"type": "array", "items": {"type": ["number", "null"]}, "minItems": 2},
            },
            "required": ["b", "d"],
        },
    )
    assert read_.notes == (
        'Required, since they may be left out but have no default: "a".',
        'Required, since a field cannot be null: "b".',
        'Required, since a field cannot have such a default: "c".',
        "Left out, since the schema language has no words for it: maxLength of "
        '"a", minItems and maxItems of "d", null in an array of "d".',
    )


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"type": "object"}, "it is an object; write its properties beside the others"),
        ({"properties": {"a": {}}}, "it is an object; write its properties beside the others"),
        ({"type": "array", "items": {"type": "object"}}, "it is an object; write its"),
        ({}, "it has no type that a field has; give it a type"),
        ({"type": "null"}, "it has no type that a field has"),
        ({"enum": [None]}, "it has no type that a field has"),
        ({"type": ["integer", "string"]}, "it may have several types; give it one type"),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "it may have several types"),
        ({"enum": ["a", 1]}, "its values have several types; write values of one type"),
        ({"type": "array"}, "it has no type that a field has"),
        ({"prefixItems": [{"type": "string"}, {"type": "number"}]}, "its items have several types"),
        ({"type": "array", "items": {"type": "number"}, "maxItems": 0}, "its arrays are empty"),
        ({"$ref": "other.json#/a"}, 'the reference "other.json#/a" leads out of the file; put'),
        ({"$ref": "#/$defs/A"}, "it has no #/$defs/A; name a schema that is there"),
        ({"$ref": "#"}, "it is an object"),
    ],
)
def test_a_property_that_no_field_can_carry_is_named(
    source: Path, about: dict[str, Any], words: str
) -> None:
    document = {"properties": {"home": about}, "required": ["home"]}
    assert refusal(source, document).startswith(f'property "home": {words}')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x [1]\nb: *x\n", "it has an alias (*name); write out what it stands for"),
        ("a: b: c\n", "it is no YAML (line 1)"),
        ("[" * 5_000, "it is no YAML"),
        ("[1]: 2\n", "a key in it is no text"),
        ("a: 1\n---\nb: 2\n", "it is not one document"),
        ("# nothing\n", "it is not one document"),
        ("!!python/object/apply:os.system [x]\n", "the schema is not that of an object"),
        ("- []\n" * 600_000, "it has too many parts"),
    ],
    ids=short,
)
def test_yaml_that_is_refused(tmp_path: Path, text: str, words: str) -> None:
    assert refusal(tmp_path / "schema.yaml", text).startswith(words)


def test_yaml_has_the_types_of_json(tmp_path: Path) -> None:
    text = "properties:\n  on: {enum: [yes, no, 'true']}\n  2: {type: number, default: 1.50}\n"
    assert schema(tmp_path / "schema.yaml", text).inputs == (
        Part("on", "enum", labels=("yes", "no", "true")),
        Part("2", "double", default="1.5"),
    )


def test_references_that_multiply_are_refused(source: Path) -> None:
    definitions = {"L0": {"type": "number"}}
    for level in range(1, 30):
        twice = [{"$ref": f"#/$defs/L{level - 1}"}] * 2
        definitions[f"L{level}"] = {"allOf": twice}  # type: ignore[dict-item]
    document = {"properties": {"x": {"$ref": "#/$defs/L29"}}, "$defs": definitions}
    assert "its references go round or too deep" in refusal(source, document)


def test_a_schema_too_large_is_refused(source: Path) -> None:
    assert refusal(source, " " * (6 << 20) + "{}").startswith("it is larger than 5 MiB")
    copy = source.with_suffix(".yaml")
    shutil.copy(SAMPLES / "customer.json", copy)
    assert read(copy).inputs == read(SAMPLES / "customer.json").inputs


def test_a_default_outside_of_the_range_is_left_out(tmp_path: Path) -> None:
    age = {"type": "integer", "minimum": 18, "maximum": 120, "default": 0}
    path = tmp_path / "schema.json"
    path.write_text(json.dumps({"type": "object", "properties": {"age": age}}))
    signature = read(path)
    assert signature.inputs == (Part("age", "int64", limits="18..120"),)
    assert signature.notes == ('Required, since a field cannot have such a default: "age".',)
