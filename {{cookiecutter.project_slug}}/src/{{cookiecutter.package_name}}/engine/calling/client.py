"""The client for threads."""

import time
from collections.abc import Generator, Iterable, Iterator
from types import TracebackType
from typing import Any, ClassVar, Self

import grpc

from .base import BaseClient, Instance, ModelMetadata, Prediction, Predictions
from .channels import Metadata, pairs, received
from .conversion import Columns
from .errors import CallError, from_rpc
from .readiness import Wait, health_check
from .streams import Sent, refuse_one


class Client(BaseClient[Instance, Prediction, Predictions, ModelMetadata]):
    """Asks the service from threads; one client serves them all."""

    library: ClassVar[Any] = grpc

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
        columns = self._conversion.to_columns(instances)
        request = self._messages.BatchPredictRequest(instances=columns)
        response = self._call(self._stub.BatchPredict, request, timeout, metadata)
        answer, version = response.predictions, response.model_version
        rows = self._conversion.count_rows(columns)
        predictions: Predictions = self._conversion.to_predictions(answer, version, rows)
        return predictions

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
        refuse_one(instances)
        failures: list[Exception] = []
        sent = Sent(self._conversion)

        def requests() -> Iterator[Any]:
            try:
                for instance in instances:
                    if request := sent.to_request(instance):
                        yield request
            except Exception as error:
                failures.append(error)
                raise

        method = self._stub.StreamPredict
        responses = method(requests(), timeout=timeout, metadata=pairs(metadata))
        try:
            for response in responses:
                yield from sent.failures()
                sent.answer()
                yield self._conversion.to_result(received(response))
            yield from sent.failures()
            sent.end()
        except grpc.RpcError as error:
            raise failures[0] if failures else from_rpc(error) from None
        finally:
            responses.cancel()

    def get_model_metadata(
        self, *, timeout: float | None = None, metadata: Metadata | None = None
    ) -> ModelMetadata:
        """Return the name, version, runtime and load time of the model."""
        request = self._messages.GetModelMetadataRequest()
        response: ModelMetadata = self._call(
            self._stub.GetModelMetadata, request, timeout, metadata
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
            answer = check(self._question, timeout=wait.left(), metadata=pairs(metadata))
        except grpc.RpcError as error:
            wait.failed(error)
            return False
        return wait.is_over(received(answer))

    def _predict(
        self, instance: Instance, timeout: float | None, metadata: Metadata | None
    ) -> Prediction:
        request = self._messages.PredictRequest(instance=self._conversion.to_instance(instance))
        response = self._call(self._stub.Predict, request, timeout, metadata)
        answer, version = response.prediction, response.model_version
        prediction: Prediction = self._conversion.to_prediction(answer, version)
        return prediction

    def _call(
        self, method: Any, request: Any, timeout: float | None, metadata: Metadata | None
    ) -> Any:
        try:
            response = method(request, timeout=self._seconds(timeout), metadata=pairs(metadata))
        except grpc.RpcError as error:
            raise from_rpc(error) from None
        return received(response)
