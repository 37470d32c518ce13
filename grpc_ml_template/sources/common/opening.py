"""Opens what a path names, without waiting for it and without trusting its size."""

import mmap
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A file of so many bytes is read at once. One that is larger is mapped into memory, which only
# takes what is looked at; there, cutting the file off meanwhile ends the process with SIGBUS.
READ_AT_ONCE = 32 << 20
LONGEST_HALF = 400


class SourceError(Exception):
    """What is wrong with a source, and what to do instead, each a part of one line."""

    def __init__(self, fault: str, fix: str) -> None:
        """Keep both halves of the message, which may have words of the source in them."""
        self.fault = _half(fault)
        self.fix = _half(fix)
        super().__init__(f"{self.fault}; {self.fix}")


def _half(text: str) -> str:
    return printable(text if len(text) <= LONGEST_HALF else f"{text[:LONGEST_HALF]}...")


def printable(text: str) -> str:
    """A text with nothing in it that a terminal would take for a command."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


@contextmanager
def opened(path: Path) -> Iterator[memoryview]:
    """The bytes of a regular file; of a large one, those that are looked at are read.

    Raises:
        SourceError: If it cannot be read, is no regular file, or is empty.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        raise unreadable(error) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(
                "it is a folder, a pipe or a device", "name the file of a model or of a sample"
            )
        if not status.st_size:
            raise SourceError("the file is empty", "save the model again")
        with _content(descriptor, status.st_size) as content, memoryview(content) as view:
            yield view
    except OSError as error:
        raise unreadable(error) from None
    finally:
        os.close(descriptor)


@contextmanager
def _content(descriptor: int, size: int) -> Iterator[bytes | mmap.mmap]:
    if size > READ_AT_ONCE:
        try:
            mapped = mmap.mmap(descriptor, size, access=mmap.ACCESS_READ)
        except ValueError:  # It has become shorter.
            raise changing() from None
        with mapped:
            yield mapped
        return
    with open(descriptor, "rb", closefd=False) as file:
        content = file.read(size)
    if len(content) < size:
        raise changing()
    yield content


def changing() -> SourceError:
    """The error of a file that somebody writes meanwhile."""
    return SourceError("the file changes while it is read", "try again once it is written")


def unreadable(error: OSError | ValueError) -> SourceError:
    """The error of a path that cannot be read."""
    reason = getattr(error, "strerror", None) or "not a path"
    return SourceError(f"it cannot be read ({reason})", "name a file that is there")
