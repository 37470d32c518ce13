"""The calls that wait for a batch."""

from collections.abc import Iterable, Iterator

from .call import Call


class Queue:
    """Calls in the order in which they came, and those with rows left behind those that wait.

    Attributes:
        rows: How many rows the calls have.
        callers: How many callers they stand for.
        singles: How many of the calls make no runs.
    """

    def __init__(self) -> None:
        self._calls: dict[Call, None] = {}
        self.rows = 0
        self.callers = 0
        self.singles = 0

    def __bool__(self) -> bool:
        return bool(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)

    def __contains__(self, call: Call) -> bool:
        return call in self._calls

    def add(self, call: Call) -> None:
        """Put a call at the end."""
        self._calls[call] = None
        self.rows += call.rows
        self.callers += call.callers
        self.singles += not call.in_runs

    def remove(self, call: Call) -> None:
        """Take a call out, if it is there."""
        if call in self._calls:
            del self._calls[call]
            self.rows -= call.rows
            self.callers -= call.callers
            self.singles -= not call.in_runs

    def lost(self, callers: int) -> None:
        """Take note that so many callers, of a row each, have left calls that are here."""
        self.rows -= callers
        self.callers -= callers

    def took(self, calls: Iterable[Call], rows: int) -> None:
        """Take note that so many rows of calls were taken; what is left goes to the end."""
        queue = self._calls
        for call in calls:
            if call.rows:
                del queue[call]
                queue[call] = None
                continue
            self.callers -= call.callers
            if call in queue:  # Else it was split off one that waits on.
                del queue[call]
                self.singles -= not call.in_runs
        self.rows -= rows
