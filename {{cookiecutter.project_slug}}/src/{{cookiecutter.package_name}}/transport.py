"""What carries gRPC: pygrpc-native, whose HTTP/2 runs outside the GIL, or grpcio."""

import logging
from importlib.metadata import version

import grpc

from .failures import NoTransportError
from .settings import Settings

logger = logging.getLogger(__name__)

MANY = 2**31 - 1


def new_server(settings: Settings, *, share_port: bool) -> grpc.aio.Server:
    """Return a server on the transport that the settings ask for; log which one, and why.

    Raises:
        NoTransportError: If it is native, and that is not installed.
    """
    options = [
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", settings.max_message_bytes),
        # What waits is bounded in batching.py, which says so; grpcio cancels every other call of
        # those above a thousand.
        ("grpc.server.max_pending_requests", MANY),
        ("grpc.server.max_pending_requests_hard_limit", MANY),
        # Unless they are workers, two servers on one port are a mistake.
        ("grpc.so_reuseport", int(share_port)),
    ]
    why = "as set"
    if settings.transport != "grpcio":
        try:
            from .native import NativeServer
        except ImportError as error:
            if settings.transport == "native":
                raise NoTransportError(f"SERVER_TRANSPORT is native, but {error}") from None
            why = "since pygrpc-native is not installed"
        else:
            logger.info("Transport: native, pygrpc-native %s", version("pygrpc-native"))
            # One thread keeps ahead of Python; a second only takes time from it.
            return NativeServer(options=options, io_threads=1)
    logger.info("Transport: grpcio %s, %s", grpc.__version__, why)
    return grpc.aio.server(options=options)
