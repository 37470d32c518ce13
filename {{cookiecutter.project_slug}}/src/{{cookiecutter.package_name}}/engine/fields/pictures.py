"""Pictures as files and as pixels. Servers alone import this: Pillow does not come with clients."""

import io
import struct
import warnings
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import PngImagePlugin

FORMATS = ("PNG", "JPEG", "WEBP")
UNREADABLE = (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError)
MODES = {1: "L", 3: "RGB", 4: "RGBA"}

PNG, JPEG, SCAN = b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"\xff\xda"
# Most parts of a file: chunks of a PNG, of which Pillow reads each in Python; segments of a JPEG
# before its first scan; and scans, each of which goes over all pixels. A PNG of 64 MiB has 8,192
# chunks, a JPEG some tens of segments and scans. More, and a file may take longer to read.
MOST_PARTS, MOST_SCANS = 20_000, 100

# Most bytes of the texts in a PNG, which Pillow unpacks as it opens a file: a kilobyte may hold a
# megabyte, of which Python makes four. More, and a small file takes more time and memory.
PngImagePlugin.MAX_TEXT_MEMORY = PngImagePlugin.MAX_TEXT_CHUNK = 1024 * 1024

# Pillow warns of odd metadata in words that callers choose, and Python remembers each it has shown.
warnings.filterwarnings("ignore", module=r"PIL\.")

# How a picture is turned upright, by its orientation in EXIF.
TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
FIRST_SIDEWAYS = 5
ORIENTATION_TAG = 0x0112


def upright_size(data: bytes) -> tuple[int, int] | None:
    """Return the height and the width of a picture once it is upright; None if it is none."""
    try:
        with open_image(data) as picture:
            is_sideways = FIRST_SIDEWAYS <= orientation(picture) <= max(TURNS)
            return picture.size if is_sideways else (picture.height, picture.width)
    except UNREADABLE:
        return None


def pixels(data: bytes, channels: int) -> NDArray[np.uint8] | None:
    """Return a picture, turned upright, as (height, width, channels); None if it cannot be read."""
    mode = MODES[channels]
    try:
        with open_image(data) as picture:
            turn = TURNS.get(orientation(picture))
            upright: Any = picture if turn is None else picture.transpose(turn)
            # Even to its own mode, Pillow converts a copy.
            array = np.asarray(upright if upright.mode == mode else upright.convert(mode))
    except UNREADABLE:
        return None
    return array.reshape(*array.shape[:2], channels)


def png(array: NDArray[np.uint8]) -> bytes:
    """Return pixels, of shape (height, width, channels), as a PNG file."""
    file = io.BytesIO()
    Pillow.fromarray(array.squeeze(2) if array.shape[2] == 1 else array).save(file, "PNG")
    return file.getvalue()


def open_image(data: bytes) -> Pillow.Image:
    """Open an image file and read its header; its pixels are decoded later.

    Raises:
        OSError, SyntaxError, ValueError, DecompressionBombError: If it cannot be read.
    """
    if is_crowded(data):
        raise ValueError
    return Pillow.open(io.BytesIO(data), formats=FORMATS)


def is_crowded(data: bytes) -> bool:
    """Tell whether a file has more parts than pictures have, so that it takes long to read it."""
    if data.startswith(PNG):
        return len([*islice(png_chunks(data), MOST_PARTS + 1)]) > MOST_PARTS
    if data.startswith(JPEG):
        segments = len([*islice(jpeg_segments(data), MOST_PARTS + 1)])
        return segments > MOST_PARTS or data.count(SCAN) > MOST_SCANS
    return False


def png_chunks(data: bytes) -> Iterator[int]:
    """Yield where each chunk of a PNG file begins: https://www.w3.org/TR/png-3/#5Chunk-layout."""
    place = len(PNG)
    while place + 8 <= len(data):
        yield place
        place += 12 + int.from_bytes(data[place : place + 4], "big")


def jpeg_segments(data: bytes) -> Iterator[int]:
    """Yield where each segment of a JPEG file begins, up to its first scan.

    See https://www.w3.org/Graphics/JPEG/itu-t81.pdf, B.1.1.
    """
    place = len(JPEG)
    while place + 4 <= len(data) and data[place : place + 2] != SCAN:
        yield place
        if data[place] == SCAN[0] and data[place + 1] != SCAN[0]:
            place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        else:
            place += 1  # Filling.


def orientation(picture: Pillow.Image) -> int:
    """Return the orientation of a picture: 1 is upright, and what holds if its header tells none.

    Pillow reads all of EXIF for it, fails on odd tags, and decodes a PNG's pixels first.
    """
    exif = picture.info.get("exif", b"")
    if not isinstance(exif, bytes):  # A text of a PNG may have that name, too.
        return 1
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(f"{order}I", exif, 4)
        (tags,) = struct.unpack_from(f"{order}H", exif, start)
        for place in range(start + 2, start + 2 + 12 * tags, 12):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", exif, place)
            if tag == ORIENTATION_TAG:
                return int(value)
    except struct.error:  # It is cut short.
        pass
    return 1
