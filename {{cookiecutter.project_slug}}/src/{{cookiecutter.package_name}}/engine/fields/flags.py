"""Fields of true or false."""

import numpy as np

from .field import Option
from .scalars import TRUTHS, Scalar


class Flag(Scalar):
    """True or false. A column has the dtype bool and the shape (n,)."""

    def __init__(
        self, name: str, *, default: bool | None = None, about: str = "", alias: str = ""
    ) -> None:
        super().__init__(name, np.bool_, default=default, about=about, alias=alias)

    @property
    def option(self) -> Option:
        return Option(bool)

    def parse(self, text: str) -> bool:
        if text.lower() not in TRUTHS:
            raise ValueError(f"{text!r} is neither true nor false")
        return TRUTHS[text.lower()]
