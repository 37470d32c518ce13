"""Import statements, as they stand at the top of a module."""

from collections.abc import Iterable


def from_import(module: str, names: Iterable[str]) -> str:
    """``from module import names``, sorted: classes first, then functions."""
    return f"from {module} import {', '.join(sorted(set(names)))}"


def blocks(*groups: Iterable[str]) -> str:
    """Groups of import statements with a blank line between them; empty ones are left out."""
    return "\n\n".join("\n".join(lines) for group in groups if (lines := list(filter(None, group))))
