"""Puts the server together: transport, service, health, reflection."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from ..batching.batcher import Limits
from ..batching.budget import Budget
from ..batching.threads import run_aside
from ..failures import CannotListenError, NoModelError
from ..project import Serving
from ..settings import Settings
from ..transports import choice
from .connections import Connections
from .gate import Gate
from .handlers import READ_HERE_BYTES, Handlers
from .health import Health
from .intake import Intake
from .loading import new_predictor
from .predictor import Predictor
from .unsent import UnsentAnswers
from .watchdog import watch

logger = logging.getLogger(__name__)

# Largest question for health or the schema: the name of a service, or of a file. Larger, and
# questions that stay open, as health's watches do, take more memory.
MOST_PROBE_BYTES = 4096
# What all open questions take up at most. More, and a hostile client takes more memory; less, and
# fewer clients can watch.
PROBES_BYTES = 16 * 1024 * 1024


class Server:
    """The service on a port, with its health and reflection.

    Args:
        serving: What to serve.
        settings: How to serve it.
        share_port: Whether other workers listen on the same port.
        on_loading: Called with whether a model is being loaded, whenever that changes.
    """

    def __init__(
        self,
        serving: Serving,
        settings: Settings,
        *,
        share_port: bool = False,
        on_loading: Callable[[bool], None] = lambda is_loading: None,
    ) -> None:
        self._settings = settings
        self._serving = serving
        self._share_port = share_port
        self._on_loading = on_loading
        self._server: grpc.aio.Server | None = None
        self._gate: Gate | None = None
        self._always_open: Gate | None = None
        self._loading = asyncio.Lock()
        self._reload_waits = False
        self._beside: list[asyncio.Task[None]] = []  # What goes on beside the calls.
        self._budget = Budget(settings.max_in_flight_bytes)
        self._health = Health(serving.schema.service_name)
        self._handlers = Handlers(
            serving.schema,
            Limits(
                batch_rows=settings.max_batch_size,
                slice_rows=settings.slice_rows,
                batches=settings.max_batches,
                wait_seconds=settings.max_wait_seconds,
                queue_calls=settings.max_queue_calls,
                search_seconds=settings.model_timeout_seconds,
            ),
            self._budget,
            settings.max_message_bytes,
        )

    async def start(self) -> int:
        """Open the port, then load the model.

        Returns:
            The port.

        Raises:
            CannotListenError: If the port cannot be opened.
            NoModelError: If there is no model that can be served.
            NoTransportError: If the transport that is asked for is not installed.
        """
        port = await self.listen()
        await self.load()
        return port

    async def listen(self) -> int:
        """Open the port; until the model is loaded, health is NOT_SERVING."""
        kind = choice.choose(self._settings)
        server = self._server = choice.new_server(kind, self._settings, share_port=self._share_port)
        address = f"{in_brackets(self._settings.host)}:{self._settings.port}"
        try:
            port = server.add_insecure_port(address)
        except RuntimeError:
            fault = f"cannot listen on {address}: it is in use, or no address of this machine's"
            raise CannotListenError(f"{fault}; SERVER_HOST and SERVER_PORT set it") from None
        connections = None if kind == "native" else Connections(self._budget, port)
        intake = None if kind == "asyncio" else self._new_intake
        if kind == "native":
            self._bound_answers(server, port)
        elif kind == "grpcio":
            server.follower = connections  # type: ignore[attr-defined]
        gate = self._gate = Gate(server, self._budget, connections, intake=intake)
        self._serving.new_service(self._handlers).add_to(gate)
        # Probes are answered whatever else is going on.
        always_open = self._always_open = Gate(
            server, Budget(PROBES_BYTES), connections, MOST_PROBE_BYTES
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, always_open)
        if self._settings.reflection:
            health_name = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
            names = (self._serving.schema.service_name, health_name, reflection.SERVICE_NAME)
            reflection_pb2_grpc.add_ServerReflectionServicer_to_server(
                reflection.aio.ReflectionServicer(names), always_open
            )
        await server.start()
        return port

    async def load(self) -> None:
        """Load the model and warm it up, then serve it; health is SERVING from then on.

        Raises:
            NoModelError: If there is none that can be served.
        """
        async with self._loading:
            predictor = await self._new_predictor()
            self._handlers.use(predictor)
            logger.info("Loaded version %s of the model", predictor.version)
        await self._health.serving()
        timeout = self._settings.model_timeout_seconds
        watching = watch(lambda: self._handlers.busy_seconds, self._health, timeout)
        self._beside.append(asyncio.create_task(watching))

    async def reload(self) -> bool:
        """Load and warm up the model anew beside the old one, which stays if that fails.

        While one runs, a second one waits, and does for all that are asked for in the meantime.

        Returns:
            Whether the new model is served.
        """
        if self._reload_waits:
            return False
        self._reload_waits = True
        async with self._loading:
            self._reload_waits = False
            try:
                predictor = await self._new_predictor()
            except NoModelError:
                logger.exception("The new model is no good; the old one stays")
                return False
            self._handlers.use(predictor)
            logger.info("Serving version %s of the model", predictor.version)
            return True

    async def stop(self) -> None:
        """Say NOT_SERVING, let the calls end within the grace, and close the port."""
        for task in self._beside:
            task.cancel()
        await self._health.stop()
        if self._gate and self._always_open and self._server:
            logger.info("Stopping")
            self._always_open.end_streams()
            await self._gate.close()
            await self._server.stop(self._settings.grace_seconds)
        self._handlers.close()

    def _bound_answers(self, server: Any, port: int) -> None:
        """Have the native transport hold no more answers than it may."""
        unsent = UnsentAnswers(self._budget, port, lambda: server.unsent_bytes)
        server.refuse = unsent.refuse
        self._beside.append(asyncio.create_task(unsent.watch()))

    def _new_intake(self, gate: Gate, handler: Any, guarded: Any) -> Intake:
        """Return what takes the calls of a method that Handlers.predict answers."""
        from ..transports.answers import Method

        most = 0 if self._handlers.batches.decodes else READ_HERE_BYTES
        parse, rest = handler.request_deserializer, Method(guarded)
        return Intake(gate.check_open, parse, self._handlers, rest, most, gate.holds)

    async def _new_predictor(self) -> Predictor:
        self._on_loading(True)
        try:
            batches, warm_up = self._handlers.batches, self._settings.warm_up
            usual = self._settings.max_batch_size
            load = partial(new_predictor, self._serving.load, batches, warm_up, usual)
            return await run_aside(load)
        finally:
            self._on_loading(False)


def in_brackets(host: str) -> str:
    """Return a host as addresses have it: one of IPv6 is in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
