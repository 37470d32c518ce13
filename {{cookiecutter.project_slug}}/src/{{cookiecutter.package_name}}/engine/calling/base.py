"""What both clients share."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any, ClassVar, Generic, TypeVar

import grpc

from ..fields import Schema
from ..fields.values import LARGEST_MESSAGE
from .channels import channel_arguments
from .conversion import Conversion
from .readiness import Question
from .times import seconds_of

Instance = TypeVar("Instance")
Prediction = TypeVar("Prediction")
Predictions = TypeVar("Predictions")
ModelMetadata = TypeVar("ModelMetadata")


class BaseClient(Generic[Instance, Prediction, Predictions, ModelMetadata]):
    """A client of one service.

    Every method raises CallError if the call fails.

    Attributes:
        schema: What the model takes and returns.
        new_stub: Makes the stub that protoc has written of a channel.
        library: The module that has the channels.
    """

    schema: ClassVar[Schema]
    new_stub: ClassVar[Any]
    library: ClassVar[Any]

    def __init__(
        self,
        target: str | Sequence[str] = "localhost:50051",
        *,
        timeout: float = 10.0,
        credentials: grpc.ChannelCredentials | None = None,
        connections: int = 1,
        max_message_bytes: int = LARGEST_MESSAGE,
    ) -> None:
        """Make a client; it connects when it is used.

        Args:
            target: Where the service is: ``host:port``, or any gRPC name. Several addresses,
                ``["host:port", ...]``, take turns, and a call that one of them does not answer goes
                to another. Their names are looked up once, when the client is made; with credentials,
                the certificates of all must be valid for the first.
            timeout: How many seconds a call may take, unless it says otherwise. Streams may take
                for ever.
            credentials: For TLS; without them the connection is not encrypted.
            connections: How many connections take the calls in turn. Each goes to one worker of the
                server, so it takes some of them for a client to keep all workers busy. There are as
                many to each of several addresses.
            max_message_bytes: Largest request or response, in bytes. Servers have a limit of their
                own, SERVER_MAX_MESSAGE_BYTES.
        """
        self._timeout = timeout
        self._conversion = Conversion(self.schema)
        self._messages = self.schema.messages
        self._question = Question(value=self.schema.service_name)
        if connections < 1:
            raise ValueError(f"connections: expected at least 1, got {connections}")
        name, options = channel_arguments(target, max_message_bytes, self.schema.streams)
        self._channels = [
            self.library.secure_channel(name, credentials, options)
            if credentials
            else self.library.insecure_channel(name, options)
            for _ in range(connections)
        ]
        new_stub = type(self).new_stub
        self._stubs = cycle([new_stub(channel) for channel in self._channels])

    @property
    def _stub(self) -> Any:
        """The stub of the connection whose turn it is."""
        return next(self._stubs)

    def _seconds(self, timeout: float | None) -> float:
        """Return how many seconds a call may take.

        Raises:
            ValueError: If that is no time.
        """
        return seconds_of(self._timeout if timeout is None else timeout)
