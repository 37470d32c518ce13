"""Import statements, sorted and laid out as the formatter does."""

import re
from collections.abc import Iterable

from .text import WIDTH


def from_import(module: str, names: Iterable[str], indent: int = 0) -> str:
    """``from module import names``: constants, then classes, then the rest.

    Args:
        module: Where the names are from.
        names: What to import.
        indent: By how many columns the statement will be indented.
    """
    ordered = sorted(set(names), key=_order)
    line = f"from {module} import {', '.join(ordered)}"
    if indent + len(line) <= WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in ordered) + ")"


def _order(name: str) -> tuple[int, list[tuple[int, int, str]]]:
    is_constant = name.isupper() and len(name) > 1
    group = 0 if is_constant else 1 if name[0].isupper() else 2
    parts = re.findall(r"\d+|\D+", name.lower())
    return group, [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def blocks(*groups: Iterable[str]) -> str:
    """Groups of import statements with a blank line between them; empty ones are left out."""
    return "\n\n".join("\n".join(lines) for group in groups if (lines := list(filter(None, group))))
