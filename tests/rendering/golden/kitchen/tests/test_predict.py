"""What the model is asked, and what callers get of its answers."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import grpc
import numpy as np

from kitchen import Client
from kitchen.engine.serving.batches import count
from kitchen.engine.serving.predictor import Model
from kitchen.schema import Inputs, Outputs
from kitchen.v1 import service_pb2 as pb

from .examples import COLUMNS, INPUTS, INSTANCE, OTHER, PREDICTION, assert_same, one_by_one
from .messages import to_instance
from .models import SlowModel, StandIn
from .running import Background, Stub, until

# What the model sees where an instance leaves a field out.
DEFAULTS = {
    "age": np.full(1, 30, np.int32),
    "weight": np.full(1, np.nan, np.float16),
    "opt_flag": np.full(1, True, np.bool_),
    "nick": np.full(1, "it's", np.object_),
    "optblob": np.full(1, b"a'b\"c", np.object_),
    "kind": np.array([0]),
    "mat": np.full((1, 2, 3), 0.5, np.float64),
}


def test_the_model_sees_each_field_with_its_dtype_and_shape(
    serve: Callable[[Model], str],
) -> None:
    model = StandIn()
    with Client(serve(model)) as client:
        client.predict(**INSTANCE)
    *_, inputs = model.batches
    for field in fields(Inputs):
        column, expected = getattr(inputs, field.name), getattr(INPUTS, field.name)
        assert column.dtype == expected.dtype, field.name
        np.testing.assert_array_equal(column, expected, err_msg=field.name)


def test_callers_get_what_the_model_answered(client: Client) -> None:
    assert_same(client.predict(**INSTANCE), PREDICTION)


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

    columns = {name: column[:1] for name, column in COLUMNS.items() if name not in DEFAULTS}
    with Client(serve(Changing())) as client:
        assert_same(client.predict(**INSTANCE), PREDICTION)
        client.batch_predict(columns)


def test_a_field_left_out_of_an_instance_has_its_default(
    serve: Callable[[Model], str],
) -> None:
    model = StandIn()
    message = to_instance(INSTANCE)
    for name in DEFAULTS:
        message.ClearField(name)
    with grpc.insecure_channel(serve(model)) as channel:
        stub = Stub(channel)
        stub.Predict(pb.PredictRequest(instance=message), timeout=30)
    *_, inputs = model.batches
    for name, default in DEFAULTS.items():
        np.testing.assert_array_equal(getattr(inputs, name), default, err_msg=name)


def test_a_column_left_out_of_a_batch_has_its_default(
    serve: Callable[[Model], str],
) -> None:
    model = StandIn()
    columns = {name: column[:1] for name, column in COLUMNS.items() if name not in DEFAULTS}
    with Client(serve(model)) as client:
        client.batch_predict(columns)
    *_, inputs = model.batches
    for name, default in DEFAULTS.items():
        np.testing.assert_array_equal(getattr(inputs, name), default, err_msg=name)


def test_metadata_tells_which_model_is_served(client: Client) -> None:
    metadata = client.get_model_metadata()
    assert metadata.name == "Kitchen"
    assert metadata.version == StandIn.version
    assert metadata.runtime == StandIn.runtime
    loaded = metadata.load_time.ToDatetime(tzinfo=UTC)
    assert timedelta(0) <= datetime.now(UTC) - loaded < timedelta(hours=1)
