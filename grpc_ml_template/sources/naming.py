"""Good names for fields, made of what they are called in a source."""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import count

from ..language.rules import FIELD_NAME
from ..language.spelling import LONGEST_FIELD, json_name, snake


def field_names(
    originals: Collection[str],
    taken: Collection[str],
    known: Mapping[str, str],
    word: str,
) -> dict[str, str]:
    """A name for each field, by the name that it has in the source.

    The same fields get the same names whenever they are read.

    Args:
        originals: The names in the source; each is there once.
        taken: Names that no field can have.
        known: The names that fields have already.
        word: What a field is called that has no name of letters: ``input`` for ``input_3``.
    """
    kept = {original: known[original] for original in originals if original in known}
    used = {_key(name) for name in kept.values()}
    names = {}
    # A name that is good already is left to its field, whatever the others are called.
    for original in sorted(originals, key=lambda each: not _is_good(each, taken)):
        if original not in kept:
            names[original] = next(_free(original, taken, used, word))
            used.add(_key(names[original]))
    return {original: kept.get(original) or names[original] for original in originals}


def _is_good(name: str, taken: Collection[str]) -> bool:
    fits = FIELD_NAME.fullmatch(name) and len(name) <= LONGEST_FIELD
    return bool(fits) and name not in taken


def _key(name: str) -> str:
    """What may not be the same in two names, as JSON has them."""
    return json_name(name).lower()


def _free(original: str, taken: Collection[str], used: set[str], word: str) -> Iterator[str]:
    """Names for a field that nothing else has, the best first."""
    for name in _candidates(original, taken, word):
        negated = name.removeprefix("no_")  # An option of the command line says no to a bool so.
        if name not in taken and not {_key(name), _key(f"no_{name}"), _key(negated)} & used:
            yield name


def _candidates(original: str, taken: Collection[str], word: str) -> Iterator[str]:
    if FIELD_NAME.fullmatch(original) and len(original) <= LONGEST_FIELD:
        yield original
    base = _base(original, word)
    yield base
    if base in taken:
        yield f"{base}_value"
    yield from (f"{base}_{number}" for number in count(2))


def _base(original: str, word: str) -> str:
    """The words of a name; a number gets a word before it."""
    name = snake(original)
    if not name or not name[0].isalpha():
        name = "_".join(filter(None, (word, name)))
    # Cut where there is room for a number behind it.
    return re.sub(r"_+$", "", name[: LONGEST_FIELD - 7])
