"""Fields get good names, and keep what they are called in the source."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grpc_ml_template.language.rules import FIELD_NAME
from grpc_ml_template.project.schemas import names_taken, parse_schema
from grpc_ml_template.project.sourcing import names_of
from grpc_ml_template.sources.common.signature import Part
from grpc_ml_template.sources.schema_text import lines


def named(*originals: str) -> list[str]:
    """Return the names of inputs."""
    return [*names_of([Part(name, "double") for name in originals], "inputs").values()]


@pytest.mark.parametrize(
    ("originals", "names"),
    [
        (["mean radius"], ["mean_radius"]),
        (["0", "1"], ["input_0", "input_1"]),
        (["class"], ["class_value"]),
        (["A b", "a_b"], ["a_b_2", "a_b"]),
        (["a-b", "a b", "a.b"], ["a_b", "a_b_2", "a_b_3"]),
        (["sepalLength", "SepalWidthCm"], ["sepal_length", "sepal_width_cm"]),
        (["größe", "日本"], ["grosse", "ri_ben"]),
        (["", "?", "!"], ["input", "input_2", "input_3"]),
        (["Annual Income (EUR)"], ["annual_income_eur"]),
        (["timeout", "json", "np"], ["timeout_value", "json_value", "np_value"]),
        (["x" * 60], ["x" * 43]),
        (["a_1", "a1"], ["a_1", "a1_2"]),
        (["x", "no_x"], ["x", "no_x_2"]),
    ],
)
def test_names_are_good_and_tell_fields_apart(originals: list[str], names: list[str]) -> None:
    assert named(*originals) == names


def test_a_field_that_is_known_keeps_its_name() -> None:
    parts = [Part(name, "double") for name in ("Mean Radius", "radius_mean")]
    names = names_of(parts, "inputs", {"Mean Radius": "radius_mean"})
    assert names == {"Mean Radius": "radius_mean", "radius_mean": "radius_mean_2"}


@given(st.lists(st.text(max_size=80), min_size=1, max_size=20, unique=True))
def test_whatever_fields_are_called_their_names_are_taken(originals: list[str]) -> None:
    names = named(*originals)
    taken = {*names_taken("inputs"), *keyword.kwlist}
    assert all(FIELD_NAME.fullmatch(name) and name not in taken for name in names)
    assert names == named(*originals)
    plain = [name for name in originals if name.isprintable() and 0 < len(name) <= 200]
    if plain:
        parts = [Part(name, "bool") for name in plain]
        text = "\n".join(lines(parts, names_of(parts, "inputs")).values())
        found = parse_schema(text, "inputs", outputs=False).fields
        assert [field.alias or field.name for field in found] == plain
