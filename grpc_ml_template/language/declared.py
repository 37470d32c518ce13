"""What is declared in a text, and where: fields, labels, and what is gone."""

from dataclasses import dataclass, field

from .fields import Field


@dataclass
class Declared:
    """Something that has a number: a field or a label, there or gone.

    It stands from `start` to `end` in the text. `number` is 0 where none is written; one that is
    written anew goes to `number_at`.
    """

    name: str
    start: int
    end: int = 0
    number_at: int = 0
    number: int = 0
    has_number: bool = False
    is_removed: bool = False
    is_bare: bool = False


@dataclass
class Labels:
    """The labels of an enum; `end` is where the last one ends."""

    declared: list[Declared] = field(default_factory=list)
    end: int = 0

    @property
    def living(self) -> list[Declared]:
        """The labels that are there."""
        return [label for label in self.declared if not label.is_removed]


@dataclass
class DeclaredField(Declared):
    """A field without numbers, and its labels; neither if it is gone.

    Its type stands from `type_start` to `type_end`.
    """

    alias: str = ""
    type_start: int = 0
    type_end: int = 0
    field: Field | None = None
    labels: Labels | None = None
