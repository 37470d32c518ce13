"""Texts as the schema language writes them."""

import json

from .scanner import BARE


def label_text(label: str) -> str:
    """A label: a bare word where it can be one, and otherwise in quotes."""
    is_bare = BARE.fullmatch(label) and not label.startswith(("#", "-")) and "@" not in label
    return label if is_bare and label else quoted_text(label)


def quoted_text(text: str) -> str:
    """A text in quotes."""
    return json.dumps(text, ensure_ascii=False)
