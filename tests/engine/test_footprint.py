"""What requests are said to take up before they are parsed."""

from typing import Any

import pytest
from engine.serving.footprint import Footprint
from google.protobuf.descriptor_pb2 import SourceCodeInfo
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.struct_pb2 import ListValue, Value
from google.protobuf.wrappers_pb2 import BytesValue, FloatValue, StringValue

ROWS = 100_000


def test_texts_and_messages_take_up_more_than_on_the_wire() -> None:
    for message in (ListValue(values=[Value()] * ROWS), FieldMask(paths=[""] * ROWS)):
        data = message.SerializeToString()
        assert len(data) == 2 * ROWS
        footprint = Footprint(message.DESCRIPTOR)
        assert footprint.of_elements(data) >= 32 * ROWS


def test_small_numbers_take_up_more_than_on_the_wire() -> None:
    # Locations have numbers, in the messages that are in this one.
    message = SourceCodeInfo(location=[SourceCodeInfo.Location(path=[1] * ROWS)])
    data = message.SerializeToString()
    assert len(data) < ROWS + 20
    footprint = Footprint(message.DESCRIPTOR)
    assert footprint.of_elements(data) >= 4 * ROWS


def test_whatever_else_a_request_has_it_is_there_twice() -> None:
    footprint = Footprint(FloatValue.DESCRIPTOR)
    assert footprint.copies == 2
    assert footprint.of_elements(bytes(ROWS)) == 0


@pytest.mark.parametrize(("message", "copies"), [(StringValue, 6), (BytesValue, 3)])
def test_texts_and_bytes_are_there_once_more_for_the_model(message: Any, copies: int) -> None:
    assert Footprint(message.DESCRIPTOR).copies == copies


def test_elements_of_a_small_request_do_not_matter() -> None:
    data = FieldMask(paths=[""] * 100).SerializeToString()
    assert Footprint(FieldMask.DESCRIPTOR).of_elements(data) == 0


def test_of_what_is_no_message_only_the_bytes_are_known() -> None:
    assert Footprint(None).copies == 2
    assert Footprint(None).of_elements(bytes(ROWS)) == 0
