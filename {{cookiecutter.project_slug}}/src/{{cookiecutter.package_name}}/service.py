{% set s = service(cookiecutter) %}
"""{{ s.class_name }}Service: one short method an RPC."""

import asyncio
import math
import time
from collections.abc import AsyncIterable, AsyncIterator, Coroutine
from typing import Any

import grpc

from . import schema, status
from .batching import Batcher, Limits
from .decode import InvalidInputError
from .predictor import Call, Predictor
from .v1 import {{ s.package }}_pb2 as pb
from .v1 import {{ s.package }}_pb2_grpc as pb_grpc

SERVICE_NAME = f"{pb.DESCRIPTOR.package}.{{ s.class_name }}Service"

# How many instances of a stream are read ahead of the answers, so that they share batches.
STREAM_WINDOW = 64

Context = grpc.aio.ServicerContext[Any, Any]
Responses = asyncio.Queue[asyncio.Task[pb.StreamPredictResponse] | None]


{{ s.service_class }}
    """Serves one model; until it is loaded, calls are answered UNAVAILABLE.

    Args:
        limits: How batches are formed.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._batcher: Batcher[Call, Any] | None = None
        self._metadata = pb.GetModelMetadataResponse(
            name={{ s.model_name_string }},
            description={{ s.description_string }},
        )

    def serve(self, predictor: Predictor) -> None:
        """Serve a model from now on; batches that are running end with the one before."""
        self._metadata.version = predictor.version
        self._metadata.runtime = predictor.runtime
        self._metadata.load_time.GetCurrentTime()
        if self._batcher:
            self._batcher.run = predictor
        else:
            self._batcher = Batcher(predictor, self._limits)

    @property
    def busy_seconds(self) -> float:
        """How long the oldest of the batches that run has been running; 0 while none does."""
        return self._batcher.busy_seconds if self._batcher else 0.0

    def close(self) -> None:
        """Free what batches run on."""
        if self._batcher:
            self._batcher.close()

    async def Predict(self, request: pb.PredictRequest, context: Context) -> pb.PredictResponse:
        try:
            return await self._predict(request.instance, context)
        except Exception as error:
            await context.abort_with_status(status.of(error, "instance"))

    async def BatchPredict(
        self, request: pb.BatchPredictRequest, context: Context
    ) -> pb.BatchPredictResponse:
        try:
            return await self._predict_columns(request.instances, context)
        except Exception as error:
            await context.abort_with_status(status.of(error, "instances"))

    async def StreamPredict(
        self, requests: AsyncIterable[pb.StreamPredictRequest], context: Context
    ) -> AsyncIterator[pb.StreamPredictResponse]:
        responses: Responses = asyncio.Queue()
        window = asyncio.Semaphore(STREAM_WINDOW)
        reader = asyncio.create_task(self._read(requests, responses, window, context))
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

    async def _predict(self, instance: pb.Instance, context: Context) -> pb.PredictResponse:
        violations = schema.check(instance)
        if violations:
            raise InvalidInputError(violations)
        response: pb.PredictResponse = await self._submit(instance, 1, instance.ByteSize(), context)
        return response

    async def _predict_columns(
        self, columns: pb.InstanceColumns, context: Context
    ) -> pb.BatchPredictResponse:
        {{ "batches" if s.inputs_vary else "inputs" }} = {{ "await asyncio.to_thread(schema.read, columns)" if "Image" in s.input_kinds else "schema.read(columns)" }}
{% if s.inputs_vary %}
        most = self._limits.batch_rows
        parts = [part for inputs in batches for part in schema.split(inputs, most)]
{% else %}
        parts = schema.split(inputs, self._limits.batch_rows)
{% endif %}
        part_size = columns.ByteSize() // len(parts)
        first, *rest = await asyncio.gather(
            *(self._submit(part, schema.count(part), part_size, context) for part in parts)
        )
        response: pb.BatchPredictResponse = first
        for part in rest:
            response.MergeFrom(part)  # Appends the columns.
        return response

    def _submit(
        self, call: Call, rows: int, call_size: int, context: Context
    ) -> Coroutine[Any, Any, Any]:
        if self._batcher is None:
            raise status.NotLoadedError
        seconds = context.time_remaining()
        deadline = math.inf if seconds is None else time.monotonic() + seconds
{% if s.inputs_vary %}
        shapes = tuple(schema.shapes(call))
        return self._batcher.submit(
            call, rows=rows, size=call_size, group=shapes, deadline=deadline
        )
{% else %}
        return self._batcher.submit(call, rows=rows, size=call_size, deadline=deadline)
{% endif %}

    async def _read(
        self,
        requests: AsyncIterable[pb.StreamPredictRequest],
        responses: Responses,
        window: asyncio.Semaphore,
        context: Context,
    ) -> None:
        """Start on each request of a stream as it comes in, and say when there are no more."""
        try:
            async for request in requests:
                await window.acquire()
                response = self._respond(request.instance, context)
                responses.put_nowait(asyncio.create_task(response))
        finally:
            responses.put_nowait(None)

    async def _respond(self, instance: pb.Instance, context: Context) -> pb.StreamPredictResponse:
        try:
            response = await self._predict(instance, context)
        except InvalidInputError as error:
            violations = [
                pb.FieldViolation(field=f"instance.{field}", description=description)
                for field, description in error.violations
            ]
            return pb.StreamPredictResponse(
                invalid=pb.InvalidInstance(violations=violations),
                model_version=self._metadata.version,
            )
        return pb.StreamPredictResponse(
            prediction=response.prediction, model_version=response.model_version
        )
