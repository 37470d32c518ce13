"""Import statements, as they stand at the top of a module."""

from collections.abc import Iterable

from .text import WIDTH, columns


def from_import(module: str, names: Iterable[str]) -> str:
    """``from module import names``, sorted: constants first, then classes, then functions."""
    sorted_names = sorted(set(names), key=lambda name: (not name.isupper(), name))
    line = f"from {module} import {', '.join(sorted_names)}"
    if columns(line) <= WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in sorted_names), ")"])


def blocks(*groups: Iterable[str]) -> str:
    """Groups of import statements with a blank line between them; empty ones are left out."""
    return "\n\n".join("\n".join(lines) for group in groups if (lines := list(filter(None, group))))
