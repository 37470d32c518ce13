"""The sockets of connections, for which the transports have no method."""

import contextlib
import ipaddress
import os
import socket
import struct
from collections.abc import Callable, Iterator

# Where systems list the files that a process has open. Windows does not.
OPEN_FILES = "/dev/fd"
# Where Linux tells how many bytes the other end has acknowledged, in struct tcp_info:
# https://github.com/torvalds/linux/blob/master/include/uapi/linux/tcp.h
ACKED_OFFSET, INFO_BYTES = 120, 128


def shut_down(
    port: int, is_meant: Callable[[socket.socket], bool], how: int = socket.SHUT_RDWR
) -> int:
    """Shut down the sockets at a port that are meant, and return how many those are."""
    count = 0
    for found in sockets_at(port):
        with contextlib.suppress(OSError):  # It has no peer, or none any longer.
            if is_meant(found):
                found.shutdown(how)
                count += 1
    return count


def acknowledged(port: int) -> dict[str, int]:
    """Return how many bytes of each connection at a port the other end has, by its peer."""
    acked = {}
    for found in sockets_at(port):
        with contextlib.suppress(OSError):  # It has no peer, or none any longer.
            acked[peer_of(found)] = acked_bytes(found)
    return acked


def acked_bytes(connection: socket.socket) -> int:
    """Return how many bytes the other end of a connection has; 0 if the system does not tell."""
    if not hasattr(socket, "TCP_INFO"):
        return 0
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, INFO_BYTES)
    (acked,) = struct.unpack_from("Q", info, ACKED_OFFSET)
    return int(acked)


def sockets_at(port: int) -> Iterator[socket.socket]:
    """Yield the sockets at a port of this machine's, as copies that are closed afterwards."""
    for found in open_sockets():
        with found:
            if is_at(port, found):
                yield found


def open_sockets() -> Iterator[socket.socket]:
    """Yield the sockets that this process has open, as copies to be closed."""
    with contextlib.suppress(OSError):  # There is no such list, or too many files are open.
        for name in os.listdir(OPEN_FILES):
            with contextlib.suppress(OSError):  # It has just been closed.
                copy = os.dup(int(name))
                try:
                    found = socket.socket(fileno=copy)
                except OSError:  # It is no socket.
                    os.close(copy)
                else:
                    yield found


def is_at(port: int, found: socket.socket) -> bool:
    """Tell whether a socket is at a port of this machine's."""
    is_tcp = found.family in (socket.AF_INET, socket.AF_INET6)
    return is_tcp and found.getsockname()[1] == port


def is_listening(found: socket.socket) -> bool:
    """Tell whether connections are made at a socket."""
    return bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def peer_of(connection: socket.socket) -> str:
    """Return the peer of a connection, as gRPC calls it."""
    host, port, *_ = connection.getpeername()
    address = ipaddress.ip_address(host)
    if isinstance(address, ipaddress.IPv6Address):
        if not address.ipv4_mapped:
            return f"ipv6:%5B{host}%5D:{port}"
        address = address.ipv4_mapped
    return f"ipv4:{address}:{port}"
