"""Messages become batches, and batches messages, of a whole schema."""

from typing import Any

import pytest
from contract import (
    BATCHES,
    COLUMNS,
    CONVERSION,
    INPUTS,
    OUTPUTS,
    SCHEMA,
    Outputs,
    columns_of_answers,
    pb,
)
from engine.fields.varying import HOLDER_BYTES
from engine.fields.violations import InvalidError, InvalidOutputError
from engine.serving.batches import count, part

ROW_BYTES = 4 + 8 + HOLDER_BYTES + 8 + 12


def tensor(*values: float) -> Any:
    """Return a message of a series."""
    return pb.FloatTensor(values=values)


def test_all_that_is_wrong_with_an_instance_is_told() -> None:
    assert BATCHES.check(pb.Instance(x=1, series=[1])) == []
    assert BATCHES.check(pb.Instance(x=-1)) == [
        ("x", "-1 is below 0"),
        ("series", "at least one value is required"),
    ]


def test_instances_of_one_shape_become_a_batch() -> None:
    ones = [pb.Instance(x=1, series=[1, 2]), pb.Instance(x=2, count=5, series=[3, 4])]
    batch = BATCHES.join(ones)
    assert isinstance(batch, SCHEMA.Inputs)
    assert batch.x.tolist() == [1, 2]
    assert batch.count.tolist() == [3, 5]
    assert batch.series.tolist() == [[1, 2], [3, 4]]
    assert [BATCHES.shapes(one) for one in ones] == [((2,),)] * 2
    assert BATCHES.shapes(batch) == ((2,),)
    assert not BATCHES.decodes


def test_rows_of_a_request_become_batches_of_neighbours_of_one_shape() -> None:
    series = [tensor(1), tensor(2), tensor(3, 4), tensor(5)]
    batches = BATCHES.read(pb.InstanceColumns(x=[1, 2, 3, 4], series=series))
    assert [batch.x.tolist() for batch in batches] == [[1, 2], [3], [4]]
    assert [batch.series.tolist() for batch in batches] == [[[1], [2]], [[3, 4]], [[5]]]
    assert [batch.count.tolist() for batch in batches] == [[3, 3], [3], [3]]
    assert [*map(count, batches)] == [2, 1, 1]


@pytest.mark.parametrize(
    ("columns", "violations"),
    [
        (pb.InstanceColumns(), [("", "at least one row is required")]),
        (
            pb.InstanceColumns(x=[1, 2], count=[1], series=[tensor(1)]),
            [
                ("count", "expected 2 rows, as many as x has, got 1"),
                ("series", "expected 2 rows, as many as x has, got 1"),
            ],
        ),
        (
            pb.InstanceColumns(count=[1]),
            [("x", "required"), ("series", "required")],
        ),
        (
            pb.InstanceColumns(x=[1, -1], series=[tensor(), tensor(1)]),
            [("x[1]", "-1 is below 0"), ("series[0]", "at least one value is required")],
        ),
    ],
)
def test_all_that_is_wrong_with_columns_is_told(
    columns: Any, violations: list[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidError) as caught:
        BATCHES.read(columns)
    assert [*caught.value.violations] == violations


def test_the_model_may_change_what_it_gets_even_a_default() -> None:
    [batch] = BATCHES.read(pb.InstanceColumns(x=[1, 2], series=[tensor(1), tensor(2)]))
    alone, joined = BATCHES.concatenate([batch]), BATCHES.concatenate([batch, INPUTS])
    joined.count[0] = 7
    assert joined.count.tolist() == [7, 3, 1]
    assert joined.x.tolist() == [1, 2, 1]
    assert batch.count.tolist() == [3, 3]  # If the model fails, each call is asked again.
    alone.count[0] = 7
    assert alone.count.tolist() == [7, 3]


def test_instances_in_every_form_share_a_batch() -> None:
    first, second = pb.Instance(x=1, series=[4]), pb.Instance(x=2, count=5, series=[6])
    early = BATCHES.columns_of(second)
    for ones, x in (([first, early], [1, 2]), ([early, first, early, early], [2, 1, 2, 2])):
        assert BATCHES.join(ones).x.tolist() == x
        assert len(BATCHES.join(ones).series) == len(x)
    assert BATCHES.join([early]) is early


def test_all_that_is_wrong_with_an_instance_is_told_as_it_becomes_columns() -> None:
    with pytest.raises(InvalidError) as caught:
        BATCHES.columns_of(pb.Instance(x=-1))
    assert [each.field for each in caught.value.violations] == ["x", "series"]


def test_no_batch_of_one_is_copied() -> None:
    [batch] = BATCHES.read(pb.InstanceColumns(x=[1], count=[2], series=[tensor(1)]))
    assert BATCHES.concatenate([batch]) is batch


def test_the_made_up_instance_could_be_a_callers() -> None:
    batch = BATCHES.sample()
    assert (batch.x.tolist(), batch.count.tolist(), batch.series.tolist()) == ([0], [3], [[0]])


def test_answers_become_messages_of_the_same_rows() -> None:
    outputs = BATCHES.fit(OUTPUTS, 2)
    messages = [pb.Prediction(), pb.Prediction()]
    BATCHES.write(messages, outputs)
    assert messages == [pb.Prediction(y=10, colour=1), pb.Prediction(y=20, colour=2)]
    whole, last = BATCHES.answered(outputs), BATCHES.answered(part(outputs, 1, 2))
    assert columns_of_answers(whole) == pb.PredictionColumns(y=[10, 20], colour=[1, 2])
    assert columns_of_answers(whole, last) == pb.PredictionColumns(y=[10, 20, 20], colour=[1, 2, 2])


def test_answers_that_are_kept_do_not_change_with_the_models_own_columns() -> None:
    outputs = BATCHES.fit(OUTPUTS, 2)
    outputs = Outputs(outputs.y.copy(), outputs.colour.copy())
    kept = BATCHES.answered(BATCHES.own(outputs, 2))
    outputs.y[:] = outputs.colour[:] = 0
    assert columns_of_answers(kept) == pb.PredictionColumns(y=[10, 20], colour=[1, 2])


def test_an_answer_of_a_wrong_number_of_rows_is_told() -> None:
    with pytest.raises(InvalidOutputError, match=r"y: expected shape \(3,\), got \(2,\)"):
        BATCHES.fit(OUTPUTS, 3)


def test_rows_take_up_their_fields_and_what_varies() -> None:
    assert BATCHES.row_bytes == ROW_BYTES
    assert BATCHES.bytes_of(pb.Instance(x=1, series=[1, 2, 3])) == ROW_BYTES + 3 * 4
    assert BATCHES.more_bytes(CONVERSION.to_columns(COLUMNS)) == 2 * 4


def test_the_service_is_the_first_of_the_proto() -> None:
    assert SCHEMA.service_name == "contract.v1.SmallService"
