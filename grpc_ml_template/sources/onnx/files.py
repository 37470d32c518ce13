"""The files that belong to an ONNX model: itself, and those that have its large tensors."""

import math
import os
import stat
from pathlib import Path, PurePosixPath

from ..common.opening import SourceError
from ..common.signature import ModelFile, is_gits
from .graph import Model, integers_of
from .types import BITS
from .wire import BYTES, VARINT, Span, Wire

PLACE = "model.onnx"
# More than any model has, where each tensor has a file of its own.
MOST_FILES = 10_000
SAVE_IN_ONE = (
    "save it with onnx.save(model, 'model.onnx', save_as_external_data=True, "
    "location='model.onnx.data')"
)


def model_files(wire: Wire, model: Model, path: Path) -> tuple[ModelFile, ...]:
    """The files of a model; the first is the one in the path.

    Raises:
        SourceError: If a file is missing, too small or outside of the model's folder.
    """
    ends: dict[str, int] = {}
    for tensor in model.external:
        place, end = _end_of(wire, tensor)
        ends[place] = max(end, ends.get(place, 0))
        if len(ends) > MOST_FILES:
            raise SourceError(f"its tensors are in more than {MOST_FILES} files", SAVE_IN_ONE)
    files = [ModelFile(_checked(path, place, end), place) for place, end in ends.items()]
    return (ModelFile(path, PLACE), *files)


def _end_of(wire: Wire, tensor: Span) -> tuple[str, int]:
    """The file that has a tensor, and where it ends in there."""
    said: dict[str, str] = {}
    type_ = 0
    for number, value, held in wire.fields(tensor, {2: VARINT, 13: BYTES}):
        if number == 2:
            type_ = value
        else:
            texts = {1: "", 2: ""}
            for part, _, text in wire.fields(held, {1: BYTES, 2: BYTES}):
                texts[part] = wire.text(text)
            said[texts[1]] = texts[2]
    offset = _number(said.get("offset", "0"))
    if "length" in said:
        return _place(said.get("location", "")), offset + _number(said["length"])
    elements = math.prod(max(dim, 0) for dim in integers_of(wire, tensor, 1)[:64])
    return _place(said.get("location", "")), offset + (elements * BITS.get(type_, 8) + 7) // 8


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 20:
        raise SourceError("a tensor is at no proper place in its file", SAVE_IN_ONE)
    return int(text)


def _place(location: str) -> str:
    """A relative path that stays in its folder."""
    path = PurePosixPath(location)
    if (
        not path.parts
        or path.is_absolute()
        or ".." in path.parts
        or not location.isprintable()
        or any(letter in location for letter in "\\:")
        or any(map(is_gits, path.parts))
    ):
        raise SourceError("a tensor's file is outside of the model's folder", SAVE_IN_ONE)
    if path.parts[0].lower() == PLACE:
        raise SourceError(f"a tensor is in a file that is called {PLACE} too", SAVE_IN_ONE)
    return str(path)


def _checked(path: Path, place: str, end: int) -> Path:
    """The file at a place beside the model, which has all bytes up to the end.

    The model may be a link, as in the caches of hubs; the file may be beside what that leads to.
    """
    shown = f"the file {place!a:.100} of its tensors"
    file = path.parent / place
    try:
        status = os.stat(file)
        target = file.resolve()
        folders = path.parent.resolve(), path.resolve().parent
    except (OSError, ValueError, RuntimeError):
        raise SourceError(f"{shown} is not there", "put it beside the model") from None
    if not any(target.is_relative_to(folder) for folder in folders):
        raise SourceError(f"{shown} is a link out of the model's folder", "put a copy there")
    if not stat.S_ISREG(status.st_mode):
        raise SourceError(f"{shown} is no file", SAVE_IN_ONE)
    if status.st_size < end:
        raise SourceError(
            f"{shown} has {status.st_size} bytes, not {end}", "copy it again, or export the model"
        )
    return file
