"""How fast the model is."""

# Weight of the newest batch in the moving average. Higher follows load faster, and jitters more.
WEIGHT = 0.2


class Pace:
    """What past batches tell of the next one; all is 0 before the first.

    Attributes:
        row_seconds: Mean time of a row.
        least_seconds: Time of the fastest batch.
    """

    def __init__(self) -> None:
        self.row_seconds = self.least_seconds = 0.0

    def learn(self, rows: int, seconds: float) -> None:
        """Take note of how long a batch took."""
        self.row_seconds += WEIGHT * (seconds / rows - self.row_seconds)
        self.least_seconds = min(self.least_seconds or seconds, seconds)
