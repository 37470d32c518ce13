"""A schema: fields, what is gone, and the text that says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .fields import Field, Removed


@dataclass(frozen=True)
class Numbers:
    """Numbers that are taken, by what has them: fields or labels that are there, or that are gone."""

    living: Mapping[str, int] = field(default_factory=dict)
    removed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """The numbers of a contract: of its fields, and of the labels of each field that has some."""

    fields: Numbers = field(default_factory=Numbers)
    labels: Mapping[str, Numbers] = field(default_factory=dict)


@dataclass(frozen=True)
class Schema:
    """What a text declares.

    `text` is what was read with all numbers in it, a line a field at least.
    """

    fields: tuple[Field, ...]
    removed: tuple[Removed, ...]
    text: str

    def named(self, name: str) -> Field:
        """The field of a name."""
        return next(each for each in self.fields if each.name == name)

    @property
    def taken(self) -> Taken:
        """All numbers in it, which a later schema of the same contract keeps."""
        return Taken(
            Numbers({each.name: each.number for each in self.fields}, _by_name(self.removed)),
            {each.name: _label_numbers(each) for each in self.fields if each.kind == "enum"},
        )


def _label_numbers(enum: Field) -> Numbers:
    living = dict(zip(enum.labels, enum.label_numbers, strict=True))
    return Numbers(living, _by_name(enum.removed_labels))


def _by_name(removed: tuple[Removed, ...]) -> dict[str, int]:
    return {gone.name: gone.number for gone in removed}
