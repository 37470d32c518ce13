"""Arrays in the repeated fields of messages."""

from typing import Any

import numpy as np
import pytest
from engine.fields.packed import extend
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message_factory import GetMessageClass

TYPES = ("float", "double", "int32", "uint64", "sint32", "bool")


@pytest.fixture
def numbers() -> Any:
    """A message with a repeated field of each type of numbers."""
    file = descriptor_pb2.FileDescriptorProto(name="numbers.proto", syntax="proto3")
    message = file.message_type.add(name="Numbers")
    # Numbers of fields above 15 take a second byte on the wire.
    for number, name in enumerate(TYPES, start=300):
        field = message.field.add(name=name, number=number)
        field.type = descriptor_pb2.FieldDescriptorProto.Type.Value(f"TYPE_{name.upper()}")
        field.label = descriptor_pb2.FieldDescriptorProto.LABEL_REPEATED
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return GetMessageClass(pool.FindMessageTypeByName("Numbers"))()


@pytest.mark.parametrize("count", [1, 63, 64, 10_000])
@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("float", np.float16),
        ("float", np.float32),
        ("double", np.float64),
        ("int32", np.int32),
        ("bool", np.bool_),
    ],
)
def test_a_field_gets_the_values_of_an_array(
    numbers: Any, name: str, dtype: type[np.generic], count: int
) -> None:
    array = np.linspace(-1.5, 1.5, count).astype(dtype)
    for _ in range(2):
        extend(numbers, name, array)
    assert list(getattr(numbers, name)) == array.tolist() * 2


@pytest.mark.parametrize("most", [0, 127, 128, 2**31 - 1])
@pytest.mark.parametrize("least", [0, -1])
@pytest.mark.parametrize("name", ["int32", "sint32", "uint64"])
def test_a_field_gets_whole_numbers_however_long_they_are(
    numbers: Any, name: str, least: int, most: int
) -> None:
    values = [max(least, 0) if name == "uint64" else least, most, 1] * 100
    for dtype in (np.int64, np.int32):
        extend(numbers, name, np.array(values, dtype))
    assert list(getattr(numbers, name)) == values * 2


def test_a_field_gets_rows_in_order_whatever_the_order_in_memory(numbers: Any) -> None:
    array = np.arange(200, dtype=np.float32).reshape(20, 10).T
    extend(numbers, "float", array)
    assert list(numbers.float) == array.ravel().tolist()
