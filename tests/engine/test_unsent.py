"""Answers that pygrpc-native has not sent are bounded, by the connections that do not read them."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import grpc
import pytest
from engine.batching.budget import Budget
from engine.serving import unsent
from engine.serving.sockets import acknowledged, peer_of
from engine.serving.unsent import LOOK_SECONDS, MOST_LOOKS, UnsentAnswers
from waiting import until

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "TCP_INFO"), reason="this system does not tell what was acknowledged"
)

# Bytes of the budget, of an answer that is not small, and what the system keeps of a connection.
BUDGET, ANSWER = 1000, 100


class Transport:
    """Two connections, and what the server's transport holds for them.

    Attributes:
        port: Where they were made.
        unsent: How many bytes of answers are not sent.
    """

    def __init__(self, stack: ExitStack) -> None:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.port: int = listener.getsockname()[1]
        self.unsent = 0
        self._ends: dict[str, tuple[socket.socket, socket.socket]] = {}
        for _ in range(2):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", self.port)))
            server = stack.enter_context(listener.accept()[0])
            self._ends[peer_of(server)] = client, server
        self.peers = [*self._ends]

    def send(self, peer: str, size: int = ANSWER) -> None:
        """Send bytes over a connection, and wait until they are acknowledged."""
        before = acknowledged(self.port)[peer]
        _, server = self._ends[peer]
        server.sendall(bytes(size))
        until(lambda: acknowledged(self.port)[peer] >= before + size, "the bytes were there")

    def is_open(self, peer: str) -> bool:
        """Tell whether the server's end of a connection has not been shut down."""
        client, _ = self._ends[peer]
        client.settimeout(0.1)
        try:
            while data := client.recv(1 << 16):
                assert data.count(0) == len(data)
            return False
        except TimeoutError:
            return True


@pytest.fixture
def transport() -> Iterator[Transport]:
    """Return connections to a server."""
    with ExitStack() as stack:
        yield Transport(stack)


def answers_of(transport: Transport) -> tuple[UnsentAnswers, Budget]:
    """Return what bounds the answers of a transport, and their budget."""
    budget = Budget(BUDGET)
    return UnsentAnswers(budget, transport.port, lambda: transport.unsent), budget


def give(answers: UnsentAnswers, transport: Transport, peer: str, count: int) -> None:
    """Give the transport so many answers to a peer, which it does not send."""
    for _ in range(count):
        transport.unsent += ANSWER
        assert answers.refuse(peer, ANSWER) is None


def test_an_answer_counts_until_it_is_sent(transport: Transport) -> None:
    answers, budget = answers_of(transport)
    give(answers, transport, transport.peers[0], 2)
    assert budget.used == 200
    answers.free()
    assert budget.used == 200
    transport.unsent = 50
    answers.free()
    assert budget.used == 50
    transport.unsent = 0
    answers.look()
    assert budget.used == 0


def test_an_answer_is_refused_when_there_is_no_room(transport: Transport) -> None:
    answers, budget = answers_of(transport)
    give(answers, transport, transport.peers[0], 8)
    transport.unsent += ANSWER
    refusal = answers.refuse(transport.peers[1], ANSWER)
    assert refusal
    assert refusal.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "SERVER_MAX_IN_FLIGHT_BYTES" in refusal.details
    transport.unsent = 400  # Most were sent meanwhile, which shows when there is no room.
    assert answers.refuse(transport.peers[1], ANSWER) is None
    assert budget.used == 500


def test_the_connection_is_ended_that_does_not_take_its_answers(transport: Transport) -> None:
    answers, budget = answers_of(transport)
    reader, hoarder = transport.peers
    for _ in range(2):
        give(answers, transport, hoarder, 2)
        give(answers, transport, reader, 2)
        transport.send(reader, 2 * ANSWER)
        transport.unsent -= 2 * ANSWER
        answers.look()
    assert transport.is_open(reader)
    assert not transport.is_open(hoarder)
    transport.unsent = 0
    answers.look()
    assert budget.used == 0


def test_answers_may_take_until_the_next_look(transport: Transport) -> None:
    answers, _ = answers_of(transport)
    give(answers, transport, transport.peers[0], 8)
    answers.look()
    assert transport.is_open(transport.peers[0])
    answers.look()
    assert not transport.is_open(transport.peers[0])


def test_a_few_unsent_answers_are_borne_with(transport: Transport) -> None:
    answers, _ = answers_of(transport)
    give(answers, transport, transport.peers[0], 2)  # Less than the share of the budget.
    for _ in range(3 * MOST_LOOKS):
        answers.look()
    assert transport.is_open(transport.peers[0])


def test_what_else_is_read_does_not_hide_for_ever_what_is_not(transport: Transport) -> None:
    answers, _ = answers_of(transport)
    hoarder = transport.peers[1]
    give(answers, transport, hoarder, 8)
    transport.send(hoarder, 8 * ANSWER)  # Of small answers, which nobody counts.
    for _ in range(MOST_LOOKS):
        answers.look()
    assert transport.is_open(hoarder)
    answers.look()
    assert not transport.is_open(hoarder)


def test_looks_are_taken_again_and_again(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unsent, "LOOK_SECONDS", LOOK_SECONDS / 50)
    answers, _ = answers_of(transport)
    give(answers, transport, transport.peers[0], 8)

    async def check() -> None:
        watching = asyncio.create_task(answers.watch())
        end = time.monotonic() + 30
        while transport.is_open(transport.peers[0]):
            assert time.monotonic() < end, "waited in vain for the end of the connection"
            await asyncio.sleep(0.01)
        watching.cancel()

    asyncio.run(check())


def test_a_system_that_does_not_tell_has_acknowledged_nothing(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport.send(transport.peers[0])
    monkeypatch.delattr(socket, "TCP_INFO")
    assert acknowledged(transport.port) == dict.fromkeys(transport.peers, 0)
