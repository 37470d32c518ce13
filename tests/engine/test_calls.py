"""What becomes of the answers to the slices of a large call."""

import pytest
from contract import BATCHES, COLUMNS, CONVERSION, OUTPUTS, columns_of_answers
from engine.serving.batches import Answered, part
from engine.serving.calls import AnswerTooLargeError, Many


def answers() -> list[tuple[Answered, str]]:
    """Return the answers to slices of one row."""
    outputs = BATCHES.fit(OUTPUTS, 2)
    return [(BATCHES.answered(part(outputs, row, row + 1)), "1.2.3") for row in range(2)]


def test_answers_are_in_the_order_of_the_rows_whichever_comes_first() -> None:
    call = Many(BATCHES, BATCHES.read(CONVERSION.to_columns(COLUMNS)), most_bytes=10**6)
    for place, answer in reversed([*enumerate(answers())]):
        call.put(place, answer)
    expected = columns_of_answers(BATCHES.answered(BATCHES.fit(OUTPUTS, 2)))
    response = call.response()
    assert (response.predictions, response.model_version) == (expected, "1.2.3")


def test_answers_that_are_too_large_together_are_refused() -> None:
    first, second = answers()
    most = first[0].size + second[0].size - 1
    call = Many(BATCHES, BATCHES.read(CONVERSION.to_columns(COLUMNS)), most)
    call.put(0, first)
    with pytest.raises(AnswerTooLargeError):
        call.put(1, second)


def test_an_answer_that_turns_out_too_large_as_a_message_is_refused() -> None:
    call = Many(BATCHES, BATCHES.read(CONVERSION.to_columns(COLUMNS)), most_bytes=10**6)
    for place, answer in enumerate(answers()):
        call.put(place, answer)
    size = call.response().ByteSize()
    call = Many(BATCHES, BATCHES.read(CONVERSION.to_columns(COLUMNS)), most_bytes=size - 1)
    for place, answer in enumerate(answers()):
        call.put(place, answer)
    with pytest.raises(AnswerTooLargeError):
        call.response()
