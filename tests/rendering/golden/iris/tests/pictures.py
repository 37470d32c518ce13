"""Picture files, for tests of models that see or show pictures."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Pixels = NDArray[np.uint8]
ORIENTATION_TAG = 0x0112
MODES = {1: "L", 3: "RGB", 4: "RGBA"}
# How an upright picture has to be stored, by the orientation that its EXIF data then tell.
STORED: dict[int, Callable[[Pixels], Pixels]] = {
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: np.swapaxes(pixels, 0, 1),
    6: lambda pixels: np.rot90(pixels),
    7: lambda pixels: np.rot90(np.swapaxes(pixels, 0, 1), 2),
    8: lambda pixels: np.rot90(pixels, -1),
}


def encode(pixels: Pixels, file_format: str, **options: Any) -> bytes:
    """Return pixels of shape (height, width) or (height, width, channels) as a file."""
    file = io.BytesIO()
    flat = pixels[:, :, 0] if pixels.shape[2:] == (1,) else pixels
    Image.fromarray(np.ascontiguousarray(flat)).save(file, file_format, **options)
    return file.getvalue()


def png(pixels: Pixels) -> bytes:
    """Return pixels of shape (height, width) or (height, width, channels) as a PNG file."""
    return encode(pixels, "PNG")


def pixels(file: bytes, channels: int) -> Pixels:
    """Return a picture file as upright pixels of shape (height, width, channels)."""
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(file)))
    return np.atleast_3d(np.asarray(upright.convert(MODES[channels])))


def stored(upright: Pixels, orientation: int) -> bytes:
    """Return a PNG file of a picture that lies, or is mirrored, and whose EXIF data say so."""
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    return encode(STORED[orientation](upright), "PNG", exif=exif.tobytes())


def files(dims: tuple[int, ...]) -> dict[str, tuple[bytes, Pixels]]:
    """Return files that a server takes, by title, each with the pixels that the model sees."""
    height, width, channels = dims
    pixels = (np.arange(height * width * channels) % 251).astype(np.uint8).reshape(dims)
    pixels[:, :, 3:] |= 1  # Where nothing shows, some formats keep no colours.
    found = {
        "PNG": (png(pixels), pixels),
        "WebP": (encode(pixels, "WEBP", lossless=True, exact=True), pixels),
        "JPEG": (encode(np.full((height, width), 128, np.uint8), "JPEG"), grey(dims, 128)),
        "grey": (encode(np.full((height, width), 99, np.uint8), "PNG"), grey(dims, 99)),
    }
    for orientation in STORED:
        found[f"orientation {orientation}"] = (stored(pixels, orientation), pixels)
    return found


def grey(dims: tuple[int, ...], shade: int) -> Pixels:
    """Return the pixels of a picture that is all grey, and opaque if it may be anything else."""
    pixels = np.full(dims, shade, np.uint8)
    pixels[:, :, 3:] = 255
    return pixels
