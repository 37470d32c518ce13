"""Zip archives, with bounds on what they expand to."""

import io
import lzma
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...language.errors import shown
from .opening import SourceError, opened

# The list of entries is read at once, and takes ten times as much in memory. That of an archive
# with 30,000 tensors has so much.
LARGEST_LIST = 4 << 20
# How entries may be compressed: the other ways expand without bounds on a small read.
QUICK = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, OverflowError,
    RuntimeError, ValueError,
)  # fmt: skip


class _Bounded(io.FileIO):
    """A file of which no more than `most` bytes are read at once."""

    most = LARGEST_LIST

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes, as a file gives them."""
        if size is not None and size > self.most:
            raise SourceError("the archive has too many entries", "save the model again")
        return super().read(-1 if size is None else size) or b""


@contextmanager
def unzipped(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip archive that can be read without a password, and expands in pieces.

    Raises:
        SourceError: If it cannot be, or something in it is broken.
    """
    with opened(path):  # Refuses what would have to be waited for.
        pass
    try:
        with _Bounded(path) as file, zipfile.ZipFile(file) as archive:
            file.most = sys.maxsize
            entries = archive.infolist()
            if any(entry.flag_bits & 1 for entry in entries):
                raise SourceError("the archive has a password", "save it without one")
            if any(entry.compress_type not in QUICK for entry in entries):
                raise SourceError(
                    "the archive is compressed in a way that is slow to expand",
                    "save it with zipfile.ZIP_DEFLATED, or without compression",
                )
            yield archive
    except BROKEN as error:
        reason = shown(str(error))
        fault = f"the archive is broken ({reason})" if reason else "the archive is broken"
        raise SourceError(fault, "save the model again") from None


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
