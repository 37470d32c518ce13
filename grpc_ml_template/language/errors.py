"""The one error of this package: an answer that cannot be used."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from cookiecutter.exceptions import FailedHookException

LONGEST_QUOTE = 60
_withheld = ContextVar("withheld", default=False)


class AnswerError(FailedHookException):
    """A refused answer, told in one line.

    Cookiecutter prints an exception of this family without a traceback and exits with 1.
    """

    def __init__(self, answer: str, fault: str, fix: str, field: str = "") -> None:
        """Say that `answer` (in it, `field`) has a `fault`, and how to mend it."""
        places = [answer, shown(field)] if field else [answer]
        super().__init__(": ".join([*places, f"{fault}; {fix}"]))


@contextmanager
def withheld() -> Iterator[None]:
    """Show none of the text that is read meanwhile: it is a file's, and the file may be secret."""
    token = _withheld.set(True)
    try:
        yield
    finally:
        _withheld.reset(token)


def shown(text: str) -> str:
    """Text of the user, short and on one line, for use in a message."""
    if _withheld.get():
        return "..."
    if len(text) > LONGEST_QUOTE:
        text = text[:LONGEST_QUOTE] + "..."
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def quoted(text: str) -> str:
    """Text of the user in double quotes, short and on one line."""
    return f'"{shown(text)}"'
