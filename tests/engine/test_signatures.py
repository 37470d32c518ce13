"""Methods that take the fields of an instance show them, as notebooks and ``help()`` ask for."""

import inspect
from typing import Any, NotRequired, TypedDict, Unpack

import pytest
from engine.calling.signatures import with_fields_of


class Flower(TypedDict):
    """An instance."""

    length: float
    colour: NotRequired[str | None]


@with_fields_of(Flower)
def predict(where: str, *, timeout: float | None = None, **instance: Unpack[Flower]) -> Any:
    """Return what it gets."""
    return instance


def test_the_signature_has_the_fields_in_the_place_of_the_keywords() -> None:
    shown = inspect.signature(predict)
    assert [*shown.parameters] == ["where", "length", "colour", "timeout"]
    length, colour = shown.parameters["length"], shown.parameters["colour"]
    assert length.kind is colour.kind is inspect.Parameter.KEYWORD_ONLY
    assert (length.annotation, length.default) == (float, inspect.Parameter.empty)
    assert (colour.annotation, colour.default) == (str | None, None)


def test_the_method_is_called_as_before() -> None:
    assert predict("here", length=1.5) == {"length": 1.5}


@pytest.mark.parametrize("name", ["length", "colour"])
def test_help_shows_the_fields(name: str) -> None:
    assert f"{name}:" in str(inspect.signature(predict))
