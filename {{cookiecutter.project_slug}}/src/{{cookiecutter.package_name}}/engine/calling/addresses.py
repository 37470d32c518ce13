"""From the addresses of several servers to one gRPC target."""

import socket
from collections.abc import Iterable, Sequence

import grpc

from .errors import CallError

LARGEST_PORT = 65535


def addresses_in(target: str | Sequence[str]) -> list[str]:
    """Return the addresses in a list of them, or in gRPC's own way to write one."""
    if not isinstance(target, Iterable):
        raise ValueError(f"expected HOST:PORT, or several of them, got {target!r}")
    if not isinstance(target, str):
        addresses = list(target)
    elif target.startswith(("ipv4:", "ipv6:")):
        addresses = target[5:].split(",")
    else:
        addresses = [target]
    if not addresses:
        raise ValueError("expected HOST:PORT, or several of them, got an empty list")
    for address in addresses:
        refuse_odd(address)
    return addresses


def refuse_odd(address: str) -> None:
    """Raise ValueError if gRPC would ask elsewhere than an address says, or say odd things of it."""
    if (
        not isinstance(address, str)
        or ":" not in address
        or address.startswith(("http://", "https://"))
    ):
        raise ValueError(f"expected HOST:PORT, got {address!r}")
    port = address.rpartition(":")[2]
    if port.isdecimal() and int(port) > LARGEST_PORT:
        raise ValueError(f"expected a port up to {LARGEST_PORT}, got {address!r}")


def target_of(addresses: Sequence[str]) -> str:
    """Return the target for servers at these addresses, HOST:PORT each.

    Names are looked up here, once, since of several addresses gRPC takes no names.

    Raises:
        ValueError: If an address is not HOST:PORT.
        CallError: If there is no such host.
    """
    found = [place for address in addresses for place in look_up(address)]
    if all(":" not in host for host, _ in found):
        return "ipv4:" + ",".join(f"{host}:{port}" for host, port in found)
    # One target has one family, and IPv6 has a form for every IPv4 address.
    hosts = [(host if ":" in host else f"::ffff:{host}", port) for host, port in found]
    return "ipv6:" + ",".join(f"[{host}]:{port}" for host, port in hosts)


def look_up(address: str) -> list[tuple[str, int]]:
    """Return the IP addresses and the port that an address stands for."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"expected HOST:PORT, got {address!r}")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
    except OSError as error:
        code, message = grpc.StatusCode.UNAVAILABLE, f"{address}: {error.strerror}"
        raise CallError(code, message) from None
    return [(str(place[0]), int(place[1])) for *_, place in found]
