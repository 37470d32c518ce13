"""Echoes bytes over a bare transport: python service.py native|grpcio PORT."""

import importlib
import sys

import grpc
import uvloop


async def echo(request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
    """Return the request."""
    return request


async def main(transport: str, port: str) -> None:
    """Serve until killed."""
    aio = importlib.import_module("pygrpc_native.aio" if transport == "native" else "grpc.aio")
    server = aio.server()
    # As generated code registers methods: pygrpc-native hands generic handlers on to grpcio.
    method: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(echo)
    server.add_registered_method_handlers("bench.Echo", {"Echo": method})
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
