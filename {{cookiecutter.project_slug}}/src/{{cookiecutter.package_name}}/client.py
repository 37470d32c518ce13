{% set s = service(cookiecutter) %}
"""Clients of the {{ s.class_name }}Service, for threads and for asyncio."""

import asyncio
import json
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Generator,
    Iterable,
    Iterator,
)
from itertools import cycle
from types import TracebackType
from typing import Any, Self

{{ s.client_imports }}

SERVICE_CONFIG = {
    "methodConfig": [
        {
            "name": [{}],  # All methods.
            "retryPolicy": {
                # They take about three seconds, in which a server ends or another one starts.
                "maxAttempts": 5,
                "initialBackoff": "0.1s",
                "maxBackoff": "2s",
                "backoffMultiplier": 3,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
OPTIONS = [
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    # A call whose request is larger than this is not retried.
    ("grpc.per_rpc_retry_buffer_size", MAX_MESSAGE_BYTES),
    # Every channel has a connection of its own, rather than one with all to the same target.
    ("grpc.use_local_subchannel_pool", 1),
    # With the usual second, retries would be used up before a lost connection is made again.
    ("grpc.initial_reconnect_backoff_ms", 100),
]

# Of each instance of a stream that is not answered yet: None, or why it was not sent.
Sent = deque[{{ s.class_name }}Error | None]


class {{ s.class_name }}Client:
    """Asks the service from threads; one client serves them all.

    Args:
        target: Where the service is: ``host:port``, or any gRPC name.
        timeout: How many seconds a call may take, unless it says otherwise. Streams may take
            for ever.
        credentials: For TLS; without them the connection is not encrypted.
        connections: How many connections take the calls in turn. Each goes to one worker of the
            server, so it takes some of them for a client to keep all workers busy.

    Every method raises {{ s.class_name }}Error if the call fails.
    """

    def __init__(
        self,
        target: str = "localhost:50051",
        *,
        timeout: float = 10.0,
        credentials: grpc.ChannelCredentials | None = None,
        connections: int = 1,
    ) -> None:
        self._timeout = timeout
        self._channels = [
            grpc.secure_channel(target, credentials, OPTIONS)
            if credentials
            else grpc.insecure_channel(target, OPTIONS)
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
    ) -> Prediction:
        """Predict one instance.

        Args:
{% for field in s.inputs %}
{{ field.argument_doc }}
{% endfor %}
            timeout: How many seconds the call may take.
        """
        return self._predict(
            {
{% for field in s.inputs %}
                "{{ field.name }}": {{ field.name }},
{% endfor %}
            },
            timeout,
        )

    def batch_predict(self, instances: Columns, *, timeout: float | None = None) -> Predictions:
        """Predict many instances at once.

        Args:
            instances: A mapping of columns, or a data frame of pandas or polars.
            timeout: How many seconds the call may take.
        """
        request = pb.BatchPredictRequest(instances=to_columns(instances))
        response = self._call(next(self._stubs).BatchPredict, request, timeout)
        return to_predictions(response.predictions, response.model_version)

    def stream_predict(
        self, instances: Iterable[Instance], *, timeout: float | None = None
    ) -> Generator[Prediction | {{ s.class_name }}Error, None, None]:
        """Predict instances as they come.

        Args:
            instances: Read ahead of the predictions, on a thread of its own.
            timeout: How many seconds the whole stream may take.

        Yields:
            For each instance, in order, its prediction, or the error that says what is wrong
            with it.
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

        responses = next(self._stubs).StreamPredict(requests(), timeout=timeout)
        try:
            for response in responses:
                while error := sent.popleft():
                    yield error
                yield to_result(response)
            yield from filter(None, sent)
        except grpc.RpcError as error:
            raise failures[0] if failures else from_rpc(error) from None
        finally:
            responses.cancel()

    def get_model_metadata(self, *, timeout: float | None = None) -> pb.GetModelMetadataResponse:
        """Return the name, version, runtime and load time of the model."""
        request = pb.GetModelMetadataRequest()
        response: pb.GetModelMetadataResponse = self._call(
            next(self._stubs).GetModelMetadata, request, timeout
        )
        return response

    def _predict(self, instance: Instance, timeout: float | None) -> Prediction:
        request = pb.PredictRequest(instance=to_instance(instance))
        response = self._call(next(self._stubs).Predict, request, timeout)
        return to_prediction(response.prediction, response.model_version)

    def _call(self, method: Any, request: Any, timeout: float | None) -> Any:
        try:
            return method(request, timeout=self._timeout if timeout is None else timeout)
        except grpc.RpcError as error:
            raise from_rpc(error) from None


class Async{{ s.class_name }}Client:
    """Asks the service from asyncio tasks; one client serves all of an event loop.

    Args:
        target: Where the service is: ``host:port``, or any gRPC name.
        timeout: How many seconds a call may take, unless it says otherwise. Streams may take
            for ever.
        credentials: For TLS; without them the connection is not encrypted.
        connections: How many connections take the calls in turn. Each goes to one worker of the
            server, so it takes some of them for a client to keep all workers busy.

    Every method raises {{ s.class_name }}Error if the call fails.
    """

    def __init__(
        self,
        target: str = "localhost:50051",
        *,
        timeout: float = 10.0,
        credentials: grpc.ChannelCredentials | None = None,
        connections: int = 1,
    ) -> None:
        self._timeout = timeout
        self._channels = [
            grpc.aio.secure_channel(target, credentials, OPTIONS)
            if credentials
            else grpc.aio.insecure_channel(target, OPTIONS)
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
    ) -> Prediction:
        """Predict one instance.

        Args:
{% for field in s.inputs %}
{{ field.argument_doc }}
{% endfor %}
            timeout: How many seconds the call may take.
        """
        return await self._predict(
            {
{% for field in s.inputs %}
                "{{ field.name }}": {{ field.name }},
{% endfor %}
            },
            timeout,
        )

    async def batch_predict(
        self, instances: Columns, *, timeout: float | None = None
    ) -> Predictions:
        """Predict many instances at once.

        Args:
            instances: A mapping of columns, or a data frame of pandas or polars.
            timeout: How many seconds the call may take.
        """
        request = pb.BatchPredictRequest(instances=to_columns(instances))
        response = await self._call(next(self._stubs).BatchPredict, request, timeout)
        return to_predictions(response.predictions, response.model_version)

    async def stream_predict(
        self,
        instances: Iterable[Instance] | AsyncIterable[Instance],
        *,
        timeout: float | None = None,
    ) -> AsyncGenerator[Prediction | {{ s.class_name }}Error, None]:
        """Predict instances as they come.

        Args:
            instances: Read ahead of the predictions.
            timeout: How many seconds the whole stream may take.

        Yields:
            For each instance, in order, its prediction, or the error that says what is wrong
            with it.
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

        responses = next(self._stubs).StreamPredict(requests(), timeout=timeout)
        try:
            async for response in responses:
                while error := sent.popleft():
                    yield error
                yield to_result(response)
            for error in filter(None, sent):
                yield error
        except (grpc.RpcError, asyncio.CancelledError) as error:
            if failures:
                raise failures[0] from None
            if isinstance(error, grpc.RpcError):
                raise from_rpc(error) from None
            raise
        finally:
            responses.cancel()

    async def get_model_metadata(
        self, *, timeout: float | None = None
    ) -> pb.GetModelMetadataResponse:
        """Return the name, version, runtime and load time of the model."""
        request = pb.GetModelMetadataRequest()
        response: pb.GetModelMetadataResponse = await self._call(
            next(self._stubs).GetModelMetadata, request, timeout
        )
        return response

    async def _predict(self, instance: Instance, timeout: float | None) -> Prediction:
        request = pb.PredictRequest(instance=to_instance(instance))
        response = await self._call(next(self._stubs).Predict, request, timeout)
        return to_prediction(response.prediction, response.model_version)

    async def _call(self, method: Any, request: Any, timeout: float | None) -> Any:
        try:
            return await method(request, timeout=self._timeout if timeout is None else timeout)
        except grpc.RpcError as error:
            raise from_rpc(error) from None


def _to_request(instance: Instance, sent: Sent) -> pb.StreamPredictRequest | None:
    """Return the request of a stream for an instance, if one can be sent; note whether it can."""
    try:
        request = pb.StreamPredictRequest(instance=to_instance(instance))
    except {{ s.class_name }}Error as error:
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
