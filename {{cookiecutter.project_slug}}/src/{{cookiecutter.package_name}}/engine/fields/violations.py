"""What is wrong with values: one rule for how it is told, wherever it is found."""

from collections.abc import Iterable
from typing import NamedTuple

# Of the rows of a column that are wrong, the first ones are told.
MOST_FAULTS = 1000


class Violation(NamedTuple):
    """One thing that is wrong: which field, and what is wrong with it."""

    field: str
    description: str

    def __str__(self) -> str:
        return f"{self.field}: {self.description}" if self.field else self.description

    def within(self, message: str) -> "Violation":
        """Return it with the path from the message that its field is in."""
        return Violation(f"{message}.{self.field}" if self.field else message, self.description)


class InvalidError(Exception):
    """Values that do not fit the schema.

    Attributes:
        violations: All that is wrong with them, in the order of the fields.
    """

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(map(str, self.violations)))


class RefusedError(InvalidError):
    """Values that a model itself refuses, for what no schema can say; raised by modules of models."""


class InvalidOutputError(Exception):
    """The model's answer does not fit its schema; the message says where."""


def raise_faults(name: str, faults: Iterable[tuple[int, str]]) -> None:
    """Raise InvalidError if there is any fault, naming the row of each."""
    violations = [Violation(f"{name}[{row}]", fault) for row, fault in faults]
    if violations:
        raise InvalidError(violations)
