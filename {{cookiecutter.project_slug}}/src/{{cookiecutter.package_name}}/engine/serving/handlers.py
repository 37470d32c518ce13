"""What the server does for each RPC."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import grpc

from ..batching.batcher import Batcher, Limits
from ..batching.budget import Budget
from ..batching.call import Call
from ..fields.schema import Schema
from ..fields.violations import InvalidError
from . import status
from .batches import Batches
from .calls import Many, One
from .predictor import Predictor
from .readers import Readers
from .taken import Block

# How many instances of a stream are read ahead of the answers, so that they share batches.
STREAM_WINDOW = 64
# Requests that take up more than this are read on a thread, which costs each a tenth of a
# millisecond and keeps the event loop free for the others.
READ_HERE_BYTES = 64 * 1024
# The same for those of arrays of one shape, of which NumPy reads a megabyte in that time.
READ_ARRAYS_HERE_BYTES = 1024 * 1024
# Instances that take up more than this become columns before they wait for a batch, so that their
# values are gone through once. Lower, and small ones are not gathered together, which is quicker.
EARLY_BYTES = 16 * 1024

Value = TypeVar("Value")
Context = grpc.aio.ServicerContext[Any, Any]
Responses = asyncio.Queue[asyncio.Task[Any] | None]


class Handlers:
    """Answers the calls of one service; until a model is loaded, they are answered UNAVAILABLE.

    Args:
        schema: What the model takes and returns.
        limits: How batches are formed.
        budget: What calls take the bytes from that they take up in memory.
        most_bytes: The most bytes that a response may have.

    Attributes:
        batches: Makes batches of requests.
    """

    def __init__(self, schema: Schema, limits: Limits, budget: Budget, most_bytes: int) -> None:
        self.batches = Batches(schema)
        self._messages = schema.messages
        self._limits = limits
        self._budget = budget
        self._most_bytes = most_bytes
        self._readers = Readers()
        self._batcher: Batcher[Any, Any] | None = None
        self._metadata = self._messages.GetModelMetadataResponse(
            name=schema.name, description=schema.description, aliases=schema.aliases
        )

    @property
    def busy_seconds(self) -> float:
        """For how long the oldest batch has been running, or request been read; 0 if none is."""
        batches = self._batcher.busy_seconds if self._batcher else 0.0
        return max(batches, self._readers.busy_seconds)

    def use(self, predictor: Predictor) -> None:
        """Answer with a model from now on; batches that are running end with the one before."""
        self._metadata.version = predictor.version
        self._metadata.runtime = predictor.runtime
        self._metadata.load_time.GetCurrentTime()
        if self._batcher:
            self._batcher.answer = predictor
        else:
            self._batcher = Batcher(predictor, self._limits, self._budget)

    def close(self) -> None:
        """Free what requests are read on, and what batches run on."""
        self._readers.close()
        if self._batcher:
            self._batcher.close()

    async def predict(self, request: Any, context: Context) -> Any:
        """Answer a PredictRequest with a PredictResponse."""
        try:
            return await self._predict(request.instance, context)
        except Exception as error:
            await context.abort_with_status(status.of(error, "instance"))

    async def batch_predict(self, request: Any, context: Context) -> Any:
        """Answer a BatchPredictRequest with a BatchPredictResponse."""
        try:
            return await self._predict_columns(request.instances, context)
        except Exception as error:
            await context.abort_with_status(status.of(error, "instances"))

    async def stream_predict(
        self, requests: AsyncIterable[Any], context: Context
    ) -> AsyncIterator[Any]:
        """Answer each StreamPredictRequest with a StreamPredictResponse, in order."""
        responses: Responses = asyncio.Queue()
        window = asyncio.Semaphore(STREAM_WINDOW)
        reader = asyncio.create_task(self._read(requests, responses, window, context))
        try:
            while response := await responses.get():
                yield await response
                window.release()
            await reader
        except Exception as error:
            with contextlib.suppress(grpc.aio.InternalError):  # The caller has gone.
                await context.abort_with_status(status.of(error, "instance"))
        finally:
            reader.cancel()
            del reader  # Its error has this frame, which would keep it and the requests.
            while not responses.empty():
                if response := responses.get_nowait():
                    response.cancel()

    async def get_model_metadata(self, context: Context) -> Any:
        """Answer with a GetModelMetadataResponse."""
        if self._batcher is None:
            await context.abort_with_status(status.of(status.NotLoadedError(), ""))
        return self._metadata

    async def ask_model(self, work: Callable[[Any], Value]) -> Value:
        """Return what a function makes of the model, for RPCs of one's own.

        It runs where batches do, and between them, so that a model need not be safe for threads.

        Raises:
            NotLoadedError: If the model is not loaded yet.
            Exception: What the function raises.
        """
        batcher = self._loaded()
        predictor = batcher.answer
        assert isinstance(predictor, Predictor)
        return await batcher.run(partial(work, predictor.model))

    def check(self, call: One, size: int) -> None:
        """Check a call, and set its size and its group.

        Args:
            call: The call, whose instance takes no time to read.
            size: What its request takes up beside.

        Raises:
            Exception: What is wrong with it, or in the way.
        """
        batches, instance = self.batches, call.instance
        if violations := batches.check(instance):
            raise InvalidError(violations)
        call.size = size + batches.bytes_of(instance)
        call.group = batches.shapes(instance)
        self._loaded()

    def check_block(self, block: Block, copies: int) -> None:
        """Set the size of calls whose instances are right already.

        Args:
            block: The calls.
            copies: How many times its bytes each request takes up beside.

        Raises:
            Exception: What is in the way.
        """
        form = self.batches.requests
        assert form
        block.size = block.callers * (copies * form.size + self.batches.row_bytes)
        self._loaded()

    def enter(self, calls: Sequence[Call]) -> None:
        """Have the model answer calls that were checked, as far as there is room for them."""
        if calls:  # The model is loaded then.
            self._loaded().enter(calls)

    def leave(self, call: Call, caller: Any = None) -> None:
        """Take a call off the queue, or one of its callers, for which nobody waits any more."""
        self._loaded().leave(call, caller)

    async def _predict(self, instance: Any, context: Context) -> Any:
        batches = self.batches
        size = batches.bytes_of(instance)
        is_early = batches.decodes or size > EARLY_BYTES
        if (batches.decodes or not is_early) and (violations := batches.check(instance)):
            raise InvalidError(violations)
        batcher = self._loaded()
        batcher.admit(size)
        if is_early:
            instance = await self._beside(size, batches.columns_of, instance)
        call = One(instance, batches.shapes(instance))
        await batcher.submit(call, size=size, deadline=deadline_of(context))
        return call.response

    async def _predict_columns(self, columns: Any, context: Context) -> Any:
        batches, batcher = self.batches, self._loaded()
        size = batches.count_rows(columns) * batches.row_bytes
        batcher.admit(size)
        more = await self._beside(size, batches.more_bytes, columns) if batches.vary else 0
        try:
            self._budget.take(more)
        except Exception:
            self._budget.give(size)
            raise
        size += more
        rows = await self._beside(size, batches.read, columns)
        call = Many(batches, rows, self._most_bytes)
        await batcher.submit(call, size=size, deadline=deadline_of(context))
        if self._is_short(size):
            return call.response()
        return await asyncio.wrap_future(self._readers.submit(call.response))

    def _is_short(self, size: int) -> bool:
        """Tell whether a request that takes up so many bytes takes no time to read."""
        if self.batches.decodes:
            return False
        return size <= (READ_HERE_BYTES if self.batches.vary else READ_ARRAYS_HERE_BYTES)

    def _loaded(self) -> Batcher[Any, Any]:
        if self._batcher is None:
            raise status.NotLoadedError
        return self._batcher

    async def _beside(self, size: int, function: Callable[[Any], Value], argument: Any) -> Value:
        """Do what may take long on a thread; give the call's bytes back if that ends the call."""
        if self._is_short(size):
            try:
                return function(argument)
            except Exception:
                self._budget.give(size)
                raise
        loop = asyncio.get_running_loop()
        job = self._readers.submit(partial(function, argument))
        try:
            return await asyncio.wrap_future(job)
        except BaseException:
            # A thread that has begun holds on to them even if nobody waits for it any more.
            job.add_done_callback(lambda _: give_back(loop, self._budget, size))
            raise

    async def _read(
        self,
        requests: AsyncIterable[Any],
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

    async def _respond(self, instance: Any, context: Context) -> Any:
        messages = self._messages
        try:
            response = await self._predict(instance, context)
        except InvalidError as error:
            violations = [
                messages.FieldViolation(field=field, description=description)
                for field, description in (each.within("instance") for each in error.violations)
            ]
            return messages.StreamPredictResponse(
                invalid=messages.InvalidInstance(violations=violations),
                model_version=self._metadata.version,
            )
        return messages.StreamPredictResponse(
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
