"""Reads the pieces of a schema: words, quoted text, numbers and brackets."""

import re
from typing import NamedTuple

from .characters import refused_character
from .declared import Declared
from .errors import quoted

SEPARATORS = (",", ";", "\n")
SINGLE_QUOTES = "text goes in double quotes, not single ones"
ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}

NUMBER = r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
RANGE = re.compile(rf'({NUMBER})?[ \t]*\.\.(?:[ \t]*({NUMBER}))?(?=[\s,;="#@]|\Z)')
NAME = re.compile(r"[^:,;\n\"#]*")
TYPE = re.compile(r"[^\s\"'(),;:=#@\[\]]*")
BARE = re.compile(r"[^\s\"'(),;]*")
IN_BRACKETS = re.compile(r"[^\[\]]*")
REST = re.compile(r"[^\s,;]*")


class SchemaError(Exception):
    """What is wrong in a schema and how to mend it; the parser adds where, unless it is `at`."""

    def __init__(self, fault: str, fix: str, at: Declared | None = None) -> None:
        """Keep both halves of the message."""
        super().__init__(fault)
        self.fault = fault
        self.fix = fix
        self.at = at


class Word(NamedTuple):
    """A bare word or a quoted text."""

    text: str
    quoted: bool


class Scanner:
    """A place in the text of a schema."""

    def __init__(self, text: str) -> None:
        """Start at the beginning."""
        self.text = text
        self.at = 0
        self._end = self._after_blanks = 0

    @property
    def end(self) -> int:
        """Where the last piece that was read ends, before blanks and comments."""
        return self._end if self.at == self._after_blanks else self.at

    def peek(self) -> str:
        """The next character; "" at the end."""
        return self.text[self.at : self.at + 1]

    def take(self, char: str) -> bool:
        """Step over `char` if it is next."""
        found = self.peek() == char
        self.at += found
        return found

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Step over what `pattern` matches here."""
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def run(self, pattern: re.Pattern[str]) -> str:
        """Step over a pattern that may match nothing, and return it."""
        found = self.match(pattern)
        return found[0] if found else ""

    def skip(self, more: tuple[str, ...] = ()) -> None:
        """Step over blanks, comments and the characters in `more`."""
        self._end = self.end
        while char := self.peek():
            if char == "#":
                end = self.text.find("\n", self.at)
                self.at = end if end >= 0 else len(self.text)
            elif char in more or (char.isspace() and char != "\n"):
                self.at += 1
            else:
                break
        self._after_blanks = self.at

    def word(self) -> Word:
        """A quoted text, or a bare word: anything without blanks, quotes, `,`, `;`, `(` or `)`.

        A `#` starts a comment only where a word could start, so `c#` is a word.
        """
        if self.peek() == '"':
            return Word(self.quoted(), True)
        if self.peek() == "'":
            raise SchemaError(SINGLE_QUOTES, 'write it like "text"')
        word = self.run(BARE)
        _check_characters(word)
        return Word(word, False)

    def quoted(self) -> str:
        """The text in the double quotes that start here."""
        start = self.at
        self.at += 1
        chars: list[str] = []
        while (char := self.peek()) != '"':
            if not char:
                raise SchemaError(
                    f"the quote before {quoted(self.text[start + 1 :])} is never closed",
                    'write text like "in cm"',
                )
            self.at += 1
            chars.append(self._escaped() if char == "\\" else char)
        self.at += 1
        text = "".join(chars)
        _check_characters(text)
        return text

    def _escaped(self) -> str:
        char = self.peek()
        if char and char not in ESCAPES:
            raise SchemaError(
                f"{quoted(chr(92) + char)} means nothing in quoted text",
                r"""write \\ for a backslash, or one of \" \n \t, like '"a \"b\" c"'""",
            )
        self.at += 1
        return ESCAPES.get(char, "")

    def brackets(self) -> str | None:
        """What the square brackets that start here hold; None if there are none."""
        if not self.take("["):
            return None
        held = self.run(IN_BRACKETS)
        if not self.take("]"):
            raise SchemaError('"[" is never closed', 'write sizes like "float[3]"')
        return held


def _check_characters(text: str) -> None:
    if odd := refused_character(text):
        raise SchemaError(
            f"the control character {odd} cannot be part of a text", 'leave it out, like "in cm"'
        )
