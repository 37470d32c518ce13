"""What the values of a column tell of the field that would take them."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...language.fields import Number
from ..common.signature import Part

# More words than these are free text, and so are words that hardly come again.
MOST_LABELS = 20
LEAST_REPEATS = 3
LONGEST_LABEL = 40
# Fewer rows than these say little of a column that is the same in all of them.
LEAST_ROWS = 10

DATE_OR_TIME = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{4}-\d{2}$|\d{1,2}:\d{2}")
DIGITS = re.compile(r"[+-]?\d+")
PHONE = re.compile(r"(?:[^\w]*\d){7,}[^\w]*")


@dataclass
class Column:
    """What was seen of a column, and in the end the field that it makes.

    Attributes:
        name: Its name.
        kinds: Those of its values: ``whole``, ``number``, ``bool``, ``word``, ``comma``.
        rows: How many rows the sample has.
        filled: In how many of them there is a value.
        marks: How many of those values are words that mean a gap among numbers: ``NA``.
        low, high: The range of its numbers.
        words: Its words; None once there are too many for labels.
        dims: The shape of its values; empty if each is one value.
    """

    name: str
    kinds: set[str] = field(default_factory=set)
    rows: int = 0
    filled: int = 0
    marks: int = 0
    low: Number = math.inf
    high: Number = -math.inf
    words: set[str] | None = field(default_factory=set)
    dims: tuple[int | None, ...] = ()

    def add_numbers(self, kind: str, low: Number, high: Number) -> None:
        """Count numbers in."""
        self.kinds.add(kind)
        self.low, self.high = min(self.low, low), max(self.high, high)

    def add_words(self, words: Iterable[str]) -> None:
        """Keep words as long as they may be labels."""
        if self.words is not None:
            self.words.update(words)
            if len(self.words) > MOST_LABELS:
                self.words = None

    @property
    def is_empty(self) -> bool:
        """Whether it tells nothing."""
        return not self.kinds

    @property
    def is_numeric(self) -> bool:
        """Whether it holds numbers only."""
        return self.kinds <= {"whole", "number"}

    @property
    def gaps(self) -> int:
        """In how many rows there is no value."""
        return self.rows - self.filled + (self.marks if self.is_numeric else 0)

    @property
    def is_constant(self) -> bool:
        """Whether enough rows have the same value, and only that."""
        if self.gaps or self.dims or self.rows < LEAST_ROWS:
            return False
        if self.is_numeric:
            return self.low == self.high
        return self.words is not None and len(self.words) == 1

    @property
    def type(self) -> str:
        """The type of the field."""
        if self.is_numeric:
            return "int64" if self.kinds == {"whole"} and not self.gaps else "double"
        if self.kinds == {"bool"} and not self.marks:
            return "bool"
        return "enum" if self._has_labels() and not self.gaps else "string"

    def _has_labels(self) -> bool:
        if self.words is None or self.dims or len(self.words) < 2:
            return False
        is_repeated = self.filled >= LEAST_REPEATS * len(self.words)
        return is_repeated and all(map(is_label, self.words))

    @property
    def part(self) -> Part:
        """The field."""
        kind, default, about = self.type, None, ""
        if self.is_numeric:
            about = f"{_short(self.low)} to {_short(self.high)} in the sample."
        if self.gaps and None not in self.dims:
            default = {"double": "nan", "string": '""'}.get(kind)
        # As pandas and scikit-learn number categories.
        labels = tuple(sorted(self.words or ())) if kind == "enum" else ()
        return Part(self.name, kind, self.dims or None, labels, default=default, about=about)


def _short(number: Number) -> str:
    return f"{number:.6g}" if isinstance(number, float) else str(number)


def is_label(word: str) -> bool:
    """Whether a word names a kind of thing, rather than being a date, a code or free text."""
    if not word or word != word.strip() or len(word) > LONGEST_LABEL or not word.isprintable():
        return False
    is_code = DIGITS.fullmatch(word) or PHONE.fullmatch(word) or DATE_OR_TIME.match(word)
    return not is_code
