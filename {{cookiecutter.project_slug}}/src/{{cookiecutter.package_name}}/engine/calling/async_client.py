"""The client for asyncio."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable
from types import TracebackType
from typing import Any, ClassVar, Self

import grpc

from .base import BaseClient, Instance, ModelMetadata, Prediction, Predictions
from .channels import Metadata, pairs, received
from .conversion import Columns
from .errors import CallError, from_rpc
from .readiness import Wait, health_check
from .streams import Sent, iterate, refuse_one


class AsyncClient(BaseClient[Instance, Prediction, Predictions, ModelMetadata]):
    """Asks the service from asyncio tasks; one client serves all of an event loop."""

    library: ClassVar[Any] = grpc.aio

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
        columns = self._conversion.to_columns(instances)
        request = self._messages.BatchPredictRequest(instances=columns)
        response = await self._call(self._stub.BatchPredict, request, timeout, metadata)
        answer, version = response.predictions, response.model_version
        rows = self._conversion.count_rows(columns)
        predictions: Predictions = self._conversion.to_predictions(answer, version, rows)
        return predictions

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
        refuse_one(instances)
        failures: list[Exception] = []
        sent = Sent(self._conversion)

        async def requests() -> AsyncIterator[Any]:
            try:
                async for instance in iterate(instances):
                    if request := sent.to_request(instance):
                        yield request
            except Exception as error:
                failures.append(error)
                raise

        method = self._stub.StreamPredict
        responses = method(requests(), timeout=timeout, metadata=pairs(metadata))
        try:
            async for response in responses:
                for error in sent.failures():
                    yield error
                sent.answer()
                yield self._conversion.to_result(received(response))
            for error in sent.failures():
                yield error
            sent.end()
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
    ) -> ModelMetadata:
        """Return the name, version, runtime and load time of the model."""
        request = self._messages.GetModelMetadataRequest()
        response: ModelMetadata = await self._call(
            self._stub.GetModelMetadata, request, timeout, metadata
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
            answer = await check(self._question, timeout=wait.left(), metadata=pairs(metadata))
        except grpc.RpcError as error:
            wait.failed(error)
            return False
        return wait.is_over(received(answer))

    async def _predict(
        self, instance: Instance, timeout: float | None, metadata: Metadata | None
    ) -> Prediction:
        request = self._messages.PredictRequest(instance=self._conversion.to_instance(instance))
        response = await self._call(self._stub.Predict, request, timeout, metadata)
        answer, version = response.prediction, response.model_version
        prediction: Prediction = self._conversion.to_prediction(answer, version)
        return prediction

    async def _call(
        self, method: Any, request: Any, timeout: float | None, metadata: Metadata | None
    ) -> Any:
        try:
            response = await method(
                request, timeout=self._seconds(timeout), metadata=pairs(metadata)
            )
        except grpc.RpcError as error:
            raise from_rpc(error) from None
        return received(response)
