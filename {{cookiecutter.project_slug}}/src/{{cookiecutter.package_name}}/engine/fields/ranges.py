"""Which numbers a field may hold."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .violations import MOST_FAULTS


class Range:
    """The numbers a field may hold: finite, within its dtype, from low to high.

    Args:
        allow_nan: Whether nan is one of them.

    Attributes:
        low, high: Rounded as values are on the wire: as a float32, 0.1 is above 0.1.
    """

    def __init__(
        self, dtype: np.dtype[Any], low: float | None, high: float | None, *, allow_nan: bool
    ) -> None:
        limits = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
        self._wire = np.result_type(dtype, np.float32) if dtype.kind == "f" else dtype
        self.low = self._wire.type(limits.min if low is None else low).item()
        self.high = self._wire.type(limits.max if high is None else high).item()
        self._allow_nan = allow_nan

    def fault(self, value: float) -> str | None:
        """Return what is wrong with one number, or None."""
        if self.low <= value <= self.high or (self._allow_nan and value != value):
            return None
        if not np.isfinite(value):
            most = "" if value != value else f"; {self._wire} goes up to {self._most():.4g}"
            return f"{value} is not a finite number{most}"
        if value < self.low:
            return f"{self._show(value)} is below {self._show(self.low)}"
        return f"{self._show(value)} is above {self._show(self.high)}"

    def right(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Tell for each number of an array whether it may be."""
        right: NDArray[np.bool_] = (values >= self.low) & (values <= self.high)
        return right | np.isnan(values) if self._allow_nan else right

    def faults(self, values: NDArray[Any]) -> list[tuple[int, str]]:
        """Return the place of each wrong number in a flat array, and what is wrong with it."""
        # Of nan, the least is nan, which is in no range. Looking at these two is quicker.
        if values.size and values.min() >= self.low and values.max() <= self.high:
            return []
        wrong = np.flatnonzero(~self.right(values))[:MOST_FAULTS]
        return [(int(i), str(self.fault(values[i].item()))) for i in wrong]

    def _most(self) -> float:
        """Return the largest number that can be sent, beyond which callers send infinity."""
        return float(np.finfo(self._wire).max)

    def _show(self, value: float) -> str:
        if isinstance(value, int):
            return str(value)
        return str(self._wire.type(value)).removesuffix(".0")
