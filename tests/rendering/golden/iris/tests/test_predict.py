"""What the model is asked, and what callers get of its answers."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from iris_classifier import Client
from iris_classifier.engine.fields.field import Field
from iris_classifier.engine.serving.batches import count
from iris_classifier.engine.serving.predictor import Model
from iris_classifier.schema import SCHEMA, Inputs, Outputs
from iris_classifier.v1 import service_pb2 as pb

from .answers import Answer, right_answers
from .examples import COLUMNS, INSTANCE, OTHER
from .messages import changed, to_instance
from .models import PREDICTION, SEEN, ChangedModel, SlowModel, StandIn
from .predictions import assert_same, one_by_one
from .running import Background, Stub, until
from .values import Right, by_field, default, each, rights, unlike

INPUT_FIELDS = {field.name: field for field in SCHEMA.inputs}
OUTPUT_FIELDS = {field.name: field for field in SCHEMA.outputs}
OPTIONAL = {name: field for name, field in INPUT_FIELDS.items() if field.optional}
# A column can be left out where another one tells how many rows there are.
OPTIONAL_COLUMNS = OPTIONAL if len(INPUT_FIELDS) > 1 else {}
REQUIRED_NAMES = [name for name in INPUT_FIELDS if name not in OPTIONAL]


def assert_seen(batches: list[Inputs], name: str, expected: NDArray[Any]) -> None:
    """Check what the model has been asked last, to the last bit."""
    *_, inputs = batches
    column = getattr(inputs, name)
    assert column.dtype == expected.dtype, name
    np.testing.assert_array_equal(column, expected, err_msg=name)


def test_the_model_sees_each_field_with_its_dtype_and_shape(
    client: Client, batches: list[Inputs]
) -> None:
    client.predict(**INSTANCE)
    for name, column in SEEN.items():
        assert_seen(batches, name, column)


@each("field, right", by_field(INPUT_FIELDS, rights))
def test_the_model_sees_each_value_that_a_field_may_hold(
    client: Client, stub: Stub, batches: list[Inputs], field: Field, right: Right
) -> None:
    instance: dict[str, Any] = {**INSTANCE, field.name: right.given}
    client.predict(**instance)
    assert_seen(batches, field.name, right.seen)
    message = changed(INSTANCE, field.name, right.raw)
    stub.Predict(pb.PredictRequest(instance=message), timeout=30)
    assert_seen(batches, field.name, right.seen)
    client.batch_predict({name: [value] for name, value in instance.items()})
    assert_seen(batches, field.name, right.seen)


def test_callers_get_what_the_model_answered(client: Client) -> None:
    assert_same(client.predict(**INSTANCE), PREDICTION)


@pytest.fixture(scope="module")
def changed_model() -> ChangedModel:
    """A model that can be told what to answer."""
    return ChangedModel()


@pytest.fixture(scope="module")
def its_server(background: Background, changed_model: ChangedModel) -> Iterator[str]:
    """The address of a server of that model."""
    with background.serving(lambda: changed_model) as address:
        yield address


@each("field, answer", by_field(OUTPUT_FIELDS, right_answers))
def test_callers_get_each_answer_that_a_field_may_hold(
    changed_model: ChangedModel, its_server: str, field: Field, answer: Answer
) -> None:
    changed_model.columns = {field.name: answer.column}
    columns = {name: column[:1] for name, column in COLUMNS.items()}
    with Client(its_server) as client:
        single, [many] = client.predict(**INSTANCE), one_by_one(client.batch_predict(columns))
    np.testing.assert_array_equal(getattr(single, field.name), answer.got)
    np.testing.assert_array_equal(getattr(many, field.name), answer.got)


def test_predict_batch_predict_and_stream_predict_agree(client: Client) -> None:
    expected = [client.predict(**INSTANCE), client.predict(**OTHER)]
    batch = one_by_one(client.batch_predict(COLUMNS))
    stream = client.stream_predict([INSTANCE, OTHER], timeout=30)
    for of_batch, of_stream, prediction in zip(batch, stream, expected, strict=True):
        assert_same(of_batch, prediction)
        assert_same(of_stream, prediction)


def test_concurrent_calls_share_batches_and_get_their_own_answers(
    serve: Callable[[Model], str],
) -> None:
    model = SlowModel()
    instances = [INSTANCE, OTHER] * 8
    with (
        Client(serve(model)) as client,
        ThreadPoolExecutor(16) as threads,
    ):
        calls = [threads.submit(client.predict, **instance) for instance in instances]
        until(model.asked.is_set, "the model has been asked")
        time.sleep(0.2)  # Meanwhile the other calls come in.
        model.go.set()
        predictions = [call.result() for call in calls]
        others = one_by_one(client.batch_predict(COLUMNS))
    for prediction, expected in zip(predictions, others * 8, strict=True):
        assert_same(prediction, expected)
    assert len(model.batches) < len(instances)


def test_calls_of_one_and_of_many_share_a_batch_and_get_their_own_answers(
    serve: Callable[[Model], str],
) -> None:
    model = SlowModel()
    with (
        Client(serve(model)) as client,
        ThreadPoolExecutor(3) as threads,
    ):
        running = threads.submit(client.predict, **INSTANCE)
        until(model.asked.is_set, "the model has been asked")
        many = threads.submit(client.batch_predict, COLUMNS)
        time.sleep(0.2)  # It is the first in the queue.
        one = threads.submit(client.predict, **OTHER)
        time.sleep(0.2)
        model.go.set()
        answers = [running.result(), *one_by_one(many.result()), one.result()]
        first, second = one_by_one(client.batch_predict(COLUMNS))
    for answer, expected in zip(answers, [first, first, second, second], strict=True):
        assert_same(answer, expected)


def test_a_large_batch_reaches_the_model_in_parts(background: Background) -> None:
    model = StandIn()
    columns = {name: [*[column[0]] * 6, *[column[1]] * 4] for name, column in COLUMNS.items()}
    with (
        background.serving(lambda: model, max_batch_size=4) as address,
        Client(address) as client,
    ):
        predictions = one_by_one(client.batch_predict(columns))
        first, second = one_by_one(client.batch_predict(COLUMNS))
    assert max(map(count, model.batches)) <= 4
    for prediction, expected in zip(predictions, [first] * 6 + [second] * 4, strict=True):
        assert_same(prediction, expected)


def test_the_model_may_change_what_it_gets(serve: Callable[[Model], str]) -> None:
    class Changing(StandIn):
        def predict(self, inputs: Inputs) -> Outputs:
            outputs = super().predict(inputs)
            for field in fields(Inputs):
                column = getattr(inputs, field.name)
                column[:] = column[::-1]
            return outputs

    names = REQUIRED_NAMES or [*COLUMNS]  # What is missing has a column of its own, too.
    columns = {name: COLUMNS[name][:1] for name in names}
    with Client(serve(Changing())) as client:
        assert_same(client.predict(**INSTANCE), PREDICTION)
        client.batch_predict(columns)


@each("field", unlike(OPTIONAL))
def test_a_field_left_out_of_an_instance_has_its_default(
    stub: Stub, batches: list[Inputs], field: Field
) -> None:
    message = to_instance(INSTANCE)
    message.ClearField(field.name)
    stub.Predict(pb.PredictRequest(instance=message), timeout=30)
    assert_seen(batches, field.name, default(field))


@each("optional", {"all": OPTIONAL} if OPTIONAL else {})
def test_all_fields_that_may_be_left_out_of_an_instance_have_their_defaults(
    stub: Stub, batches: list[Inputs], optional: dict[str, Field]
) -> None:
    message = to_instance(INSTANCE)
    for name in optional:
        message.ClearField(name)
    stub.Predict(pb.PredictRequest(instance=message), timeout=30)
    for name, field in optional.items():
        assert_seen(batches, name, default(field))


@each("field", unlike(OPTIONAL_COLUMNS))
def test_a_column_left_out_of_a_batch_has_its_default(
    client: Client, batches: list[Inputs], field: Field
) -> None:
    others = {name: column[:1] for name, column in COLUMNS.items() if name != field.name}
    client.batch_predict(others)
    assert_seen(batches, field.name, default(field))


@each("optional", {"all": OPTIONAL} if OPTIONAL and REQUIRED_NAMES else {})
def test_all_columns_that_may_be_left_out_of_a_batch_have_their_defaults(
    client: Client, batches: list[Inputs], optional: dict[str, Field]
) -> None:
    client.batch_predict({name: COLUMNS[name][:1] for name in REQUIRED_NAMES})
    for name, field in optional.items():
        assert_seen(batches, name, default(field))


@each("field", unlike(OPTIONAL))
def test_a_gap_in_a_column_has_the_default(
    client: Client, batches: list[Inputs], field: Field
) -> None:
    columns = {name: column[:1] for name, column in COLUMNS.items()}
    client.batch_predict({**columns, field.name: [None]})
    assert_seen(batches, field.name, default(field))


def test_metadata_tells_which_model_is_served(client: Client) -> None:
    metadata = client.get_model_metadata()
    assert metadata.name == SCHEMA.name
    assert metadata.description == SCHEMA.description
    assert metadata.version == StandIn.version
    assert metadata.runtime == StandIn.runtime
    loaded = metadata.load_time.ToDatetime(tzinfo=UTC)
    assert timedelta(0) <= datetime.now(UTC) - loaded < timedelta(hours=1)
