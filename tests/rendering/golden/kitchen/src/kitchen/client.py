"""Clients of the service, for threads and for asyncio."""

from typing import Unpack

from .engine.calling import async_client, client
from .engine.calling.channels import Metadata
from .engine.calling.signatures import with_fields_of
from .schema import SCHEMA, Instance, Prediction, Predictions
from .v1 import service_pb2 as pb
from .v1 import service_pb2_grpc as pb_grpc


class Client(client.Client[Instance, Prediction, Predictions, pb.GetModelMetadataResponse]):
    """Asks the service from threads; one client serves them all."""

    schema = SCHEMA
    new_stub = pb_grpc.KitchenServiceStub

    @with_fields_of(Instance)
    def predict(
        self,
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        **instance: Unpack[Instance],
    ) -> Prediction:
        """Predict one instance.

        Args:
            age: Age in years. 0 to 120. 30 by default.
            height: Height in m. 0.1 to 2.5.
            weight: Nan by default.
            small: A int.
            flag: A bool.
            opt_flag: True by default.
            name: Full "name" */ {{ 7*7 }}.
            nick: It's by default.
            blob: A bytes.
            optblob: A'b"c by default.
            kind: A by default.
            colour: A ColourLabel.
            vec: Float32 of shape (3,). -1 to 1.
            mat: Float64 of shape (2, 3). 0.5 by default.
            words: Str objects of shape (2,).
            tokens: Int64 of shape (?,). At least 0.
            seq: Float32 of shape (3, ?).
            ragged: Float32 of shape (?, ?). 0 to 1.
            strs: Str objects of shape (?,).
            photo: The bytes of a PNG, JPEG or WebP file of 8 x 8 pixels.
            free: The bytes of a PNG, JPEG or WebP file.
            mask: Bool of shape (4,).
            pix: Uint8 of shape (2, 2).
            big: A int.
            timeout: How many seconds the call may take.
            metadata: What goes along with the call.
        """
        return self._predict(instance, timeout, metadata)


class AsyncClient(
    async_client.AsyncClient[Instance, Prediction, Predictions, pb.GetModelMetadataResponse]
):
    """Asks the service from asyncio tasks; one client serves all of an event loop."""

    schema = SCHEMA
    new_stub = pb_grpc.KitchenServiceStub

    @with_fields_of(Instance)
    async def predict(
        self,
        *,
        timeout: float | None = None,
        metadata: Metadata | None = None,
        **instance: Unpack[Instance],
    ) -> Prediction:
        """Predict one instance.

        Args:
            age: Age in years. 0 to 120. 30 by default.
            height: Height in m. 0.1 to 2.5.
            weight: Nan by default.
            small: A int.
            flag: A bool.
            opt_flag: True by default.
            name: Full "name" */ {{ 7*7 }}.
            nick: It's by default.
            blob: A bytes.
            optblob: A'b"c by default.
            kind: A by default.
            colour: A ColourLabel.
            vec: Float32 of shape (3,). -1 to 1.
            mat: Float64 of shape (2, 3). 0.5 by default.
            words: Str objects of shape (2,).
            tokens: Int64 of shape (?,). At least 0.
            seq: Float32 of shape (3, ?).
            ragged: Float32 of shape (?, ?). 0 to 1.
            strs: Str objects of shape (?,).
            photo: The bytes of a PNG, JPEG or WebP file of 8 x 8 pixels.
            free: The bytes of a PNG, JPEG or WebP file.
            mask: Bool of shape (4,).
            pix: Uint8 of shape (2, 2).
            big: A int.
            timeout: How many seconds the call may take.
            metadata: What goes along with the call.
        """
        return await self._predict(instance, timeout, metadata)
