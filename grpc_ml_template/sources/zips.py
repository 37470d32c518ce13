"""Zip archives, with bounds on what they expand to."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .opening import SourceError, opened

# More than any archive of a model has, where each tensor is an entry.
MOST_ENTRIES = 100_000
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)


@contextmanager
def unzipped(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip archive that can be read without a password.

    Raises:
        SourceError: If it cannot be, or something in it is broken.
    """
    with opened(path):  # Refuses what would have to be waited for.
        pass
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise SourceError(
                    f"the archive has more than {MOST_ENTRIES} entries", "save the model again"
                )
            if any(entry.flag_bits & 1 for entry in entries):
                raise SourceError("the archive has a password", "save it without one")
            yield archive
    except BROKEN as error:
        raise SourceError(f"the archive is broken ({error})", "save the model again") from None


def member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """The content of an entry, of `most` bytes at most.

    Raises:
        SourceError: If it is missing or larger.
    """
    try:
        with archive.open(name) as file:
            content = file.read(most + 1)
    except KeyError:
        raise SourceError(f"the archive has no {name}", "save the model again") from None
    if len(content) > most:
        raise SourceError(f"{name} is larger than {most >> 20} MiB", "save the model again")
    return content
