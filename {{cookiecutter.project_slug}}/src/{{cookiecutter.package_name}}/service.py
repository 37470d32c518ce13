{% set s = service(cookiecutter) %}
"""The servicer: one short method an RPC. The place to add RPCs of your own."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

import grpc

from .engine.serving.handlers import Handlers
from .engine.serving.intake import in_batches
from .v1 import service_pb2 as pb
from .v1 import service_pb2_grpc as pb_grpc

Context = grpc.aio.ServicerContext[Any, Any]


class Service(pb_grpc.{{ s.class_name }}ServiceServicer):
    """Serves one model.

    Args:
        handlers: What the server does for each RPC of the contract.
    """

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers

    def add_to(self, server: grpc.aio.Server) -> None:
        """Have a server answer the calls of the service."""
        pb_grpc.add_{{ s.class_name }}ServiceServicer_to_server(self, server)

    @in_batches
    async def Predict(self, request: pb.PredictRequest, context: Context) -> pb.PredictResponse:
        response: pb.PredictResponse = await self._handlers.predict(request, context)
        return response

    async def BatchPredict(
        self, request: pb.BatchPredictRequest, context: Context
    ) -> pb.BatchPredictResponse:
        response: pb.BatchPredictResponse = await self._handlers.batch_predict(request, context)
        return response

    def StreamPredict(
        self, requests: AsyncIterable[pb.StreamPredictRequest], context: Context
    ) -> AsyncIterator[pb.StreamPredictResponse]:
        return self._handlers.stream_predict(requests, context)

    async def GetModelMetadata(
        self, request: pb.GetModelMetadataRequest, context: Context
    ) -> pb.GetModelMetadataResponse:
        response: pb.GetModelMetadataResponse = await self._handlers.get_model_metadata(context)
        return response
