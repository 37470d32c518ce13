"""The numbers of fields and labels: read, held against each other, and given where none is written.

Numbers are what tells fields and labels apart on the wire. So one that was used is never used again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
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
    """What has numbers, and which ones there are.

    Protobuf keeps some numbers of fields for itself, and knows no larger ones:
    https://protobuf.dev/programming-guides/proto3/#assigning. Labels have a place each in vectors,
    so theirs are small.
    """

    word: str
    most: int
    kept: range = range(0)

    @property
    def span(self) -> str:
        """The numbers that there are, in words."""
        kept = f", except {self.kept[0]} to {self.kept[-1]}" if self.kept else ""
        return f"1 to {self.most}{kept}"

    def has(self, number: int) -> bool:
        """Whether there is such a number."""
        return 1 <= number <= self.most and number not in self.kept


FIELD = Kind("field", 2**29 - 1, range(19_000, 20_000))
LABEL = Kind("label", 10_000)


def read_number(scanner: Scanner, kind: Kind) -> int:
    """The number that starts here with an `@`; 0 if there is none."""
    if not scanner.take("@"):
        return 0
    text = scanner.run(WRITTEN)
    if WHOLE.fullmatch(text) and kind.has(int(text)):
        return int(text)
    raise SchemaError(
        f"{quoted('@' + text)} is not the number of a {kind.word}, which is {kind.span}",
        "write one that was never used, or none",
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
    before = {**taken.living, **taken.removed}
    for each in declared:
        _check_gone(each, before)
        _check_as_before(each, before)
    living = [each for each in declared if not each.is_removed]
    names = {each.name for each in living}
    removed = {
        **{name: number for name, number in taken.living.items() if name not in names},
        **taken.removed,
        **{each.name: each.number for each in declared if each.is_removed},
    }
    owners = _owners(removed, kind)
    used = {*before.values(), *(each.number for each in declared)}
    free = (number for number in count(1) if kind.has(number) and number not in used)
    for each in living:
        each.number = each.number or taken.living.get(each.name, 0)
        _check_free(each, removed, owners, free)
    for each in living:
        each.number = each.number or next(free)
    return removed


def _check_gone(each: Declared, before: Mapping[str, int]) -> None:
    """Give what is gone the number that it had; refuse it where nobody knows that."""
    if each.is_removed and not each.number:
        each.number = before.get(each.name, 0)
        if not each.number:
            raise SchemaError(
                f"{quoted(each.name)} is gone, and its number is missing",
                f'write the one that it had, as in "-{each.name} @2"',
                each,
            )
    gone = each.name.removeprefix("-")
    if each.is_bare and not each.number and gone != each.name and gone in before:
        raise SchemaError(
            f"{quoted(each.name)} is a new label, or one that is gone and whose number is missing",
            f'write "-{gone} @{before[gone]}" if it is gone, or put it into quotes',
            each,
        )


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


def _check_as_before(each: Declared, before: Mapping[str, int]) -> None:
    """Refuse another number than the contract has."""
    number = before.get(each.name, 0)
    if each.number and number and each.number != number:
        raise SchemaError(
            f"{quoted(each.name)} has number {number} in the contract, not {each.number}",
            f'a number never changes; write "@{number}" in its place',
            each,
        )


def _check_free(
    each: Declared, removed: Mapping[str, int], owners: dict[int, str], free: Iterator[int]
) -> None:
    """Refuse a name that is gone, and a number that something else has; else it is taken."""
    if each.name in removed:
        raise SchemaError(
            f"{quoted(each.name)} is gone: callers may still know it by number "
            f"{removed[each.name]}, for what it meant",
            f"choose another name, like {quoted(each.name + '_2')}",
            each,
        )
    if each.number in owners:
        raise SchemaError(
            f"number {each.number} is that of {quoted(owners[each.number])}",
            f'write one that was never used, "@{next(free)}", or none, in its place',
            each,
        )
    if each.number:
        owners[each.number] = each.name
