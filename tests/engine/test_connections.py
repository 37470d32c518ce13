"""How connections of grpcio are followed, and which are ended."""

import asyncio
import copy
import socket
import sys
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from engine.batching.budget import Budget, BusyError
from engine.serving import connections
from engine.serving.connections import Connections
from engine.serving.sockets import peer_of
from waiting import run

has_list = pytest.mark.skipif(sys.platform == "win32", reason="open files are not listed")


class Request:
    """Stands in for the bytes of a request, and tells whether it is still there."""


class Peer:
    """A caller's connection; stands in for the context of its calls as well.

    Attributes:
        client: The caller's end.
    """

    def __init__(self, port: int) -> None:
        self.client = socket.create_connection(("127.0.0.1", port), timeout=30)

    def send(self, count: int) -> None:
        """Send some bytes, one by one, and let them arrive."""
        for _ in range(count):
            self.client.sendall(b"x")
            time.sleep(0.02)

    def peer(self) -> str:
        """Return the name of the connection."""
        host, port = self.client.getsockname()
        return f"ipv4:{host}:{port}"

    def is_open(self) -> bool:
        """Tell whether the other end has not ended the connection."""
        self.client.settimeout(0.1)
        try:
            return self.client.recv(1) != b""
        except TimeoutError:
            return True


@contextmanager
def two_peers() -> Iterator[tuple[int, Peer, Peer]]:
    """Listen on a port, and connect to it twice."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        peers = Peer(port), Peer(port)
        ends = [peer.client for peer in peers] + [listener.accept()[0] for _ in peers]
        try:
            yield port, *peers
        finally:
            for end in ends:
                end.close()


async def answer(data: Any, context: Any) -> bytes:
    """Answer a call with 100 bytes."""
    return bytes(100)


async def refuse(data: Any, context: Any) -> bytes:
    """Refuse a call, as the gate does."""
    try:
        raise ValueError(data)
    except ValueError:
        raise grpc.aio.AbortError from None


@has_list
def test_a_connection_that_leaves_too_many_answers_unread_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def check() -> None:
        budget = Budget(1000)
        with two_peers() as (port, deaf, other):
            followed = Connections(budget, port)
            method = followed.answering(answer, bytes)

            async def call(peer: Peer) -> None:
                context = copy.copy(peer)  # Each call has one of its own.
                followed.follow(context)
                await method(b"", context)
                await asyncio.Event().wait()  # As until the answer is sent.

            calls = [asyncio.create_task(call(deaf)) for _ in range(2)]
            await asyncio.sleep(0.01)
            assert budget.used == 400
            with pytest.raises(BusyError):
                budget.take(500)
            assert deaf.is_open()
            monkeypatch.setattr(connections, "PATIENCE_SECONDS", 0.0)
            with pytest.raises(BusyError):
                budget.take(500)
            assert not deaf.is_open()
            assert other.is_open()
            for each in calls:
                each.cancel()
            await asyncio.wait(calls, timeout=30)
            assert budget.used == 0

    run(check())


@has_list
def test_only_connections_without_calls_are_ended_when_the_server_stops() -> None:
    async def check() -> None:
        with two_peers() as (port, busy, idle):
            followed = Connections(Budget(1000), port)
            followed.follow(busy)
            assert followed.are_busy
            followed.end_idle()
            assert busy.is_open()
            assert not idle.is_open()

    run(check())


@has_list
def test_a_caller_that_goes_on_sending_can_read_what_it_was_answered() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        caller, (connection, _) = Peer(port), listener.accept()
        followed = Connections(Budget(1000), port)
        with caller.client, connection:
            connection.sendall(b"answer")
            assert followed.end_idle() == 1
            caller.send(5)
            assert caller.client.recv(100) == b"answer"
            assert caller.client.recv(100) == b""
            caller.client.close()
            assert connection.recv(100) == b"x" * 5
            assert connection.recv(100) == b""
        assert followed.end_idle() == 0


@has_list
def test_a_server_that_stops_refuses_connections_and_keeps_those_it_has() -> None:
    async def check() -> None:
        with two_peers() as (port, first, second):
            socket.create_connection(("127.0.0.1", port), timeout=30).close()
            Connections(Budget(1000), port).refuse_more()
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=30)
            assert first.is_open()
            assert second.is_open()

    run(check())


def test_a_refused_call_leaves_nothing_of_its_request_behind() -> None:
    async def check() -> None:
        requests: list[Any] = [Request()]
        watch = weakref.ref(requests[0])
        method = Connections(Budget(1000), 1).answering(refuse, bytes)
        with pytest.raises(grpc.aio.AbortError) as caught:
            await method(requests.pop(), None)
        assert caught.value
        assert watch() is None

    run(check())


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_connections_are_found_by_the_name_that_grpc_has_for_their_peer(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with listener, socket.create_connection(listener.getsockname()[:2]) as client:
        port = client.getsockname()[1]
        connection, _ = listener.accept()
        with connection:
            name = f"ipv6:%5B{host}%5D:{port}" if ":" in host else f"ipv4:{host}:{port}"
            assert peer_of(connection) == name


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no socket takes IPv4 and IPv6")
def test_a_caller_by_ipv4_has_the_same_name_on_a_socket_that_takes_ipv6_too() -> None:
    listener = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    with listener, socket.create_connection(("127.0.0.1", listener.getsockname()[1])) as client:
        connection, _ = listener.accept()
        with connection:
            assert peer_of(connection) == f"ipv4:127.0.0.1:{client.getsockname()[1]}"


def test_an_answer_of_a_call_that_is_followed_counts_until_the_call_ends() -> None:
    budget = Budget(1000)
    followed = Connections(budget, 1)
    call: Any = object()
    followed.began(call)
    assert followed.are_busy
    assert followed.count(call, 100) is None
    assert budget.used == 2 * 100
    for _ in range(2):  # Core may tell of an end twice.
        followed.ended(call)
        assert budget.used == 0
        assert not followed.are_busy


def test_an_answer_without_room_is_refused() -> None:
    followed = Connections(Budget(1000), 1)
    refusal: Any = followed.count(object(), 400)
    assert refusal is None
    refusal = followed.count(object(), 400)
    assert refusal.code is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_call_that_comes_too_late_keeps_no_connection_from_its_end() -> None:
    followed = Connections(Budget(1000), 1)
    followed.refuse_more()
    followed.began(object())
    assert not followed.are_busy
