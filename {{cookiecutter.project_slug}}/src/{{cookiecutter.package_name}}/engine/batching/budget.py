"""Bounds the memory that calls take up, from the first byte that is read to the last one sent."""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from threading import Lock

# Calls that take no more than this share of the budget are small.
SMALL_SHARE = 1 / 64
# Share of the budget that is left to small calls, so that large ones cannot shut them out. Higher,
# and fewer large calls run at once.
RESERVED_SHARE = 1 / 8

# When a call that is refused for now may come again, if nothing tells when there will be room.
RETRY_SECONDS = 1.0


# What the call that a task answers has taken of a budget already, for its request.
HELD = ContextVar("held", default=0)


class TooLargeError(Exception):
    """A call takes up more than the whole budget; the arguments are its bytes and the most."""


class BusyError(Exception):
    """Other calls leave no room for one, for now; the argument is in how many seconds they may."""


class Budget:
    """Counts the bytes of all calls that wait, run, or whose answers are not yet sent.

    Any thread may take bytes and give them back.

    Args:
        limit: The most bytes that calls may take up together.

    Attributes:
        limit: The same.
        used: The bytes that they take up now.
        when_busy: Called when a call does not fit, to make room; it is refused if that was in vain.
    """

    def __init__(self, limit: int) -> None:
        self.used = 0
        self.limit = limit
        self.when_busy: Callable[[], None] = lambda: None
        self._lock = Lock()
        self._small = int(limit * SMALL_SHARE)
        self._for_large = int(limit * (1 - RESERVED_SHARE))

    def take(self, size: int) -> None:
        """Count the bytes of a call; whoever takes them gives them back.

        Args:
            size: How many bytes.

        Raises:
            TooLargeError: If they can never fit.
            BusyError: If they do not fit now.
        """
        limit = self.limit if size <= self._small else self._for_large
        needed = size + HELD.get()
        if needed > limit:
            raise TooLargeError(needed, limit)
        if not self._has_taken(size, limit):
            self.when_busy()
            if not self._has_taken(size, limit):
                raise BusyError(RETRY_SECONDS)

    def has_taken_all(self, sizes: Sequence[int]) -> bool:
        """Count the bytes of calls if they are small and all fit; tell whether that is so."""
        return max(sizes) <= self._small and self._has_taken(sum(sizes), self.limit)

    def give(self, size: int) -> None:
        """Give back bytes that were taken."""
        with self._lock:
            self.used -= size

    def _has_taken(self, size: int, limit: int) -> bool:
        """Count the bytes of a call if they fit; tell whether they do."""
        with self._lock:
            fits = self.used + size <= limit
            if fits:
                self.used += size
        return fits
