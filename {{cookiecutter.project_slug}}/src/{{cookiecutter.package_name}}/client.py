{% set s = service(cookiecutter) %}
"""Clients of the service, for threads and for asyncio."""

import asyncio
import json
import time
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from itertools import cycle
from types import TracebackType
from typing import Any, Self

import grpc
{% if s.array_inputs %}
from numpy.typing import ArrayLike
{% endif %}

from .addresses import addresses_in, target_of
from .errors import CallError, from_rpc
{% if s.input_types %}
{{ s.import_input_types }}
{% endif %}
from .messages import (
    Columns,
    Instance,
    Prediction,
    Predictions,
    to_columns,
    to_instance,
    to_prediction,
    to_predictions,
    to_result,
)
from .readiness import QUESTION, Wait, health_check
from .v1 import service_pb2 as pb
from .v1 import service_pb2_grpc as pb_grpc

SERVICE_CONFIG = {
    "methodConfig": [
        {
            "name": [{}],  # All methods but those below.
            "retryPolicy": {
                # They take about three seconds, in which a server ends or another one starts.
                "maxAttempts": 5,
                "initialBackoff": "0.1s",
                "maxBackoff": "2s",
                "backoffMultiplier": 3,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        },
        # Who waits for a server wants to know why it does not answer.
        {"name": [{"service": "grpc.health.v1.Health"}]},
    ]
}
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
# What gRPC counts bytes in is an int of C.
LARGEST_LIMIT = 2**31 - 1

# What goes along with a call, such as a token: names in lower case, and their values.
Metadata = Mapping[str, str | bytes] | Sequence[tuple[str, str | bytes]]

# Of each instance of a stream that is not answered yet: None, or why it was not sent.
Sent = deque[CallError | None]


class Client:
    """Asks the service from threads; one client serves them all.

    Args:
        target: Where the service is: ``host:port``, or any gRPC name. Several addresses,
            ``["host:port", ...]``, take turns, and a call that one of them does not answer goes
            to another. Their names are looked up once, when the client is made; with credentials,
            the certificates of all must be valid for the first.
        timeout: How many seconds a call may take, unless it says otherwise. Streams may take
            for ever.
        credentials: For TLS; without them the connection is not encrypted.
        connections: How many connections take the calls in turn. Each goes to one worker of the
            server, so it takes some of them for a client to keep all workers busy. There are as
            many to each of several addresses.
        max_message_bytes: Largest request or response, in bytes. Servers have a limit of their
            own, SERVER_MAX_MESSAGE_BYTES.

    Every method raises CallError if the call fails.
    """

    def __init__(
        self,
        target: str | Sequence[str] = "localhost:50051",
        *,
        timeout: float = 10.0,
        credentials: grpc.ChannelCredentials | None = None,
        connections: int = 1,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
    ) -> None:
        self._timeout = timeout
        name, options = _channel_arguments(target, max_message_bytes)
        self._channels = [
            grpc.secure_channel(name, credentials, options)
            if credentials
            else grpc.insecure_channel(name, options)
            for _ in range(connections)
        ]
        new_stub: Any = pb_grpc.{{ s.class_name }}ServiceStub
        self._stubs = cycle([new_stub(channel) for channel in self._channels])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        for channel in self._channels:
            channel.close()

    def predict(
        self,
        *,
{% for field in s.inputs %}
        {{ field.parameter }},
{% endfor %}
        timeout: float | None = None,
        metadata: Metadata | None = None,
    ) -> Prediction:
        """Predict one instance.

        Args:
{% for field in s.inputs %}
{{ field.argument_doc }}
{% endfor %}
            timeout: How many seconds the call may take.
            metadata: What goes along with the call.
        """
        return self._predict(
            {
{% for field in s.inputs %}
                "{{ field.name }}": {{ field.name }},
{% endfor %}
            },
            timeout,
            metadata,
        )

    def batch_predict(
        self,
        instances: Columns,
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
    ) -> Predictions:
        """Predict many instances at once.

        Args:
            instances: A mapping of columns, or a data frame of pandas or polars.
            timeout: How many seconds the call may take.
            metadata: What goes along with the call.
        """
        request = pb.BatchPredictRequest(instances=to_columns(instances))
        response = self._call(next(self._stubs).BatchPredict, request, timeout, metadata)
        return to_predictions(response.predictions, response.model_version)

    def stream_predict(
        self,
        instances: Iterable[Instance],
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
    ) -> Generator[Prediction | CallError, None, None]:
        """Predict instances as they come.

        Args:
            instances: Read ahead of the predictions, on a thread of its own.
            timeout: How many seconds the whole stream may take.
            metadata: What goes along with the stream.

        Yields:
            For each instance, in order, its prediction, or the error that says what is wrong
            with it, or with its answer.
        """
        failures: list[Exception] = []
        sent: Sent = deque()

        def requests() -> Iterator[pb.StreamPredictRequest]:
            try:
                for instance in instances:
                    if request := _to_request(instance, sent):
                        yield request
            except Exception as error:
                failures.append(error)
                raise

        method = next(self._stubs).StreamPredict
        responses = method(requests(), timeout=timeout, metadata=_pairs(metadata))
        try:
            for response in responses:
                yield from _not_sent(sent)
                if not sent:
                    raise _miscounted()
                sent.popleft()
                yield to_result(_read(response))
            yield from _not_sent(sent)
            if sent:
                raise _miscounted()
        except grpc.RpcError as error:
            raise failures[0] if failures else from_rpc(error) from None
        finally:
            responses.cancel()

    def get_model_metadata(
        self, *, timeout: float | None = None, metadata: Metadata | None = None
    ) -> pb.GetModelMetadataResponse:
        """Return the name, version, runtime and load time of the model."""
        request = pb.GetModelMetadataRequest()
        response: pb.GetModelMetadataResponse = self._call(
            next(self._stubs).GetModelMetadata, request, timeout, metadata
        )
        return response

    def wait_until_ready(self, timeout: float, *, metadata: Metadata | None = None) -> None:
        """Wait until a server whose model is loaded answers on every connection.

        Of several addresses, one that answers is enough.

        Args:
            timeout: How many seconds it may take in all; when they are up, the error tells what
                a server has answered last.
            metadata: What goes along with each check.
        """
        wait = Wait(timeout)
        for check in map(health_check, self._channels):
            while not self._is_ready(check, wait, metadata):
                time.sleep(wait.pause())

    def _is_ready(self, check: Any, wait: Wait, metadata: Metadata | None) -> bool:
        try:
            answer = check(QUESTION, timeout=wait.left(), metadata=_pairs(metadata))
        except grpc.RpcError as error:
            wait.failed(error)
            return False
        return wait.is_over(_read(answer))

    def _predict(
        self, instance: Instance, timeout: float | None, metadata: Metadata | None
    ) -> Prediction:
        request = pb.PredictRequest(instance=to_instance(instance))
        response = self._call(next(self._stubs).Predict, request, timeout, metadata)
        return to_prediction(response.prediction, response.model_version)

    def _call(
        self, method: Any, request: Any, timeout: float | None, metadata: Metadata | None
    ) -> Any:
        seconds = self._timeout if timeout is None else timeout
        try:
            response = method(request, timeout=seconds, metadata=_pairs(metadata))
        except grpc.RpcError as error:
            raise from_rpc(error) from None
        return _read(response)


class AsyncClient:
    """Asks the service from asyncio tasks; one client serves all of an event loop.

    Args:
        target: Where the service is: ``host:port``, or any gRPC name. Several addresses,
            ``["host:port", ...]``, take turns, and a call that one of them does not answer goes
            to another. Their names are looked up once, when the client is made; with credentials,
            the certificates of all must be valid for the first.
        timeout: How many seconds a call may take, unless it says otherwise. Streams may take
            for ever.
        credentials: For TLS; without them the connection is not encrypted.
        connections: How many connections take the calls in turn. Each goes to one worker of the
            server, so it takes some of them for a client to keep all workers busy. There are as
            many to each of several addresses.
        max_message_bytes: Largest request or response, in bytes. Servers have a limit of their
            own, SERVER_MAX_MESSAGE_BYTES.

    Every method raises CallError if the call fails.
    """

    def __init__(
        self,
        target: str | Sequence[str] = "localhost:50051",
        *,
        timeout: float = 10.0,
        credentials: grpc.ChannelCredentials | None = None,
        connections: int = 1,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
    ) -> None:
        self._timeout = timeout
        name, options = _channel_arguments(target, max_message_bytes)
        self._channels = [
            grpc.aio.secure_channel(name, credentials, options)
            if credentials
            else grpc.aio.insecure_channel(name, options)
            for _ in range(connections)
        ]
        new_stub: Any = pb_grpc.{{ s.class_name }}ServiceStub
        self._stubs = cycle([new_stub(channel) for channel in self._channels])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        for channel in self._channels:
            await channel.close()

    async def predict(
        self,
        *,
{% for field in s.inputs %}
        {{ field.parameter }},
{% endfor %}
        timeout: float | None = None,
        metadata: Metadata | None = None,
    ) -> Prediction:
        """Predict one instance.

        Args:
{% for field in s.inputs %}
{{ field.argument_doc }}
{% endfor %}
            timeout: How many seconds the call may take.
            metadata: What goes along with the call.
        """
        return await self._predict(
            {
{% for field in s.inputs %}
                "{{ field.name }}": {{ field.name }},
{% endfor %}
            },
            timeout,
            metadata,
        )

    async def batch_predict(
        self,
        instances: Columns,
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
    ) -> Predictions:
        """Predict many instances at once.

        Args:
            instances: A mapping of columns, or a data frame of pandas or polars.
            timeout: How many seconds the call may take.
            metadata: What goes along with the call.
        """
        request = pb.BatchPredictRequest(instances=to_columns(instances))
        response = await self._call(next(self._stubs).BatchPredict, request, timeout, metadata)
        return to_predictions(response.predictions, response.model_version)

    async def stream_predict(
        self,
        instances: Iterable[Instance] | AsyncIterable[Instance],
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
    ) -> AsyncGenerator[Prediction | CallError, None]:
        """Predict instances as they come.

        Args:
            instances: Read ahead of the predictions.
            timeout: How many seconds the whole stream may take.
            metadata: What goes along with the stream.

        Yields:
            For each instance, in order, its prediction, or the error that says what is wrong
            with it, or with its answer.
        """
        failures: list[Exception] = []
        sent: Sent = deque()

        async def requests() -> AsyncIterator[pb.StreamPredictRequest]:
            try:
                async for instance in _iterate(instances):
                    if request := _to_request(instance, sent):
                        yield request
            except Exception as error:
                failures.append(error)
                raise

        method = next(self._stubs).StreamPredict
        responses = method(requests(), timeout=timeout, metadata=_pairs(metadata))
        try:
            async for response in responses:
                for error in _not_sent(sent):
                    yield error
                if not sent:
                    raise _miscounted()
                sent.popleft()
                yield to_result(_read(response))
            for error in _not_sent(sent):
                yield error
            if sent:
                raise _miscounted()
        except (grpc.RpcError, asyncio.CancelledError) as cause:
            if failures:
                raise failures[0] from None
            if isinstance(cause, grpc.RpcError):
                raise from_rpc(cause) from None
            raise
        finally:
            responses.cancel()

    async def get_model_metadata(
        self, *, timeout: float | None = None, metadata: Metadata | None = None
    ) -> pb.GetModelMetadataResponse:
        """Return the name, version, runtime and load time of the model."""
        request = pb.GetModelMetadataRequest()
        response: pb.GetModelMetadataResponse = await self._call(
            next(self._stubs).GetModelMetadata, request, timeout, metadata
        )
        return response

    async def wait_until_ready(self, timeout: float, *, metadata: Metadata | None = None) -> None:
        """Wait until a server whose model is loaded answers on every connection.

        Of several addresses, one that answers is enough.

        Args:
            timeout: How many seconds it may take in all; when they are up, the error tells what
                a server has answered last.
            metadata: What goes along with each check.
        """
        wait = Wait(timeout)
        for check in map(health_check, self._channels):
            while not await self._is_ready(check, wait, metadata):
                await asyncio.sleep(wait.pause())

    async def _is_ready(self, check: Any, wait: Wait, metadata: Metadata | None) -> bool:
        try:
            answer = await check(QUESTION, timeout=wait.left(), metadata=_pairs(metadata))
        except grpc.RpcError as error:
            wait.failed(error)
            return False
        return wait.is_over(_read(answer))

    async def _predict(
        self, instance: Instance, timeout: float | None, metadata: Metadata | None
    ) -> Prediction:
        request = pb.PredictRequest(instance=to_instance(instance))
        response = await self._call(next(self._stubs).Predict, request, timeout, metadata)
        return to_prediction(response.prediction, response.model_version)

    async def _call(
        self, method: Any, request: Any, timeout: float | None, metadata: Metadata | None
    ) -> Any:
        seconds = self._timeout if timeout is None else timeout
        try:
            response = await method(request, timeout=seconds, metadata=_pairs(metadata))
        except grpc.RpcError as error:
            raise from_rpc(error) from None
        return _read(response)


def _channel_arguments(
    target: str | Sequence[str], max_message_bytes: int
) -> tuple[str, list[tuple[str, Any]]]:
    """Return the target and the options of channels."""
    if not 0 < max_message_bytes <= LARGEST_LIMIT:
        raise ValueError(f"max_message_bytes must be from 1 to {LARGEST_LIMIT}")
    addresses = addresses_in(target)
    config: dict[str, Any] = {**SERVICE_CONFIG}
    options: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
        # A call whose request is larger than this is not retried.
        ("grpc.per_rpc_retry_buffer_size", max_message_bytes),
        # Every channel has a connection of its own, rather than one with all to the same target.
        ("grpc.use_local_subchannel_pool", 1),
        # With the usual second, retries would be used up before a lost connection is made again.
        ("grpc.initial_reconnect_backoff_ms", 100),
        # A server that was away for long is found within a second, at a connection attempt a
        # second while it is away. The usual two minutes would outlast most that wait for it.
        ("grpc.max_reconnect_backoff_ms", 1000),
    ]
    if len(addresses) > 1:
        config["loadBalancingConfig"] = [{"round_robin": {}}]
        # Without it, gRPC makes one of the whole list, which HTTP/2 servers refuse.
        options.append(("grpc.default_authority", addresses[0]))
    name = target_of(addresses) if len(addresses) > 1 else addresses[0]
    return name, [*options, ("grpc.service_config", json.dumps(config))]


def _pairs(metadata: Metadata | None) -> Sequence[tuple[str, str | bytes]] | None:
    """Return metadata as gRPC takes it."""
    return tuple(metadata.items()) if isinstance(metadata, Mapping) else metadata


def _read(response: Any) -> Any:
    """Return a response, which gRPC leaves out if there is none or it cannot be parsed."""
    if response is None:
        message = "the answer cannot be read; is this the service that the client is made for?"
        raise CallError(grpc.StatusCode.INTERNAL, message)
    return response


def _not_sent(sent: Sent) -> Iterator[CallError]:
    """Yield why instances of a stream were not sent, up to the next one that was."""
    while sent and sent[0]:
        yield sent[0]
        sent.popleft()


def _miscounted() -> CallError:
    """Return the error for a stream with more answers than instances, or fewer."""
    message = "the server answered another number of instances than it was sent"
    return CallError(grpc.StatusCode.INTERNAL, message)


def _to_request(instance: Instance, sent: Sent) -> pb.StreamPredictRequest | None:
    """Return the request of a stream for an instance, if one can be sent; note whether it can."""
    try:
        request = pb.StreamPredictRequest(instance=to_instance(instance))
    except CallError as error:
        sent.append(error)
        return None
    sent.append(None)
    return request


async def _iterate(
    instances: Iterable[Instance] | AsyncIterable[Instance],
) -> AsyncIterator[Instance]:
    if isinstance(instances, AsyncIterable):
        async for instance in instances:
            yield instance
    else:
        for instance in instances:
            yield instance
