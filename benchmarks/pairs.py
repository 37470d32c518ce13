"""What loads of two trees, taken in turn, tell of how the trees compare."""

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

BEFORE, AFTER = "before", "after"
# The turns of a round. With each tree at both ends or in the middle, neither gains when the
# machine slows down steadily, or when the first of two loads is always the slower one.
TURNS = (BEFORE, AFTER, AFTER, BEFORE)
COVERAGE = 0.95

MET, OPEN, MISSED = "met", "open", "missed"


class Interval(NamedTuple):
    """Where a median is, with how much certainty."""

    low: float
    high: float
    coverage: float

    def verdict(self, bound: float) -> str:
        """Say whether a median of at least the bound is met, missed, or left open."""
        if self.high < bound:
            return MISSED
        return MET if self.low >= bound else OPEN


def ratio(before: Sequence[float], after: Sequence[float]) -> float:
    """Return how many times more the loads after give than those before."""
    return statistics.geometric_mean(after) / statistics.geometric_mean(before)


def interval(values: Sequence[float]) -> Interval:
    """Return the interval that holds the median of what the values are drawn from.

    It goes from the kth smallest to the kth largest value. It misses the median when fewer than k
    values are on one side of it, and how many are is binomial, whatever the distribution:
    W. J. Conover, Practical Nonparametric Statistics, 3rd edition. The largest k is taken that
    leaves the coverage; fewer than six values have less coverage, and their whole range is taken.
    """
    ordered = sorted(values)
    count = len(ordered)
    coverages = [1 - 2 * below(k, count) for k in range(1, (count + 1) // 2 + 1)]
    rank = max((k for k, c in enumerate(coverages, 1) if c >= COVERAGE), default=1)
    return Interval(ordered[rank - 1], ordered[-rank], coverages[rank - 1])


def below(rank: int, count: int) -> float:
    """Return how likely it is that fewer of the values than the rank are below their median."""
    return sum(math.comb(count, k) for k in range(rank)) / (1 << count)
