"""Fields of pictures."""

import math
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .field import Column, Field, Option, fits
from .scalars import refuse_unset
from .values import from_base64, put, put_all, read_file, refuse_wide
from .varying import fit_list
from .violations import MOST_FAULTS, InvalidError, InvalidOutputError, Violation

LARGEST_IMAGE = 50_000_000
# What a pixel takes up while it is decoded: four bytes in each of Pillow's pictures, as read and as
# turned upright or in other colours, and three in each array, as copied from it and for the model.
PIXEL_BYTES = 16
# What it takes up to look at the size of a picture.
HEADER_BYTES = 512
NOT_AN_IMAGE = "not a PNG, JPEG or WebP image that can be read"
CROWDED = "more chunks, segments or scans than a picture has"


class Image(Field):
    """A picture as a file; predictions hold PNG files.

    The column of an input holds pixels, as uint8 of shape (n, height, width, channels). A picture
    whose EXIF orientation says that it lies or is mirrored is turned upright. The column of an
    output is a list of uint8 arrays of shape (height, width, channels).

    Args:
        size: The height and width that every picture must have; None where any will do.
    """

    decodes = True
    elements = "uint8"
    dtype = np.dtype(np.uint8)

    def __init__(
        self,
        name: str,
        channels: int,
        size: tuple[int, int] | None = None,
        *,
        about: str = "",
        alias: str = "",
    ) -> None:
        super().__init__(name, about=about, alias=alias)
        self.varies = size is None
        self.dims = (*(size or (None, None)), channels)
        self._size = size
        self._channels = channels
        self.input_bytes = math.prod(size) * PIXEL_BYTES if size else HEADER_BYTES
        self.output_bytes = math.prod(size) * channels if size else 0

    def check(self, instance: Any) -> Violation | None:
        if not instance.HasField(self.name):
            return Violation(self.name, "required")
        return self._check(self.name, self.value(instance))

    def _check(self, path: str, data: bytes) -> Violation | None:
        from .pictures import is_crowded, upright_size

        size = upright_size(data)
        if size is None:
            return Violation(path, CROWDED if is_crowded(data) else NOT_AN_IMAGE)
        height, width = size
        if width * height > LARGEST_IMAGE:
            return Violation(path, f"{width} x {height} is more than {LARGEST_IMAGE} pixels")
        if self._size and self._size != size:
            expected = f"{self._size[1]} x {self._size[0]} pixels"
            return Violation(path, f"expected {expected}, got {width} x {height}")
        return None

    def gather(self, instances: Sequence[Any]) -> NDArray[Any]:
        found = [self._pixels(self.name, self.value(instance)) for instance in instances]
        return np.stack(found) if len(found) > 1 else found[0][np.newaxis]

    def _pixels(self, path: str, data: bytes) -> NDArray[np.uint8]:
        from .pictures import pixels

        found = pixels(data, self._channels)
        if found is None:
            raise InvalidError([Violation(path, NOT_AN_IMAGE)])
        return found

    def more_bytes(self, instance: Any) -> int:
        return self._decoded_bytes(self.value(instance))

    def more_column_bytes(self, columns: Any) -> int:
        return sum(map(self._decoded_bytes, self.value(columns)))

    def _decoded_bytes(self, data: bytes) -> int:
        """Return what it takes up to decode a picture of any size; nothing if it is none."""
        from .pictures import upright_size

        return 0 if self._size else math.prod(upright_size(data) or (0,)) * PIXEL_BYTES

    def read(self, columns: Any, rows: int) -> Column:
        files = [(f"{self.name}[{row}]", data) for row, data in enumerate(self.value(columns))]
        faults = filter(None, (self._check(*file) for file in files))
        if violations := [*islice(faults, MOST_FAULTS)]:
            raise InvalidError(violations)
        found = [self._pixels(*file) for file in files]
        return np.stack(found) if self._size else found

    def sample(self) -> NDArray[Any]:
        dims = [32 if dim is None else dim for dim in self.dims]
        return np.zeros((1, *dims), np.uint8)

    def fit(self, column: Any, rows: int) -> list[NDArray[np.uint8]]:
        return [self._fit(np.asarray(each)) for each in fit_list(self.name, column, rows)]

    def _fit(self, array: NDArray[Any]) -> NDArray[np.uint8]:
        if array.dtype != np.uint8:
            raise InvalidOutputError(f"{self.name}: expected dtype uint8, got {array.dtype}")
        if not fits(array.shape, self.dims):
            expected = f"expected shape {self.dims}"
            raise InvalidOutputError(f"{self.name}: {expected}, got {array.shape}")
        return array

    def write(self, predictions: Sequence[Any], column: Sequence[NDArray[np.uint8]]) -> None:
        from .pictures import png

        for prediction, array in zip(predictions, column, strict=True):
            setattr(prediction, self.name, png(array))

    def kept(self, column: Sequence[NDArray[np.uint8]]) -> list[bytes]:
        from .pictures import png

        return [*map(png, column)]

    def append(self, columns: Any, column: Sequence[bytes]) -> None:
        self.value(columns).extend(column)

    def pack(self, instance: Any, value: Any) -> None:
        if not self.is_missing(value):
            put(instance, self.name, value)

    def pack_column(self, columns: Any, values: Any) -> None:
        refuse_wide(self.name, values)
        put_all(columns, self.name, values, self.is_missing)

    def unpack(self, prediction: Any) -> Any:
        refuse_unset(prediction, self.name)
        return self.value(prediction)

    def unpack_column(self, columns: Any) -> list[bytes]:
        return list(self.value(columns))

    @property
    def option(self) -> Option:
        size = f" of {self._size[1]} x {self._size[0]} pixels" if self._size else ""
        return Option(Path, f"A PNG, JPEG or WebP file{size}.")

    def from_option(self, value: Path) -> bytes:
        return read_file(value)

    def parse(self, text: str) -> bytes:
        return read_file(Path(text))

    def from_json(self, value: Any) -> Any:
        return from_base64(value)
