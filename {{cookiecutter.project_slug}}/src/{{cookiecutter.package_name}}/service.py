{% set s = service(cookiecutter) %}
"""{{ s.class_name }}Service: one short method an RPC."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

import grpc

from . import schema, status
from .batching import Batcher
from .decode import InvalidInputError
from .predictor import Call, Model, Predictor, size
from .v1 import {{ s.package }}_pb2 as pb
from .v1 import {{ s.package }}_pb2_grpc as pb_grpc

SERVICE_NAME: str = pb.DESCRIPTOR.services_by_name["{{ s.class_name }}Service"].full_name

# How many instances of a stream are read ahead of the answers, so that they share batches.
STREAM_WINDOW = 64

Context = grpc.aio.ServicerContext[Any, Any]
Responses = asyncio.Queue[asyncio.Task[pb.StreamPredictResponse] | None]


class {{ s.class_name }}Service(pb_grpc.{{ s.class_name }}ServiceServicer):
    """Serves one model; until it is loaded, calls are answered UNAVAILABLE.

    Args:
        max_batch_size: The most instances that the model gets at once.
    """

    def __init__(self, max_batch_size: int) -> None:
        self._max_batch_size = max_batch_size
        self._batcher: Batcher[Call, Any] | None = None
        self._metadata = pb.GetModelMetadataResponse(
            name={{ s.model_name_string }},
            description={{ s.description_string }},
        )

    def load(self, model: Model) -> None:
        """Serve this model from now on."""
        self._metadata.version = model.version
        self._metadata.runtime = model.runtime
        self._metadata.load_time.GetCurrentTime()
        self._batcher = Batcher(Predictor(model), self._max_batch_size)

    def close(self) -> None:
        """Free what the model's batches run on."""
        if self._batcher:
            self._batcher.close()

    async def Predict(self, request: pb.PredictRequest, context: Context) -> pb.PredictResponse:
        try:
            prediction = await self._predict(request.instance)
        except Exception as error:
            await context.abort_with_status(status.of(error, "instance"))
        return pb.PredictResponse(prediction=prediction, model_version=self._metadata.version)

    async def BatchPredict(
        self, request: pb.BatchPredictRequest, context: Context
    ) -> pb.BatchPredictResponse:
        try:
            predictions = await self._predict_columns(request.instances)
        except Exception as error:
            await context.abort_with_status(status.of(error, "instances"))
        return pb.BatchPredictResponse(
            predictions=predictions, model_version=self._metadata.version
        )

    async def StreamPredict(
        self, requests: AsyncIterable[pb.StreamPredictRequest], context: Context
    ) -> AsyncIterator[pb.StreamPredictResponse]:
        responses: Responses = asyncio.Queue()
        window = asyncio.Semaphore(STREAM_WINDOW)
        reader = asyncio.create_task(self._read(requests, responses, window))
        try:
            while response := await responses.get():
                yield await response
                window.release()
            await reader
        except Exception as error:
            await context.abort_with_status(status.of(error, "instance"))
        finally:
            reader.cancel()
            while not responses.empty():
                if response := responses.get_nowait():
                    response.cancel()

    async def GetModelMetadata(
        self, request: pb.GetModelMetadataRequest, context: Context
    ) -> pb.GetModelMetadataResponse:
        if self._batcher is None:
            await context.abort_with_status(status.of(status.NotLoadedError(), ""))
        return self._metadata

    async def _submit(self, call: Call) -> Any:
        if self._batcher is None:
            raise status.NotLoadedError
{% if s.inputs_vary %}
        return await self._batcher.submit(call, size(call), tuple(schema.shapes(call)))
{% else %}
        return await self._batcher.submit(call, size(call))
{% endif %}

    async def _predict(self, instance: pb.Instance) -> pb.Prediction:
        violations = schema.check(instance)
        if violations:
            raise InvalidInputError(violations)
        prediction: pb.Prediction = await self._submit(instance)
        return prediction

    async def _predict_columns(self, columns: pb.InstanceColumns) -> pb.PredictionColumns:
        {{ "batches" if s.inputs_vary else "inputs" }} = {{ "await asyncio.to_thread(schema.read, columns)" if "Image" in s.input_kinds else "schema.read(columns)" }}
{% if s.inputs_vary %}
        parts = [part for inputs in batches for part in schema.split(inputs, self._max_batch_size)]
{% else %}
        parts = schema.split(inputs, self._max_batch_size)
{% endif %}
        return schema.prediction_columns(await asyncio.gather(*map(self._submit, parts)))

    async def _read(
        self,
        requests: AsyncIterable[pb.StreamPredictRequest],
        responses: Responses,
        window: asyncio.Semaphore,
    ) -> None:
        """Start on each request of a stream as it comes in, and say when there are no more."""
        try:
            async for request in requests:
                await window.acquire()
                responses.put_nowait(asyncio.create_task(self._respond(request.instance)))
        finally:
            responses.put_nowait(None)

    async def _respond(self, instance: pb.Instance) -> pb.StreamPredictResponse:
        response = pb.StreamPredictResponse(model_version=self._metadata.version)
        try:
            response.prediction.CopyFrom(await self._predict(instance))
        except InvalidInputError as error:
            for field, description in error.violations:
                response.invalid.violations.add(field=f"instance.{field}", description=description)
        return response
