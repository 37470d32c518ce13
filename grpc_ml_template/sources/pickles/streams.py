"""The bytes of a file from its start to its end, expanded where they are compressed."""

import bz2
import lzma
import zlib
from typing import Protocol

CHUNK = 1 << 16
# What is kept of a file while it is read. Names, labels and the words of a text model are far less.
MOST_KEPT = 32 << 20
LONGEST_TEXT = 1 << 20
# How many times its size a file may expand to, once it is more than a small model is.
MOST_EXPANDED = 100
SMALL = 16 << 20
# The most that a file may expand to, by how slow it is to expand: all take about two seconds.
MOST_BYTES = {"zlib": 512 << 20, "lzma": 64 << 20, "bz2": 48 << 20}
LZMA_MEMORY = 100 << 20

BROKEN = (EOFError, OSError, ValueError, zlib.error, lzma.LZMAError)


class TooLargeError(Exception):
    """More is in a file than is read of one."""


class Expander(Protocol):
    """Expands a part of a file that follows the parts before it."""

    @property
    def eof(self) -> bool:
        """Whether the end was reached."""

    def decompress(self, data: bytes, most: int, /) -> bytes:
        """The next `most` bytes at most."""


class Stream:
    """Bytes that are looked at once, in order.

    What is read is charged against `kept`, since it stays in memory; `forget` gives it back.
    """

    def __init__(self, view: memoryview) -> None:
        """Read the bytes of `view`."""
        self.view = view
        self.position = 0
        self.kept = 0
        self._buffer = b""
        self._at = 0

    def read(self, size: int) -> bytes:
        """The next `size` bytes.

        Raises:
            EOFError: If there are fewer.
            TooLargeError: If they are more than can be kept.
        """
        end = self._at + size
        if end <= len(self._buffer):
            piece = self._buffer[self._at : end]
            self._at = end
            return piece
        if size > LONGEST_TEXT:
            raise TooLargeError
        return self._read_on(size)

    def _read_on(self, size: int) -> bytes:
        pieces = [self._buffer[self._at :]]
        missing = size - len(pieces[0])
        while missing > 0:
            self._fill()
            pieces.append(self._buffer[:missing])
            self._at = len(pieces[-1])
            missing -= self._at
        return b"".join(pieces)

    def keep(self, size: int) -> None:
        """Charge for `size` bytes that stay in memory."""
        self.kept += size
        if self.kept > MOST_KEPT:
            raise TooLargeError

    def forget(self, size: int) -> None:
        """Give back what was charged."""
        self.kept -= size

    def readline(self) -> bytes:
        """The bytes up to the end of the line, which is one of them."""
        line = b""
        while True:
            end = self._buffer.find(b"\n", self._at) + 1
            line += self._buffer[self._at : end or None]
            self._at = end or len(self._buffer)
            if end:
                self.keep(len(line))
                return line
            if len(line) > LONGEST_TEXT:
                raise TooLargeError
            self._fill()

    def skip(self, size: int) -> None:
        """Leave out `size` bytes."""
        here = min(size, len(self._buffer) - self._at)
        self._at += here
        self._jump(size - here)

    def _jump(self, size: int) -> None:
        if size > len(self.view) - self.position:
            raise EOFError("it ends early")
        self.position += size

    def _fill(self) -> None:
        self._buffer, self._at = self._more(), 0
        if not self._buffer:
            raise EOFError("it ends early")

    def _more(self) -> bytes:
        chunk = bytes(self.view[self.position : self.position + CHUNK])
        self.position += len(chunk)
        return chunk


class ExpandedStream(Stream):
    """The bytes of a compressed file."""

    def __init__(self, view: memoryview, expander: Expander, most: int) -> None:
        """Expand `view` to `most` bytes at most."""
        super().__init__(view)
        self.expander = expander
        self.most = min(most, max(len(view) * MOST_EXPANDED, SMALL))
        self.expanded = 0

    def _more(self) -> bytes:
        while not self.expander.eof:
            # A zlib object hands back what it did not get to; the others keep it.
            rest = getattr(self.expander, "unconsumed_tail", b"")
            needs_input = getattr(self.expander, "needs_input", not rest)
            chunk = rest or (super()._more() if needs_input else b"")
            expanded = self.expander.decompress(chunk, CHUNK)
            self.expanded += len(expanded)
            if self.expanded > self.most:
                raise TooLargeError
            if expanded:
                return expanded
            if not chunk and needs_input:
                break
        return b""

    def _jump(self, size: int) -> None:
        while size > 0:
            self._fill()
            self._at = min(size, len(self._buffer))
            size -= self._at


def stream_of(view: memoryview) -> Stream:
    """The bytes of a file, which may be compressed as joblib does."""
    head = bytes(view[:6])
    if head[:2] == b"\x1f\x8b" or (head[:1] == b"\x78" and head[1:2] in b"\x01\x5e\x9c\xda"):
        return ExpandedStream(view, zlib.decompressobj(wbits=47), MOST_BYTES["zlib"])
    if head.startswith(b"BZh"):
        return ExpandedStream(view, bz2.BZ2Decompressor(), MOST_BYTES["bz2"])
    if head == b"\xfd7zXZ\x00" or head.startswith(b"\x5d\x00\x00"):
        expander = lzma.LZMADecompressor(memlimit=LZMA_MEMORY)
        return ExpandedStream(view, expander, MOST_BYTES["lzma"])
    return Stream(view)
