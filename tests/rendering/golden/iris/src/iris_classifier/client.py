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
    new_stub = pb_grpc.IrisClassifierServiceStub

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
            sepal_length: Sepal length in cm. 0 to 30.
            sepal_width: Sepal width in cm. 0 to 30.
            petal_length: Petal length in cm. 0 to 30.
            petal_width: Petal width in cm. 0 to 30.
            timeout: How many seconds the call may take.
            metadata: What goes along with the call.
        """
        return self._predict(instance, timeout, metadata)


class AsyncClient(
    async_client.AsyncClient[Instance, Prediction, Predictions, pb.GetModelMetadataResponse]
):
    """Asks the service from asyncio tasks; one client serves all of an event loop."""

    schema = SCHEMA
    new_stub = pb_grpc.IrisClassifierServiceStub

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
            sepal_length: Sepal length in cm. 0 to 30.
            sepal_width: Sepal width in cm. 0 to 30.
            petal_length: Petal length in cm. 0 to 30.
            petal_width: Petal width in cm. 0 to 30.
            timeout: How many seconds the call may take.
            metadata: What goes along with the call.
        """
        return await self._predict(instance, timeout, metadata)
