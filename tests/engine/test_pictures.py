"""Pictures that lie or are mirrored, as phones take them: the server turns them upright."""

import io
import zlib
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from engine.fields import Image as ImageField
from engine.fields.pictures import upright_size
from PIL import Image, ImageFile, ImageOps

ORIENTATION = 0x0112
HEIGHT, WIDTH = 48, 32
PHOTO = ImageField("photo", channels=3)


def taken(orientation: int, form: str) -> bytes:
    """Return a picture as a camera in some orientation writes it, 48 x 32 once it is upright."""
    size = (HEIGHT, WIDTH) if orientation >= 5 else (WIDTH, HEIGHT)
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    picture.paste((255, 0, 0), (0, 0, 16, 16))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = "The maker of the camera"
    file = io.BytesIO()
    picture.save(file, form, exif=exif)
    return file.getvalue()


def instance(data: bytes) -> Any:
    """Return what stands for a message with a picture."""
    return SimpleNamespace(photo=data, HasField=lambda name: True)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_model_sees_a_picture_upright(orientation: int, form: str) -> None:
    data = taken(orientation, form)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    assert upright.shape == (HEIGHT, WIDTH, 3)
    for field in (ImageField("photo", 3, (HEIGHT, WIDTH)), ImageField("photo", 3)):
        assert field.check(instance(data)) is None
        assert upright_size(data) == upright.shape[:2]
        np.testing.assert_array_equal(field.gather([instance(data)])[0], upright)
        np.testing.assert_array_equal(field.read(SimpleNamespace(photo=[data]), 1)[0], upright)


def test_the_size_that_is_checked_is_that_of_the_upright_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("pixels are decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", refuse)
    lying = ImageField("photo", 3, (WIDTH, HEIGHT))
    for form in ("PNG", "JPEG", "WEBP"):
        violation = lying.check(instance(taken(6, form)))
        assert violation == ("photo", "expected 48 x 32 pixels, got 32 x 48")


def test_a_picture_whose_exif_is_broken_is_taken_as_it_lies() -> None:
    field = ImageField("photo", 3)
    whole = Image.Exif()
    whole[ORIENTATION] = 6
    exif = whole.tobytes()
    odd = [exif[:length] for length in range(6, len(exif) - 12)]
    odd += [exif.replace(b"\x12\x01\x03\x00", b"\x12\x01\x03\x00\x01", 1)[: len(exif)]]
    odd += [exif[:10] + bytes([255] * 4) + exif[14:], b"Exif\x00\x00" + b"\xff" * 500]
    for content in odd:
        file = io.BytesIO()
        Image.new("RGB", (WIDTH, HEIGHT)).save(file, "PNG", exif=content)
        picture = instance(file.getvalue())
        assert field.check(picture) is None
        assert field.gather([picture]).shape == (1, *(upright_size(picture.photo) or ()), 3)


def png_with(chunk: bytes, content: bytes, times: int = 1) -> bytes:
    """Return a PNG file with the same chunk again and again."""
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "PNG")
    data = file.getvalue()
    place = data.index(b"IDAT") - 4
    checksum = zlib.crc32(chunk + content).to_bytes(4, "big")
    block = len(content).to_bytes(4, "big") + chunk + content + checksum
    return data[:place] + block * times + data[place:]


def jpeg_with(marker: bytes, times: int) -> bytes:
    """Return a JPEG file with the same empty segment again and again, before its first scan."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    data = file.getvalue()
    return data[:2] + (marker + b"\0\2") * times + data[2:]


def progressive() -> bytes:
    """Return a JPEG file with some scans, as cameras and browsers make them."""
    file = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(file, "JPEG", progressive=True)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        png_with(b"tEXt", b"a\0b", 20_000),
        jpeg_with(b"\xff\xfe", 20_000),
        progressive().replace(b"\xff\xd9", b"\xff\xda\0\2" * 101 + b"\xff\xd9"),
    ],
    ids=["chunks", "segments", "scans"],
)
def test_a_picture_of_many_parts_is_refused_before_it_is_read(data: bytes) -> None:
    fault = PHOTO.check(instance(data))
    assert fault == ("photo", "more chunks, segments or scans than a picture has")
    assert upright_size(data) is None


@pytest.mark.parametrize(
    "data",
    [png_with(b"tEXt", b"a\0b", 1000), jpeg_with(b"\xff\xfe", 1000), progressive()],
    ids=["chunks", "segments", "scans"],
)
def test_a_picture_of_some_parts_is_taken(data: bytes) -> None:
    assert PHOTO.check(instance(data)) is None


@pytest.mark.parametrize(
    "data",
    [
        png_with(b"tEXt", b"exif\0text"),
        png_with(b"iTXt", b"exif\0\0\0\0\0text"),
        png_with(b"zTXt", b"exif\0\0" + zlib.compress(b"text")),
    ],
    ids=["tEXt", "iTXt", "zTXt"],
)
def test_a_text_that_is_called_exif_is_no_orientation(data: bytes) -> None:
    assert upright_size(data) == (4, 4)


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
def test_a_picture_with_more_text_than_pictures_have_is_refused(kind: bytes) -> None:
    text = b"a" * 300_000
    head = {b"tEXt": b"a\0", b"zTXt": b"a\0\0", b"iTXt": b"a\0\1\0\0\0"}[kind]
    content = head + (text if kind == b"tEXt" else zlib.compress(text))
    assert upright_size(png_with(kind, content, 3)) == (4, 4)
    assert upright_size(png_with(kind, content, 4)) is None
