{% set s = service(cookiecutter) %}
"""The servicer: one short method an RPC."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import grpc

from . import schema, status
from .batching import Batcher, Limits
from .budget import Budget
from .calls import Many, One, Response, Slice
from .decode import InvalidInputError
from .predictor import Predictor
from .v1 import service_pb2 as pb
from .v1 import service_pb2_grpc as pb_grpc

SERVICE_NAME = f"{pb.DESCRIPTOR.package}.{{ s.class_name }}Service"
add_to_server = pb_grpc.add_{{ s.class_name }}ServiceServicer_to_server

# How many instances of a stream are read ahead of the answers, so that they share batches.
STREAM_WINDOW = 64
# Requests that take up more than this are read on a thread, which costs each some ten microseconds
# and keeps the event loop free for the others.
READ_HERE_BYTES = 64 * 1024
# How many of them are read at once.
READERS = 2

Value = TypeVar("Value")
Context = grpc.aio.ServicerContext[Any, Any]
Responses = asyncio.Queue[asyncio.Task[pb.StreamPredictResponse] | None]


class Service(pb_grpc.{{ s.class_name }}ServiceServicer):
    """Serves one model; until it is loaded, calls are answered UNAVAILABLE.

    Args:
        limits: How batches are formed.
        budget: What calls take the bytes from that they take up in memory.
        most_bytes: The most bytes that a response may have.
    """

    def __init__(self, limits: Limits, budget: Budget, most_bytes: int) -> None:
        self._limits = limits
        self._budget = budget
        self._most_bytes = most_bytes
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._batcher: Batcher[Slice, Response] | None = None
        self._metadata = pb.GetModelMetadataResponse(
            name={{ s.model_name_string }},
            description={{ s.description_string }},
        )

    @property
    def busy_seconds(self) -> float:
        """For how long the oldest of the batches that run has been running; 0 if none does."""
        return self._batcher.busy_seconds if self._batcher else 0.0

    def serve(self, predictor: Predictor) -> None:
        """Serve a model from now on; batches that are running end with the one before."""
        self._metadata.version = predictor.version
        self._metadata.runtime = predictor.runtime
        self._metadata.load_time.GetCurrentTime()
        if self._batcher:
            self._batcher.run = predictor
        else:
            self._batcher = Batcher(predictor, self._limits, self._budget)

    def close(self) -> None:
        """Free what requests are read on, and what batches run on."""
        self._readers.shutdown(wait=False)
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
            del reader  # Its error has this frame, which would keep it and the requests.
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
        batcher = self._loaded()
        size = {{ "schema.size(instance)" if s.inputs_vary else "schema.ROW_BYTES" }}
        batcher.admit(size)
{% if "Image" in s.input_kinds %}
        inputs = await self._beside(size, schema.gather, [instance])
        call = One(inputs{% if s.inputs_vary %}, schema.shapes(inputs){% endif %})
{% else %}
        call = One(instance{% if s.inputs_vary %}, schema.shapes(instance){% endif %})
{% endif %}
        await batcher.submit(call, size=size, deadline=deadline_of(context))
        return call.response

    async def _predict_columns(
        self, columns: pb.InstanceColumns, context: Context
    ) -> pb.BatchPredictResponse:
        batcher = self._loaded()
        size = schema.count_rows(columns) * schema.ROW_BYTES
        batcher.admit(size)
{% if s.inputs_vary %}
        more = await self._beside(size, schema.varying_size, columns)
        try:
            self._budget.take(more)
        except Exception:
            self._budget.give(size)
            raise
        size += more
{% endif %}
        rows = await self._beside(size, schema.read, columns)
        call = Many(rows, self._most_bytes)
        await batcher.submit(call, size=size, deadline=deadline_of(context))
        return call.response()

    def _loaded(self) -> Batcher[Slice, Response]:
        if self._batcher is None:
            raise status.NotLoadedError
        return self._batcher

    async def _beside(self, size: int, function: Callable[[Any], Value], argument: Any) -> Value:
        """Do what may take long on a thread; give the call's bytes back if that ends the call."""
{% if "Image" not in s.input_kinds %}
        if size <= READ_HERE_BYTES:
            try:
                return function(argument)
            except Exception:
                self._budget.give(size)
                raise
{% endif %}
        loop = asyncio.get_running_loop()
        job = self._readers.submit(function, argument)
        try:
            return await asyncio.wrap_future(job)
        except BaseException:
            # A thread that has begun holds on to them even if nobody waits for it any more.
            job.add_done_callback(lambda _: give_back(loop, self._budget, size))
            raise

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


def deadline_of(context: Context) -> float:
    """Return when a call has to be answered, on the clock of time.monotonic."""
    seconds = context.time_remaining()
    return math.inf if seconds is None else time.monotonic() + seconds


def give_back(loop: asyncio.AbstractEventLoop, budget: Budget, size: int) -> None:
    """Give bytes back to the budget, from a thread."""
    with contextlib.suppress(RuntimeError):  # The server has ended meanwhile.
        loop.call_soon_threadsafe(budget.give, size)
