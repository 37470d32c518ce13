"""What becomes of the answers to the slices of a large call."""

from typing import Any

import pytest
from contract import BATCHES, COLUMNS, CONVERSION, OUTPUTS, pb
from engine.serving.batches import part
from engine.serving.calls import AnswerTooLargeError, Many


def answers() -> list[Any]:
    """Return the answers to slices of one row."""
    outputs = BATCHES.fit(OUTPUTS, 2)
    rows = [part(outputs, row, row + 1) for row in range(2)]
    return [pb.BatchPredictResponse(predictions=BATCHES.prediction_columns(row)) for row in rows]


def test_answers_are_in_the_order_of_the_rows_whichever_comes_first() -> None:
    call = Many(BATCHES, BATCHES.read(CONVERSION.to_columns(COLUMNS)), most_bytes=10**6)
    for place, answer in reversed([*enumerate(answers())]):
        call.put(place, answer)
    expected = BATCHES.prediction_columns(BATCHES.fit(OUTPUTS, 2))
    assert call.response().predictions == expected


def test_answers_that_are_too_large_together_are_refused() -> None:
    first, second = answers()
    most = first.ByteSize() + second.ByteSize() - 1
    call = Many(BATCHES, BATCHES.read(CONVERSION.to_columns(COLUMNS)), most)
    call.put(0, first)
    with pytest.raises(AnswerTooLargeError):
        call.put(1, second)
