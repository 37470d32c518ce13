"""Decides how long a batch waits for the callers that were just answered."""

# In times of the batch before it.
SHARE = 0.5
# Event loops count time in milliseconds; callers in a loop return within some of them.
LEAST_SECONDS, MOST_SECONDS = 0.001, 0.05
# Doublings of the number of batches that do not wait.
MOST_DOUBLINGS = 6


class Patience:
    """Learns whether callers who are answered call again at once.

    Where they do, and the next batch starts without them, they end up in two halves that take
    turns, and the model works at half the pace. Where they do not, a wait only costs time. So
    after each wait in vain, about twice as many batches as before start without one.
    """

    def __init__(self) -> None:
        self._in_vain = 0
        self._batches_without = 0

    def seconds(self, batch_seconds: float) -> float:
        """Return how long to wait after a batch that took so long; 0 for not at all."""
        if self._batches_without:
            self._batches_without -= 1
            return 0
        seconds = min(SHARE * batch_seconds, MOST_SECONDS)
        return seconds if seconds >= LEAST_SECONDS else 0

    def learn(self, *, were_back: bool) -> None:
        """Take note of whether callers were back when the wait ended."""
        self._in_vain = 0 if were_back else min(self._in_vain + 1, MOST_DOUBLINGS)
        self._batches_without = 0 if were_back else 2**self._in_vain - 1
