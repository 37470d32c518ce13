"""Bounds the answers that pygrpc-native holds, whose callers do not read them.

The transport takes an answer at once, and tells of all answers together how many bytes are not sent.
Whose they are is told from the bytes that the other end of each connection has acknowledged.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import grpc

from ..batching.budget import Budget, BusyError, TooLargeError
from . import status
from .connections import UNSENT_SHARE
from .sockets import acknowledged, peer_of, shut_down

# How often it is looked whose they are; no answer takes that long if its caller reads it. Longer,
# and callers may read more slowly; shorter, and an attack takes less memory.
LOOK_SECONDS = 0.5
# After how many looks at too many answers of which none seems to be unread those count whose
# connections were given most: what else is read on a connection hides what is not. Fewer, and a
# great many answers that are read can look like that; more, and an attack lasts longer.
MOST_LOOKS = 20


@dataclass
class Given:
    """What was given to a connection.

    Attributes:
        acked: How many bytes its other end had before.
        size: How many bytes of answers it was given since.
        before: How many of these at the last look.
    """

    acked: int
    size: int = 0
    before: int = 0


class UnsentAnswers:
    """Counts large answers against the budget until they are sent.

    When they take up too much, connections are ended whose other end has not acknowledged what it
    was given at the last look. Any thread may count.

    Args:
        budget: What answers count against until they are sent.
        port: Where the server listens.
        unsent_bytes: Tells how many bytes of all answers the transport has not sent.
    """

    def __init__(self, budget: Budget, port: int, unsent_bytes: Callable[[], int]) -> None:
        self._budget = budget
        budget.when_busy = self.free
        self._port = port
        self._unsent_bytes = unsent_bytes
        self._most = int(budget.limit * UNSENT_SHARE)
        self._taken = 0  # Of the budget.
        self._given: dict[str, Given] = {}
        self._acked: dict[str, int] = {}  # By every connection, some time since the last look.
        self._looks = 0  # In turn, that found none to blame.
        self._change = Lock()  # Held while any of these is looked at or changed.

    def refuse(self, peer: str, size: int) -> grpc.Status | None:
        """Count an answer until it is sent; if there is no room for it, return a status instead."""
        try:
            self._budget.take(size)
        except (BusyError, TooLargeError) as error:
            return status.of(error, "")
        with self._change:
            self._taken += size
            self._given_to(peer).size += size
        return None

    def _given_to(self, peer: str) -> Given:
        if peer not in self._given:
            if peer not in self._acked:
                self._acked = acknowledged(self._port)
            self._given[peer] = Given(self._acked.get(peer, 0))
        return self._given[peer]

    def free(self) -> None:
        """Give back to the budget what was sent."""
        with self._change:
            sent = max(0, self._taken - self._unsent_bytes())
            self._taken -= sent
        self._budget.give(sent)

    async def watch(self) -> None:
        """Look again and again whether unsent answers are too many."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()

    def look(self) -> None:
        """End connections that have not taken their answers, if unsent ones are too many."""
        self.free()
        with self._change:
            self._acked = {}
            if not self._taken:
                self._given = {}
            excess = self._taken - self._most
            unread = self._unread(excess) if excess > 0 else set()
            self._looks = self._looks + 1 if excess > 0 and not unread else 0
            for peer in unread:
                del self._given[peer]
            for given in self._given.values():
                given.before = given.size
        if unread:
            shut_down(self._port, lambda connection: peer_of(connection) in unread)

    def _unread(self, excess: int) -> set[str]:
        """Return the peers that seem to hold back most, and so many bytes together."""
        acked = acknowledged(self._port)
        if not acked:  # It cannot be told for now.
            return set()
        self._given = {peer: given for peer, given in self._given.items() if peer in acked}
        held_back = {
            peer: given.size
            if self._looks >= MOST_LOOKS
            else given.before - (acked[peer] - given.acked)
            for peer, given in self._given.items()
        }
        unread = set()
        for peer in sorted(held_back, key=lambda peer: held_back[peer], reverse=True):
            if excess > 0 and held_back[peer] > 0:
                unread.add(peer)
                excess -= held_back[peer]
        return unread
