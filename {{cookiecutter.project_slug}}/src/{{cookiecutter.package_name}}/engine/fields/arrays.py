"""What arrays of a known and of a varying shape have in common."""

from typing import Any

from numpy.typing import DTypeLike

from .elements import Elements
from .field import Dims, Field, Option, array_form
from .values import from_base64, is_missing, parse_array


class Array(Field):
    """An array, with None in dims for what varies.

    Args:
        dtype: What NumPy has the elements as; str or bytes for texts, whose arrays hold objects.
        dims: The shape.
        low, high: The least and the largest that numbers may be.
        default: What every element is where the field is missing.
    """

    def __init__(
        self,
        name: str,
        dtype: DTypeLike,
        dims: Dims,
        *,
        low: float | None = None,
        high: float | None = None,
        default: Any = None,
        about: str = "",
        alias: str = "",
    ) -> None:
        super().__init__(name, default=default, about=about, alias=alias)
        self._elements = Elements(dtype, low, high, default)
        self.elements = self._elements.words
        self.dtype = self._elements.dtype
        self.text_type = self._elements.type
        self.low, self.high = low, high
        self.dims = dims

    def is_missing(self, value: Any) -> bool:
        return is_missing(value)

    @property
    def option(self) -> Option:
        return Option(str, array_form(self.dims, self._elements.range_words), metavar="JSON")

    def from_option(self, value: str) -> Any:
        return self.parse(value)

    def parse(self, text: str) -> Any:
        return self.from_json(parse_array(text, len(self.dims)))

    def from_json(self, value: Any) -> Any:
        return from_base64(value) if self.text_type is bytes else value
