"""What sources that nobody should point at are made of."""

import io
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Makes a source in a folder, and returns the answer that points at it.
Make = Callable[[Path], str]


@dataclass(frozen=True)
class Hostile:
    """A source.

    Attributes:
        name: What is wrong with it.
        make: Makes it in a folder, and returns the answer that points at it.
    """

    name: str
    make: Make


def file(name: str, content: bytes) -> Make:
    """A source that is a file."""

    def make(folder: Path) -> str:
        path = os.path.join(os.fsencode(folder), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as opened:
            opened.write(content)
        return os.fsdecode(path)

    return make


def sparse(name: str, content: bytes, size: int, end: bytes = b"") -> Make:
    """A source that is a file of `size` bytes, with nothing between its start and its end."""

    def make(folder: Path) -> str:
        path = folder / name
        with path.open("wb") as opened:
            opened.write(content)
            opened.truncate(size)
            opened.seek(size - len(end))
            opened.write(end)
        return str(path)

    return make


def answer(text: str) -> Make:
    """A source that is only an answer."""
    return lambda folder: text


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """An archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return written.getvalue()
