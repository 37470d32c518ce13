"""Messages of one form are read and written as the parser does, and all others are left to it."""

import random
from types import SimpleNamespace
from typing import Any

import grpc
import numpy as np
import pytest
from engine.fields import Flag, Label, Number, Tensor, Text
from engine.fields.field import Field
from engine.serving.forms import Form, form_of

forms: Any = grpc.protos("forms.proto")

NAMES = ("low", "middle", "high")
FIELDS: list[Field] = [
    Number("wide", np.float64, low=-1, high=1),
    Number("narrow", np.float32),
    Number("half_or_nan", np.float16, default=np.nan),
    Tensor("vector", np.float32, (2, 2), low=0),
    Label("label", NAMES, numbers=(1, 5, 9)),
]
VALUES = {
    "wide": [0.5, -1.0],
    "narrow": [1.5, -3e38],
    "half_or_nan": [0.25, np.nan],
    "vector": [[0.0, 1.0, 2.0, 3.0], [9.0, 8.0, 7.0, 6.0]],
    "label": [1, 9],
}


def form() -> Form:
    """Return the form of requests."""
    found = form_of(forms.Request.DESCRIPTOR, "instance", FIELDS)
    assert found
    return found


def requests(count: int, seed: int = 0) -> list[bytes]:
    """Return requests with values that are right."""
    draw = random.Random(seed)
    found = []
    for _ in range(count):
        instance = forms.Instance(
            wide=draw.uniform(-1, 1),
            narrow=draw.uniform(-9, 9),
            half_or_nan=draw.choice([0.5, np.nan]),
            vector=[draw.random() for _ in range(4)],
            label=draw.choice([1, 5, 9]),
        )
        found.append(forms.Request(instance=instance).SerializeToString())
    return found


def expected(data: bytes) -> dict[str, Any] | None:
    """Return what the parser and the fields make of a request; None if it is not right."""
    try:
        instance = forms.Request.FromString(data).instance
    except Exception:
        return None
    if any(field.check(instance) for field in FIELDS):
        return None
    return {field.name: field.gather([instance])[0] for field in FIELDS}


def assert_as_parsed(data: list[bytes]) -> int:
    """Check that what is read is what the parser reads; return how many requests are right."""
    columns, right = form().read(data)
    for row, one in enumerate(data):
        parsed = expected(one)
        if right[row]:
            assert parsed is not None, one
            for name, value in parsed.items():
                np.testing.assert_array_equal(columns[name][row], value)
    return int(right.sum())


def test_requests_are_read_as_the_parser_reads_them() -> None:
    assert assert_as_parsed(requests(50)) == 50


@pytest.mark.parametrize("seed", range(5))
def test_a_request_with_any_byte_changed_is_read_as_it_is_parsed_and_harms_no_other(
    seed: int,
) -> None:
    draw = random.Random(seed)
    data = requests(8, seed)
    size = form().size
    for place in range(size):
        for value in (0, 1, 0x7F, 0x80, 0xFF, draw.randrange(256), data[3][place] ^ 1):
            wrong = bytearray(data[3])
            wrong[place] = value
            changed = [*data[:3], bytes(wrong), *data[4:]]
            assert assert_as_parsed(changed) >= 7


def test_lengths_that_reach_into_the_neighbour_are_never_right() -> None:
    good, neighbour = requests(2)
    head = good[:2]
    for shift in range(-4, 5):
        false = bytes([head[0], head[1] + shift]) + good[2:]
        _, right = form().read([false, neighbour])
        assert right.tolist() == [shift == 0, True]
    # Two instances in one request, and none in the next: together they have the right size.
    half = forms.Request(instance=forms.Instance(wide=0.5)).SerializeToString()
    filled = half * (form().size // len(half))
    filled += bytes(form().size - len(filled))
    _, right = form().read([filled, neighbour])
    assert right.tolist() == [False, True]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("wide", 1.5),
        ("wide", np.nan),
        ("narrow", np.inf),
        ("narrow", np.nan),
        ("vector", [0, 1, -1, 2]),
        ("label", 0),
        ("label", 2),
        ("label", 100),
    ],
)
def test_what_may_not_be_is_not_right(name: str, value: Any) -> None:
    request = forms.Request.FromString(requests(1)[0])
    request.instance.ClearField(name)
    if isinstance(value, list):
        getattr(request.instance, name).extend(value)
    else:
        setattr(request.instance, name, value)
    data = request.SerializeToString()
    assert len(data) == form().size
    _, right = form().read([data, *requests(1)])
    assert right.tolist() == [False, True]


def test_messages_are_written_as_protobuf_writes_them() -> None:
    outputs = [Number("score", np.float32), Tensor("shares", np.float64, (3,)), FIELDS[4]]
    tail = forms.Response(version="v1").SerializeToString()
    found = form_of(forms.Response.DESCRIPTOR, "prediction", outputs, tail)
    assert found
    columns = SimpleNamespace(
        score=np.array([0.0, -1.5], np.float32),
        shares=np.array([[1, 2, 3], [0, 0, 0]], np.float64),
        label=np.array([2, 0]),
    )
    messages = found.write(columns, 2)
    for row, message in enumerate(messages):
        prediction = forms.Prediction(
            score=columns.score[row], shares=columns.shares[row], label=[9, 1][row]
        )
        response = forms.Response(prediction=prediction, version="v1")
        assert message == response.SerializeToString()


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("Whole", Number("x", np.int32)),
        ("Words", Text("x")),
        ("Flags", Flag("x")),
        ("Many", Label("x", [str(number) for number in range(200)])),
    ],
)
def test_messages_whose_values_take_more_or_fewer_bytes_have_no_form(
    message: str, field: Field
) -> None:
    outer = getattr(forms, message).DESCRIPTOR
    assert form_of(outer, "instance", [field]) is None
