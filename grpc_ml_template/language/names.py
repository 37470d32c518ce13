"""The names of fields: read, with what they are called elsewhere, and held against each other."""

import re
from collections.abc import Mapping, Sequence

from . import rules
from .declared import DeclaredField
from .errors import quoted
from .scanner import NAME, Scanner, SchemaError
from .spelling import json_name

AS = re.compile(r"(.*\S)\s+as", re.DOTALL)
UNQUOTED = re.compile(r"\w+\s+as\s+(.+)")
EXAMPLE = "'mean_radius as \"mean radius\": float'"
LONGEST_ALIAS = 200


def read_names(scanner: Scanner, taken: Mapping[str, str]) -> tuple[str, str]:
    """The name of a field, and its alias, which is empty if it has none."""
    name, alias = scanner.run(NAME).strip(), ""
    if scanner.peek() == '"':
        name, alias = _read_alias(scanner, name)
    if not scanner.take(":"):
        raise SchemaError(f"{quoted(name)} has no colon", 'write "NAME: TYPE", like "age: float"')
    if not name:
        raise SchemaError("there is no name before the colon", 'write one, like "age: float"')
    if unquoted := UNQUOTED.fullmatch(name):
        raise SchemaError(
            f"the original name {quoted(unquoted[1])} is not in quotes", f"write it like {EXAMPLE}"
        )
    rules.check_name(name, taken)
    return name, alias


def _read_alias(scanner: Scanner, before: str) -> tuple[str, str]:
    """The name and the alias, where a quoted text follows what is before the colon."""
    alias = scanner.quoted()
    named = AS.fullmatch(before)
    if not named:
        raise SchemaError(
            f"{quoted(alias)} is a text where a name should be",
            f'write a field like "age: float", or {EXAMPLE}',
        )
    if not 1 <= len(alias) <= LONGEST_ALIAS:
        raise SchemaError(
            f"the original name has {len(alias)} characters, not 1 to {LONGEST_ALIAS}",
            f"write it like {EXAMPLE}",
        )
    scanner.skip()
    return named[1], alias


def check_unique(name: str, earlier: Mapping[str, str]) -> None:
    """Refuse a name that another field has, if only in JSON."""
    same = earlier.get(json_name(name).lower())
    if same is None:
        return
    fault = "the same name" if same == name else f"the same JSON name as {quoted(same)}"
    raise SchemaError(f"{fault} is used twice", f'rename one, like "{name}_2: float"')


def check_aliases(declared: Sequence[DeclaredField]) -> None:
    """Refuse an alias that another field has, or that is another field's name."""
    fields = [each for each in declared if each.field]
    owners = {each.name: each.name for each in fields}
    for each in fields:
        owner = owners.setdefault(each.alias or each.name, each.name)
        if owner != each.name:
            raise SchemaError(
                f"its original name {quoted(each.alias)} is that of {quoted(owner)} too",
                f"write each once, like {EXAMPLE}",
                each,
            )
