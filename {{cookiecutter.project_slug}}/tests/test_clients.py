"""What callers can do with the clients, from threads and from asyncio."""

import asyncio
import contextlib
import inspect
import math
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, repeat
from typing import Any, cast

import grpc
import pandas as pd
import polars as pl
import pytest

from {{ cookiecutter.package_name }} import (
    AsyncClient,
    CallError,
    Client,
    Instance,
    Prediction,
    Predictions,
    Violation,
)
from {{ cookiecutter.package_name }}.engine.calling.addresses import target_of
from {{ cookiecutter.package_name }}.engine.fields import Tensor, VaryingTensor
from {{ cookiecutter.package_name }}.engine.fields.field import Field
from {{ cookiecutter.package_name }}.engine.serving.predictor import Model
from {{ cookiecutter.package_name }}.schema import SCHEMA

from .examples import COLUMNS, INSTANCE, OTHER
from .messages import INSTANCE_BYTES, to_columns
from .models import PREDICTION, SlowModel, StandIn
from .predictions import assert_same, one_by_one
from .running import Background, free_port
from .values import (
    NO_FIELD,
    Misfit,
    by_field,
    each,
    misfits,
    missing,
    one_of_each_kind,
    unlike,
)

INPUTS = {field.name: field for field in SCHEMA.inputs}
REQUIRED = {name: field for name, field in INPUTS.items() if not field.optional}
ARRAYS = {
    name: field for name, field in INPUTS.items() if isinstance(field, Tensor | VaryingTensor)
}
SINGLE = {name: field for name, field in INPUTS.items() if name not in ARRAYS}
SINGLE_MISFITS = one_of_each_kind(by_field(SINGLE, misfits))
FRAMES: dict[str, Any] = {"mapping": dict, "pandas": pd.DataFrame}
if not ARRAYS:
    FRAMES["polars"] = pl.DataFrame


def load_slowly() -> StandIn:
    """Load a model, some time after the server has opened its port."""
    time.sleep(0.1)
    return StandIn()


def broken_iterator() -> Iterator[Instance]:
    """Give an instance, then fail."""
    yield INSTANCE
    raise KeyError("broken")


@each("frame", FRAMES)
def test_batch_predict_takes_any_frame(client: Client, frame: Callable[[Any], Any]) -> None:
    predictions = client.batch_predict(frame(COLUMNS))
    assert_same(one_by_one(predictions)[0], PREDICTION)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_the_signature_of_predict_shows_every_input(kind: type[Client | AsyncClient]) -> None:
    shown = inspect.signature(kind.predict).parameters
    for field in SCHEMA.inputs:
        assert (shown[field.name].default is None) == field.optional


def test_a_stream_is_answered_before_it_ends(client: Client) -> None:
    for prediction in islice(client.stream_predict(repeat(INSTANCE), timeout=30), 3):
        assert_same(prediction, PREDICTION)


def test_a_stream_may_be_long(client: Client) -> None:
    predictions = list(client.stream_predict(repeat(INSTANCE, 200), timeout=20))
    assert len(predictions) == 200
    for prediction in predictions:
        assert_same(prediction, PREDICTION)


@each("field", dict([*REQUIRED.items()][:1]))
def test_a_stream_says_which_instance_is_wrong_and_goes_on(client: Client, field: Field) -> None:
    empty = cast(Instance, {})
    first, wrong, last = client.stream_predict([INSTANCE, empty, INSTANCE], timeout=30)
    assert_same(first, PREDICTION)
    assert_same(last, PREDICTION)
    assert isinstance(wrong, CallError)
    assert wrong.code is grpc.StatusCode.INVALID_ARGUMENT
    assert wrong.violations[0] == (f"instance.{field.name}", missing(field))


def test_a_stream_goes_on_after_an_instance_that_cannot_be_sent(client: Client) -> None:
    unknown = cast(Instance, {**INSTANCE, NO_FIELD: 1})
    instances = [unknown, INSTANCE, unknown, unknown, INSTANCE, unknown]
    results = list(client.stream_predict(instances, timeout=30))
    for place in (4, 1):
        assert_same(results.pop(place), PREDICTION)
    for result in results:
        assert isinstance(result, CallError)


@pytest.mark.parametrize(
    "one",
    [INSTANCE, "text", b"bytes", pd.DataFrame({"a": [1]})],
    ids=["instance", "str", "bytes", "frame"],
)
def test_a_stream_takes_several_instances(client: Client, one: Any) -> None:
    with pytest.raises(CallError, match="INVALID_ARGUMENT: instances: expected several in an ord"):
        next(client.stream_predict(one, timeout=30))


def test_what_is_no_instance_is_refused_and_the_stream_goes_on(client: Client) -> None:
    instances = cast(list[Instance], [3, INSTANCE])
    wrong, right = client.stream_predict(instances, timeout=30)
    assert str(wrong) == "INVALID_ARGUMENT: instance: expected a mapping of inputs, got 3"
    assert_same(right, PREDICTION)


@pytest.mark.parametrize("seconds", [math.inf, 1e300])
def test_a_call_may_take_for_ever(client: Client, seconds: float) -> None:
    assert_same(client.predict(**INSTANCE, timeout=seconds), PREDICTION)


@pytest.mark.parametrize("timeout", [math.nan, 0, -1])
def test_a_time_that_is_none_is_refused(client: Client, timeout: float) -> None:
    with pytest.raises(ValueError, match=f"timeout: expected more than 0 seconds, got {timeout}"):
        client.predict(**INSTANCE, timeout=timeout)


def test_a_client_has_an_address_and_a_connection() -> None:
    with pytest.raises(ValueError, match="several of them, got an empty list"):
        Client([])
    with pytest.raises(ValueError, match="connections: expected at least 1, got 0"):
        Client(connections=0)


def test_what_an_iterator_raises_reaches_the_caller(client: Client) -> None:
    with pytest.raises(KeyError, match="broken"):
        list(client.stream_predict(broken_iterator(), timeout=30))


def test_an_error_lists_what_is_wrong(client: Client) -> None:
    with pytest.raises(CallError) as caught:
        client.batch_predict({})
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.violations == (Violation("instances", "at least one row is required"),)
    assert str(caught.value) == "INVALID_ARGUMENT: instances: at least one row is required"


def test_an_error_of_many_violations_says_few_of_them_and_how_many_more() -> None:
    violations = [Violation(f"x[{row}]", "required") for row in range(100)]
    code = grpc.StatusCode.INVALID_ARGUMENT
    error = CallError(code, "", violations)
    assert str(error).startswith("INVALID_ARGUMENT: x[0]: required; x[1]: required")
    assert str(error).endswith("x[9]: required; and 90 more")
    assert error.violations == tuple(violations)


def test_a_column_that_the_model_does_not_have_is_refused(client: Client) -> None:
    with pytest.raises(CallError) as caught:
        client.batch_predict({**COLUMNS, NO_FIELD: [1, 2]})
    [violation] = caught.value.violations
    assert violation == (f"instances.{NO_FIELD}", "the model has no such input")


def test_what_has_no_columns_is_refused(client: Client) -> None:
    rows: Any = [INSTANCE, OTHER]
    with pytest.raises(CallError) as caught:
        client.batch_predict(rows)
    [violation] = caught.value.violations
    assert violation == (
        "instances",
        "expected columns or a data frame, got list; stream_predict takes instances",
    )


@each("field", unlike(INPUTS))
def test_a_single_value_is_refused_as_a_column(client: Client, field: Field) -> None:
    columns: dict[str, Any] = {**COLUMNS, field.name: 1}
    with pytest.raises(CallError) as caught:
        client.batch_predict(columns)
    assert caught.value.violations == ((f"instances.{field.name}", "expected a column, got 1"),)


@each("field, misfit", by_field(INPUTS, misfits))
def test_values_of_the_wrong_type_are_refused(client: Client, field: Field, misfit: Misfit) -> None:
    instance: dict[str, Any] = {**INSTANCE, field.name: misfit.given}
    with pytest.raises(CallError) as caught:
        client.predict(**instance)
    [violation] = caught.value.violations
    assert violation.field == f"instance.{field.name}"
    assert misfit.words in violation.description
    column = [COLUMNS[field.name][0], misfit.given]
    columns: dict[str, Any] = {**COLUMNS, field.name: column}
    with pytest.raises(CallError) as caught:
        client.batch_predict(columns)
    [violation] = caught.value.violations
    assert violation.field == f"instances.{field.name}[1]"
    assert misfit.words in violation.description


@each("field, misfit", SINGLE_MISFITS)
def test_a_long_list_of_wrong_values_is_cut(client: Client, field: Field, misfit: Misfit) -> None:
    columns: dict[str, Any] = {**COLUMNS, field.name: [misfit.given] * 100}
    with pytest.raises(CallError) as caught:
        client.batch_predict(columns)
    expected = [f"instances.{field.name}[{row}]" for row in range(20)]
    assert [violation.field for violation in caught.value.violations] == expected


def test_a_call_ends_when_its_time_is_up(serve: Callable[[Model], str]) -> None:
    model = SlowModel()
    with Client(serve(model)) as client:
        with pytest.raises(CallError) as caught:
            client.predict(**INSTANCE, timeout=0.1)
        model.go.set()
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED


def test_a_client_has_a_timeout_for_all_its_calls(serve: Callable[[Model], str]) -> None:
    model = SlowModel()
    with Client(serve(model), timeout=0.1) as client:
        with pytest.raises(CallError) as caught:
            client.predict(**INSTANCE)
        model.go.set()
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED


def test_a_client_makes_as_many_connections_as_it_is_told_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(3) as threads:
        listener.settimeout(10)
        target = f"127.0.0.1:{listener.getsockname()[1]}"
        with Client(target, connections=3) as client:
            calls = [threads.submit(client.predict, **INSTANCE, timeout=1) for _ in range(3)]
            visitors = [listener.accept()[0] for _ in calls]
            for visitor in visitors:
                visitor.close()
        for call in calls:
            assert isinstance(call.exception(), CallError)


def test_a_call_is_tried_again_while_the_model_is_loading(background: Background) -> None:
    with (
        background.loading(load_slowly) as address,
        Client(address) as client,
    ):
        assert_same(client.predict(**INSTANCE), PREDICTION)


def test_a_client_waits_until_the_model_is_loaded(background: Background) -> None:
    with (
        background.loading(load_slowly) as address,
        Client(address, connections=2) as client,
    ):
        client.wait_until_ready(20)
        assert_same(client.predict(**INSTANCE), PREDICTION)


def test_a_client_waits_for_a_server_that_starts_after_it(background: Background) -> None:
    port = free_port()
    with (
        ThreadPoolExecutor() as threads,
        Client(f"127.0.0.1:{port}") as client,
    ):
        waiting = threads.submit(client.wait_until_ready, 20)
        time.sleep(0.5)  # Until it has found nobody there.
        with background.serving(StandIn, port=port):
            waiting.result(timeout=20)


def test_a_client_that_waits_in_vain_tells_what_was_answered_last(background: Background) -> None:
    may_load = threading.Event()

    def load() -> StandIn:
        may_load.wait(timeout=20)
        return StandIn()

    with background.loading(load) as address:
        with (
            Client(address) as client,
            pytest.raises(CallError) as caught,
        ):
            client.wait_until_ready(0.5)
        may_load.set()
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert "the last answer: NOT_SERVING" in caught.value.message


def test_a_client_that_waits_for_no_server_tells_so() -> None:
    with (
        Client(f"127.0.0.1:{free_port()}") as client,
        pytest.raises(CallError) as caught,
    ):
        client.wait_until_ready(0.5)
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert "the last answer: UNAVAILABLE" in caught.value.message


@pytest.mark.parametrize("form", ["list", "of gRPC", "names"])
def test_servers_at_several_addresses_take_turns(serve: Callable[[Model], str], form: str) -> None:
    models = [StandIn(), StandIn()]
    addresses = [serve(model) for model in models]
    targets: dict[str, str | list[str]] = {
        "list": addresses,
        "of gRPC": "ipv4:" + ",".join(addresses),
        "names": [address.replace("127.0.0.1", "localhost") for address in addresses],
    }
    with Client(targets[form]) as client:
        for _ in range(500):
            assert_same(client.predict(**INSTANCE), PREDICTION)
            if all(len(model.batches) > 1 for model in models):  # The first warms it up.
                return
    pytest.fail("one of the servers was never asked")


def test_a_call_goes_past_a_server_that_is_down(background: Background, server: str) -> None:
    with background.serving(StandIn) as other:
        addresses = [other, server, f"127.0.0.1:{free_port()}"]
        client = Client(addresses)
        for _ in range(20):
            assert_same(client.predict(**INSTANCE), PREDICTION)
    with client:
        for _ in range(20):
            assert_same(client.predict(**INSTANCE), PREDICTION)


@pytest.mark.parametrize("address", ["localhost", ":50051", "localhost:port"])
def test_several_addresses_have_a_host_and_a_port_each(address: str) -> None:
    with pytest.raises(ValueError, match="expected HOST:PORT"):
        Client(["127.0.0.1:50051", address])


def test_addresses_of_both_families_become_one_target() -> None:
    assert target_of(["127.0.0.1:1", "127.0.0.2:2"]) == "ipv4:127.0.0.1:1,127.0.0.2:2"
    assert target_of(["127.0.0.1:1", "[::1]:2"]) == "ipv6:[::ffff:127.0.0.1]:1,[::1]:2"


def test_a_message_that_is_too_large_for_the_server_names_the_settings(
    background: Background,
) -> None:
    times = 4096 // to_columns(COLUMNS).ByteSize() + 1
    columns = {name: values * times for name, values in COLUMNS.items()}
    with (
        background.serving(StandIn, max_message_bytes=1024) as address,
        Client(address) as client,
        pytest.raises(CallError) as caught,
    ):
        client.batch_predict(columns)
    assert caught.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "max_message_bytes and the server's SERVER_MAX_MESSAGE_BYTES" in caught.value.message


def test_a_message_that_is_too_large_for_the_client_names_the_settings(server: str) -> None:
    with (
        Client(server, max_message_bytes=1) as client,
        pytest.raises(CallError) as caught,
    ):
        client.predict(**INSTANCE)
    assert caught.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "max_message_bytes and the server's SERVER_MAX_MESSAGE_BYTES" in caught.value.message


@pytest.mark.parametrize("limit", [-1, 0, 2**31])
def test_a_message_limit_that_grpc_cannot_have_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="max_message_bytes must be from 1 to 2147483647"):
        Client(max_message_bytes=limit)


# Rows whose request is larger than what gRPC keeps of one by default, to send it again.
LARGE_ROWS = 400_000 // (to_columns(COLUMNS).ByteSize() // 2) + 1


@each("rows", {"400 kB": LARGE_ROWS} if LARGE_ROWS * INSTANCE_BYTES <= 64 * 1024 * 1024 else {})
def test_a_large_call_is_tried_again_while_the_model_is_loading(
    background: Background, rows: int
) -> None:
    may_load = threading.Event()
    columns = {name: column[:1] * rows for name, column in COLUMNS.items()}

    def load() -> StandIn:
        may_load.wait(timeout=30)
        return StandIn()

    with (
        background.loading(load) as address,
        Client(address) as client,
        ThreadPoolExecutor(1) as threads,
    ):
        call = threads.submit(client.batch_predict, columns, timeout=20)
        time.sleep(0.5)  # Meanwhile it is refused.
        may_load.set()
        assert call.result().model_version == StandIn.version


def test_a_client_connects_again_soon_after_a_connection_is_lost() -> None:
    visits = 0
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as threads:
        listener.settimeout(0.1)
        target = f"127.0.0.1:{listener.getsockname()[1]}"
        with Client(target) as client:
            call = threads.submit(client.predict, **INSTANCE)
            while not call.done():
                with contextlib.suppress(TimeoutError):
                    listener.accept()[0].close()
                    visits += 1
    assert isinstance(call.exception(), CallError)
    # They go on for about three seconds. With gRPC's own pauses there are three.
    assert visits >= 5


def test_asyncio_calls_agree_with_those_of_threads(
    background: Background, server: str, client: Client
) -> None:
    async def ask() -> tuple[list[Prediction], Predictions, list[object]]:
        async with AsyncClient(server) as client:
            calls = [client.predict(**instance) for instance in (INSTANCE, OTHER)]
            return (
                await asyncio.gather(*calls),
                await client.batch_predict(COLUMNS),
                [result async for result in client.stream_predict([INSTANCE, OTHER], timeout=30)],
            )

    single, batch, stream = background.run(ask())
    expected = one_by_one(client.batch_predict(COLUMNS))
    for predictions in (single, one_by_one(batch), stream):
        for prediction, wanted in zip(predictions, expected, strict=True):
            assert_same(prediction, wanted)


def test_an_asyncio_stream_takes_an_asynchronous_iterator(
    background: Background, server: str
) -> None:
    async def endless() -> AsyncIterator[Instance]:
        while True:
            yield INSTANCE

    async def ask() -> object:
        async with AsyncClient(server) as client:
            return await anext(client.stream_predict(endless(), timeout=30))

    assert_same(background.run(ask()), PREDICTION)


def test_an_asyncio_stream_goes_on_after_an_instance_that_cannot_be_sent(
    background: Background, server: str
) -> None:
    unknown = cast(Instance, {**INSTANCE, NO_FIELD: 1})

    async def ask() -> list[object]:
        async with AsyncClient(server) as client:
            instances = [unknown, INSTANCE, unknown]
            return [result async for result in client.stream_predict(instances, timeout=30)]

    first, second, third = background.run(ask())
    assert isinstance(first, CallError)
    assert_same(second, PREDICTION)
    assert isinstance(third, CallError)


def test_what_an_iterator_raises_reaches_the_asyncio_caller(
    background: Background, server: str
) -> None:
    async def ask() -> None:
        async with AsyncClient(server) as client:
            async for prediction in client.stream_predict(broken_iterator(), timeout=30):
                assert_same(prediction, PREDICTION)

    with pytest.raises(KeyError, match="broken"):
        background.run(ask())


def test_an_asyncio_error_lists_what_is_wrong(background: Background, server: str) -> None:
    async def ask() -> None:
        async with AsyncClient(server) as client:
            await client.batch_predict({})

    with pytest.raises(CallError) as caught:
        background.run(ask())
    assert caught.value.violations == (Violation("instances", "at least one row is required"),)


def test_an_asyncio_call_ends_when_its_time_is_up(
    background: Background, serve: Callable[[Model], str]
) -> None:
    model = SlowModel()

    async def ask(address: str) -> None:
        async with AsyncClient(address) as client:
            await client.predict(**INSTANCE, timeout=0.1)

    with pytest.raises(CallError) as caught:
        background.run(ask(serve(model)))
    model.go.set()
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED


def test_an_asyncio_client_has_a_timeout_for_all_its_calls(
    background: Background, serve: Callable[[Model], str]
) -> None:
    model = SlowModel()

    async def ask(address: str) -> None:
        client = AsyncClient(address, timeout=0.1)
        async with client:
            await client.predict(**INSTANCE)

    with pytest.raises(CallError) as caught:
        background.run(ask(serve(model)))
    model.go.set()
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED


def test_an_asyncio_call_is_tried_again_while_the_model_is_loading(
    background: Background,
) -> None:
    async def ask(address: str) -> Prediction:
        async with AsyncClient(address) as client:
            return await client.predict(**INSTANCE)

    with background.loading(load_slowly) as address:
        assert_same(background.run(ask(address)), PREDICTION)


def test_an_asyncio_client_waits_until_the_model_is_loaded(background: Background) -> None:
    async def ask(address: str) -> Prediction:
        client = AsyncClient(address, connections=2)
        async with client:
            await client.wait_until_ready(20)
            return await client.predict(**INSTANCE)

    with background.loading(load_slowly) as address:
        assert_same(background.run(ask(address)), PREDICTION)


def test_an_asyncio_client_that_waits_in_vain_tells_what_was_answered_last(
    background: Background,
) -> None:
    async def ask(address: str) -> None:
        async with AsyncClient(address) as client:
            await client.wait_until_ready(0.5)

    with pytest.raises(CallError) as caught:
        background.run(ask(f"127.0.0.1:{free_port()}"))
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert "the last answer: UNAVAILABLE" in caught.value.message


def test_an_asyncio_call_goes_past_a_server_that_is_down(
    background: Background, server: str
) -> None:
    async def ask(*addresses: str) -> list[Prediction]:
        async with AsyncClient(addresses) as client:
            return [await client.predict(**INSTANCE) for _ in range(20)]

    for prediction in background.run(ask(f"127.0.0.1:{free_port()}", server)):
        assert_same(prediction, PREDICTION)


def test_an_asyncio_message_that_is_too_large_names_the_settings(
    background: Background, server: str
) -> None:
    async def ask() -> None:
        client = AsyncClient(server, max_message_bytes=1)
        async with client:
            await client.predict(**INSTANCE)

    with pytest.raises(CallError, match="max_message_bytes"):
        background.run(ask())
