"""The numbers of fields and labels: read, held against each other, and given where none is written.

Numbers are what tells fields and labels apart on the wire. So one that was used is never used again.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from .declared import Declared
from .errors import quoted
from .scanner import Scanner, SchemaError
from .schema import Numbers

WHOLE = re.compile(r"[0-9]{1,12}")
WRITTEN = re.compile(r"[^\s,;\"#=()]*")


@dataclass(frozen=True)
class Kind:
    """What has numbers, which ones there are, and how one is written.

    Protobuf keeps some numbers of fields for itself, and knows no larger ones:
    https://protobuf.dev/programming-guides/proto3/#assigning. Labels have a place each in vectors,
    so theirs are small.
    """

    word: str
    most: int
    example: str
    kept: range = range(0)

    @property
    def span(self) -> str:
        """The numbers that there are, in words."""
        kept = f", except {self.kept[0]} to {self.kept[-1]}" if self.kept else ""
        return f"1 to {self.most}{kept}"

    def has(self, number: int) -> bool:
        """Whether there is such a number."""
        return 1 <= number <= self.most and number not in self.kept

    def written(self, name: str, number: int) -> str:
        """How something of this name has a number."""
        return f'"{self.example.format(name=name)} @{number}"'


FIELD = Kind("field", 2**29 - 1, "{name}: float", range(19_000, 20_000))
LABEL = Kind("label", 10_000, "{name}")


def read_number(scanner: Scanner, kind: Kind, example: str) -> int:
    """The number that starts here with an `@`; 0 if there is none."""
    if not scanner.take("@"):
        return 0
    text = scanner.run(WRITTEN)
    if WHOLE.fullmatch(text) and kind.has(int(text)):
        return int(text)
    raise SchemaError(
        f"{quoted('@' + text)} is not the number of a {kind.word}, which is {kind.span}",
        f'write one, like "{example}"',
    )


def give_numbers(declared: Sequence[Declared], taken: Numbers, kind: Kind) -> dict[str, int]:
    """Give a number to all that has none, and return the numbers of all that is gone.

    What the contract has keeps its number. What is new gets the lowest that was never used.

    Args:
        declared: What is in the text.
        taken: The numbers of the contract so far.
        kind: What they are of.

    Raises:
        SchemaError: If a number is not free.
    """
    living = [each for each in declared if not each.is_removed]
    names = {each.name for each in living}
    removed = {
        **{name: number for name, number in taken.living.items() if name not in names},
        **taken.removed,
        **{each.name: each.number for each in declared if each.is_removed},
    }
    for each in declared:
        _check_as_before(each, taken, kind)
    owners = _owners(removed, kind)
    for each in living:
        each.number = each.number or taken.living.get(each.name, 0)
        _check_free(each, removed, owners, kind)
    free = (number for number in count(1) if kind.has(number) and number not in owners)
    for each in living:
        each.number = each.number or next(free)
    return removed


def _owners(removed: Mapping[str, int], kind: Kind) -> dict[int, str]:
    """Who has each number of what is gone."""
    owners = dict[int, str]()
    for name, number in removed.items():
        if number in owners:
            raise SchemaError(
                f"number {number} is that of {quoted(owners[number])} and of {quoted(name)}",
                f"write the one that each {kind.word} had, in a line of its own",
            )
        owners[number] = name
    return owners


def _check_as_before(each: Declared, taken: Numbers, kind: Kind) -> None:
    """Refuse a number that the contract has for something else, and another one than it has."""
    before = {**taken.living, **taken.removed}.get(each.name, 0)
    if each.number and before and each.number != before:
        raise SchemaError(
            f"{quoted(each.name)} has number {before} in the contract, not {each.number}",
            f"a number never changes; write {kind.written(each.name, before)}",
            each,
        )


def _check_free(
    each: Declared, removed: Mapping[str, int], owners: dict[int, str], kind: Kind
) -> None:
    """Refuse a name that is gone, and a number that something else has; else it is taken."""
    if each.name in removed:
        raise SchemaError(
            f"{quoted(each.name)} is gone: callers may still know it by number "
            f"{removed[each.name]}, for what it meant",
            f"choose another name, like {kind.written(each.name + '_2', _lowest_free(owners, kind))}",
            each,
        )
    if each.number in owners:
        raise SchemaError(
            f"number {each.number} is that of {quoted(owners[each.number])}",
            f"write one that was never used, like "
            f"{kind.written(each.name, _lowest_free(owners, kind))}, or none",
            each,
        )
    if each.number:
        owners[each.number] = each.name


def _lowest_free(owners: Mapping[int, str], kind: Kind) -> int:
    return next(number for number in count(1) if kind.has(number) and number not in owners)
