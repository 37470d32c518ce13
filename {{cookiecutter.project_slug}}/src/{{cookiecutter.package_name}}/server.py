{% set s = service(cookiecutter) %}
"""Puts the server together: transport, service, health, reflection, signals."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Callable

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from .health import Health
from .model import {{ s.class_name }}
from .predictor import Model
from .service import SERVICE_NAME, {{ s.class_name }}Service
from .settings import Settings
from .v1 import {{ s.package }}_pb2_grpc as pb_grpc

if sys.platform == "win32":
    new_event_loop = asyncio.new_event_loop
else:
    from uvloop import new_event_loop

logger = logging.getLogger(__name__)


class CannotListenError(Exception):
    """The server's address is in use, or is not one of this machine."""


class Server:
    """The service on a port, with its health and reflection.

    Args:
        settings: How to run it.
        load: Loads the model; called on a thread once the port is open.
    """

    def __init__(self, settings: Settings, load: Callable[[], Model] = {{ s.class_name }}) -> None:
        self._settings = settings
        self._load = load
        self._service = {{ s.class_name }}Service(settings.max_batch_size)
        self._health = Health(SERVICE_NAME)

    async def start(self) -> int:
        """Open the port, load the model, then say SERVING.

        Returns:
            The port.

        Raises:
            CannotListenError: If the port cannot be opened.
        """
        self._server = self._build()
        address = f"{self._settings.host}:{self._settings.port}"
        try:
            port = self._server.add_insecure_port(address)
        except RuntimeError:
            raise CannotListenError(f"cannot listen on {address}; is the port in use?") from None
        await self._server.start()
        self._service.load(await asyncio.to_thread(self._load))
        await self._health.serving()
        return port

    def _build(self) -> grpc.aio.Server:
        limit = self._settings.max_message_bytes
        server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", limit),
                ("grpc.max_send_message_length", limit),
                ("grpc.so_reuseport", 0),  # Two servers on one port are a mistake.
            ]
        )
        pb_grpc.add_{{ s.class_name }}ServiceServicer_to_server(self._service, server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        if self._settings.reflection:
            health_name = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
            names = (SERVICE_NAME, health_name, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, server)
        return server

    async def stop(self) -> None:
        """Say NOT_SERVING, let the calls end within the grace, and close the port."""
        await self._health.stop()
        await self._server.stop(self._settings.grace_seconds)
        self._service.close()


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; a second one cuts the grace short.

    Raises:
        CannotListenError: If the port cannot be opened.
    """
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    task = asyncio.current_task()
    assert task
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows has only its own interrupt.
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    server = Server(settings)
    with contextlib.suppress(asyncio.CancelledError):
        try:
            port = await server.start()
            logger.info("Serving on %s:%d", settings.host, port)
            await asyncio.Event().wait()
        finally:
            logger.info("Stopping")
            await server.stop()
