"""Which characters a text may hold."""

import unicodedata

# Characters that break a line, hide, or cannot be written as UTF-8.
REFUSED_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
# They make source code look like other code than it is.
DIRECTION_CHANGES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def refused_character(text: str) -> str:
    """The first character of `text` that no file should hold, as `U+0000`; "" if there is none."""
    for char in text:
        if char in "\n\t":
            continue
        if unicodedata.category(char) in REFUSED_CATEGORIES or char in DIRECTION_CHANGES:
            return f"U+{ord(char):04X}"
    return ""
