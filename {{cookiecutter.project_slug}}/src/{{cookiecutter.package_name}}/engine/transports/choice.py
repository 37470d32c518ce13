"""What carries gRPC: pygrpc-native, whose HTTP/2 runs outside the GIL, or grpcio."""

import logging
from importlib.metadata import version
from typing import Literal

import grpc

from ..failures import NoTransportError
from ..settings import Settings

logger = logging.getLogger(__name__)

# Most calls that run on one connection; clients keep more to themselves until others end. Each
# takes memory before anything looks at it, so that without a limit one client can take all there
# is. Higher, and a hostile client does more harm; lower, and a busy one needs more connections.
MOST_STREAMS = 250
# How many more may have ended and not been cleared away by Python. Lower, and grpcio refuses calls
# of clients that keep to the limit above; higher, and calls that are reset at once do more harm.
MOST_ENDED_STREAMS = 250
# Most bytes of a call's metadata, compressed, where a byte can stand for 4 KiB. Higher, and a
# hostile client does more harm; lower, and long tokens do not fit.
MOST_METADATA_BYTES = 8192
# Most calls of a method that no task has taken yet; grpcio cancels those above. Each takes 17 KB
# and a tenth of a millisecond, even when its connection has gone meanwhile. Higher, and clients
# that connect again and again do more harm; lower, and a burst of calls loses more of them.
MOST_UNTAKEN_CALLS = 4096
# How many bytes of a stream a client may send before anything asks for them; of a message that is
# asked for, it may send all. Higher, and streams of large requests take more memory; lower, and
# they take longer over slow connections. Measure with tests/running/test_attacks.py -k streams.
LOOKAHEAD_BYTES = 1024 * 1024

Transport = Literal["native", "grpcio", "asyncio"]


def choose(settings: Settings) -> Transport:
    """Return the transport that the settings ask for, or the best there is; log which, and why.

    Raises:
        NoTransportError: If it is native, and that cannot run here.
    """
    why = "as set"
    if settings.transport == "asyncio":
        logger.info("Transport: asyncio, grpcio %s, %s", grpc.__version__, why)
        return "asyncio"
    if settings.transport != "grpcio":
        hindrance = native_hindrance()
        if not hindrance:
            logger.info("Transport: native, pygrpc-native %s", version("pygrpc-native"))
            return "native"
        if settings.transport == "native":
            raise NoTransportError(f"SERVER_TRANSPORT is native, but {hindrance}")
        why = f"since {hindrance}"
    logger.info("Transport: grpcio %s, %s", grpc.__version__, why)
    if hindrance := core_hindrance():
        logger.warning("It is slow, through asyncio, since %s", hindrance)
        return "asyncio"
    return "grpcio"


def core_hindrance() -> str | None:
    """Return why grpcio's core cannot be used as it is, if it cannot."""
    try:
        from .core import check_core

        check_core()
    except (ImportError, AttributeError, TypeError) as error:
        return f"its core is another one: {error}"
    return None


def native_hindrance() -> str | None:
    """Return why pygrpc-native cannot run here, if it cannot."""
    try:
        from .native import find_socket_folder

        find_socket_folder()
    except ImportError:
        return "pygrpc-native is not installed"
    except OSError as error:
        return str(error)
    return None


def new_server(transport: Transport, settings: Settings, *, share_port: bool) -> grpc.aio.Server:
    """Return a server on a transport."""
    untaken = max(MOST_UNTAKEN_CALLS, settings.max_queue_calls)
    options = [
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", settings.max_message_bytes),
        ("grpc.max_concurrent_streams", MOST_STREAMS),
        ("grpc.http2.max_deallocating_streams", MOST_ENDED_STREAMS),
        # Between two limits, grpcio would refuse some calls by chance.
        ("grpc.max_metadata_size", MOST_METADATA_BYTES),
        ("grpc.absolute_max_metadata_size", MOST_METADATA_BYTES),
        ("grpc.server.max_pending_requests", untaken),
        ("grpc.server.max_pending_requests_hard_limit", untaken),
        # It would guess, and let clients send up to 33 MB of a stream.
        ("grpc.http2.bdp_probe", 0),
        ("grpc.http2.lookahead_bytes", LOOKAHEAD_BYTES),
        # Unless they are workers, two servers on one port are a mistake.
        ("grpc.so_reuseport", int(share_port)),
    ]
    if transport == "grpcio":
        from .core import CoreServer

        return CoreServer(options)
    server = grpc.aio.server(options=options)
    if transport == "asyncio":
        return server
    from .native import NativeServer

    return NativeServer(
        server,
        settings.max_message_bytes,
        # One thread keeps ahead of Python; a second only takes time from it.
        io_threads=1,
        max_concurrent_streams=MOST_STREAMS,
        max_metadata_size=MOST_METADATA_BYTES,
        reuse_port=share_port,
        keepalive_permit_without_calls=False,
    )
