"""Opens what a path names, without waiting for it and without trusting its size."""

import mmap
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class SourceError(Exception):
    """What is wrong with a source, and what to do instead, each a part of one line."""

    def __init__(self, fault: str, fix: str) -> None:
        """Keep both halves of the message."""
        super().__init__(f"{fault}; {fix}")
        self.fault = fault
        self.fix = fix


@contextmanager
def opened(path: Path) -> Iterator[memoryview]:
    """The bytes of a regular file, which are read as they are looked at.

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
        with (
            mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as mapped,
            memoryview(mapped) as view,
        ):
            yield view
    except OSError as error:
        raise unreadable(error) from None
    finally:
        os.close(descriptor)


def unreadable(error: OSError | ValueError) -> SourceError:
    """The error of a path that cannot be read."""
    reason = getattr(error, "strerror", None) or "not a path"
    return SourceError(f"it cannot be read ({reason})", "name a file that is there")
