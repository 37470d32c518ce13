"""Bare transports: python service.py native|grpcio PORT.

Echo returns the request's bytes; Sink answers how many there were.
"""

import importlib
import sys

import grpc
import uvloop

# Room for all that is measured: grpcio refuses requests when a thousand wait.
OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.server.max_pending_requests", 4096),
    ("grpc.server.max_pending_requests_hard_limit", 4096),
)


async def echo(request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
    """Return the request."""
    return request


async def sink(request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
    """Return the request's length."""
    return str(len(request)).encode()


async def main(transport: str, port: str) -> None:
    """Serve until killed."""
    aio = importlib.import_module("pygrpc_native.aio" if transport == "native" else "grpc.aio")
    server = aio.server(options=OPTIONS)
    # As generated code registers methods: pygrpc-native hands generic handlers on to grpcio.
    methods: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        name: grpc.unary_unary_rpc_method_handler(method)
        for name, method in {"Echo": echo, "Sink": sink}.items()
    }
    server.add_registered_method_handlers("bench.Echo", methods)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
