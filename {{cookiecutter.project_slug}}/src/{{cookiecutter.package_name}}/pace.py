"""How fast the model is."""

# A batch that takes longer does not run on the event loop, which it holds up.
QUICK_SECONDS = 0.001
# That the last batch has in a mean.
WEIGHT = 0.2


class Pace:
    """What past batches tell of the next one; all is 0 before the first.

    Attributes:
        row_seconds: Mean time of a row.
        batch_seconds: Mean time of a batch.
        least_seconds: Time of the fastest batch.
    """

    def __init__(self) -> None:
        self.row_seconds = self.batch_seconds = self.least_seconds = 0.0

    def learn(self, rows: int, seconds: float) -> None:
        """Take note of how long a batch took."""
        self.row_seconds += WEIGHT * (seconds / rows - self.row_seconds)
        self.batch_seconds += WEIGHT * (seconds - self.batch_seconds)
        self.least_seconds = min(self.least_seconds or seconds, seconds)

    @property
    def is_quick(self) -> bool:
        """Whether a batch of one row is over before it holds anything up."""
        return 0 < self.batch_seconds < QUICK_SECONDS
