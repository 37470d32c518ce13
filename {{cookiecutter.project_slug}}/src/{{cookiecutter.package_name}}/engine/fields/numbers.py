"""Fields of one number."""

import contextlib
import reprlib
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .field import Option
from .packed import extend
from .scalars import TRUTHS, Scalar
from .values import is_array_of_numbers, refuse_wide


class Number(Scalar):
    """An integer or a float. A column has its dtype and the shape (n,)."""

    def __init__(
        self,
        name: str,
        dtype: DTypeLike,
        *,
        low: float | None = None,
        high: float | None = None,
        default: float | None = None,
        about: str = "",
        alias: str = "",
    ) -> None:
        super().__init__(name, dtype, low=low, high=high, default=default, about=about, alias=alias)
        self._type = float if self.dtype.kind == "f" else int
        # The command line would refuse nan, as no number of the range.
        self._limits = (None, None) if default != default else (low, high)

    def pack_column(self, columns: Any, values: Any) -> None:
        if self._type is float and is_array_of_numbers(values):
            refuse_wide(self.name, values)
            extend(columns, self.name, np.asarray(values))
        else:
            super().pack_column(columns, values)

    @property
    def option(self) -> Option:
        form = None if self._limits == (self.low, self.high) else self._elements.range_words
        return Option(self._type, form or None, *self._limits)

    def parse(self, text: str) -> float:
        if text.lower() in TRUTHS:  # JSON may have them for numbers, too.
            return self._type(TRUTHS[text.lower()])
        # Python reads 1_000 and the digits of all scripts, too, which tables do not mean.
        if text.isascii() and "_" not in text:
            with contextlib.suppress(ValueError):
                return self._type(text.removesuffix(".0") if self._type is int else text)
        kind = "a number" if self._type is float else "a whole number"
        raise ValueError(f"expected {kind}, got {reprlib.repr(text)}")
