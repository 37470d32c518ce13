"""Fields of pictures."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from contract import columns_of, gathered, pb, read, row_of, unpacked, unpacked_column
from engine.fields import Image, images
from engine.fields.images import HEADER_BYTES, NOT_AN_IMAGE, PIXEL_BYTES
from engine.fields.violations import InvalidError, InvalidOutputError
from PIL import Image as Pillow

FREE = Image("photo", channels=3, about="What it looks like.")
SIZED = Image("photo", channels=3, size=(2, 4))
GRAY = Image("photo", channels=1, size=(2, 4))
CLEAR = Image("photo", channels=4)

# Two rows of four pixels; the first one is red.
PIXELS = np.zeros((2, 4, 3), np.uint8)
PIXELS[0, 0] = (255, 0, 0)


def picture(
    pixels: Any = PIXELS, *, form: str = "PNG", orientation: int = 1, **options: Any
) -> bytes:
    """Return a picture as a file."""
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Pillow.fromarray(pixels).save(file, form, exif=exif, **options)
    return file.getvalue()


@pytest.mark.parametrize("field", [FREE, SIZED])
@pytest.mark.parametrize(("form", "options"), [("PNG", {}), ("WEBP", {"lossless": True})])
def test_pictures_come_as_pixels(field: Image, form: str, options: dict[str, Any]) -> None:
    data = picture(form=form, **options)
    columns = [gathered(field, data, data), np.asarray(read(field, [data, data]))]
    for column in columns:
        assert column.dtype == np.uint8
        np.testing.assert_array_equal(column, [PIXELS, PIXELS])


def test_a_jpeg_is_nearly_what_it_was() -> None:
    [found] = gathered(SIZED, picture(np.full((2, 4, 3), 200, np.uint8), form="JPEG"))
    assert abs(found.astype(int) - 200).max() < 5


def test_pictures_of_any_size_are_an_array_each() -> None:
    found = read(FREE, [picture(), picture(np.zeros((1, 1, 3), np.uint8))])
    assert [each.shape for each in found] == [(2, 4, 3), (1, 1, 3)]
    assert FREE.shape(row_of(FREE, picture())) == ()


def test_pictures_come_in_the_colours_of_their_field() -> None:
    [gray] = gathered(GRAY, picture())
    assert gray.shape == (2, 4, 1)
    assert gray[0, 0, 0] == 76
    [clear] = gathered(CLEAR, picture())
    assert clear[0, 0].tolist() == [255, 0, 0, 255]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_lies_is_turned_upright(orientation: int) -> None:
    lies = orientation >= 5
    turned = np.zeros((4, 2, 3), np.uint8) if lies else np.zeros((2, 4, 3), np.uint8)
    [column] = gathered(SIZED, picture(turned, orientation=orientation))
    assert column.shape == (2, 4, 3)


@pytest.mark.parametrize("data", [b"", b"text", picture()[:20]])
def test_what_is_no_picture_is_told(data: bytes) -> None:
    assert FREE.check(pb.Row(photo=data)) == ("photo", NOT_AN_IMAGE)
    with pytest.raises(InvalidError) as caught:
        FREE.read(pb.Columns(photo=[picture(), data]), 2)
    assert caught.value.violations == (("photo[1]", NOT_AN_IMAGE),)


def test_a_picture_that_ends_early_is_told() -> None:
    data = picture(np.random.default_rng(0).integers(0, 255, (2, 4, 3), np.uint8))[:-30]
    assert FREE.check(pb.Row(photo=data)) is None
    with pytest.raises(InvalidError, match=f"photo: {NOT_AN_IMAGE}"):
        FREE.gather([pb.Row(photo=data)])
    with pytest.raises(InvalidError, match=rf"photo\[0\]: {NOT_AN_IMAGE}"):
        FREE.read(pb.Columns(photo=[data]), 1)


def test_a_picture_is_required() -> None:
    assert FREE.check(pb.Row()) == ("photo", "required")
    for missing in (None, pd.NA):
        assert row_of(FREE, missing) == pb.Row()
        with pytest.raises(InvalidError, match=r"photo\[0\]: required"):
            columns_of(FREE, [missing])


def test_a_picture_of_another_size_is_told() -> None:
    data = picture(np.zeros((4, 2, 3), np.uint8))
    fault = "expected 4 x 2 pixels, got 2 x 4"
    assert SIZED.check(pb.Row(photo=data)) == ("photo", fault)
    with pytest.raises(InvalidError) as caught:
        SIZED.read(pb.Columns(photo=[picture(), data]), 2)
    assert caught.value.violations == (("photo[1]", fault),)


def test_a_picture_that_is_too_large_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "LARGEST_IMAGE", 7)
    assert FREE.check(pb.Row(photo=picture())) == ("photo", "4 x 2 is more than 7 pixels")


def test_of_many_wrong_pictures_the_first_are_told() -> None:
    with pytest.raises(InvalidError) as caught:
        FREE.read(pb.Columns(photo=[b""] * 2000), 2000)
    assert len(caught.value.violations) == 1000


@pytest.mark.parametrize("value", ["path.png", 1])
def test_a_value_that_is_no_file_is_told(value: Any) -> None:
    with pytest.raises(InvalidError, match="photo: expected bytes, got"):
        row_of(FREE, value)
    with pytest.raises(InvalidError, match=r"photo\[0\]: expected bytes, got"):
        columns_of(FREE, [value])
    with pytest.raises(InvalidError, match="expected one value a row"):
        columns_of(FREE, PIXELS)


@pytest.mark.parametrize(
    ("field", "pixels"),
    [(FREE, PIXELS), (GRAY, PIXELS[..., :1]), (CLEAR, np.ones((1, 1, 4), "u1"))],
)
def test_answers_are_files(field: Image, pixels: Any) -> None:
    for data in (*unpacked(field, [pixels]), *unpacked_column(field, [pixels])):
        found = np.asarray(Pillow.open(io.BytesIO(data), formats=["PNG"]))
        np.testing.assert_array_equal(found.reshape(pixels.shape), pixels)


def test_an_answer_that_does_not_fit_is_told() -> None:
    with pytest.raises(InvalidOutputError, match="photo: expected dtype uint8, got float64"):
        FREE.fit(np.ones((1, 2, 2, 3)), 1)
    with pytest.raises(InvalidOutputError, match=r"photo: expected shape \(2, 4, 3\), got \(1, 4"):
        SIZED.fit(np.ones((1, 1, 4, 3), np.uint8), 1)
    with pytest.raises(InvalidOutputError, match="photo: expected 2 arrays, got 1"):
        FREE.fit([PIXELS], 2)


def test_an_answer_that_is_not_set_is_told() -> None:
    with pytest.raises(InvalidError, match="photo: it is not set"):
        FREE.unpack(pb.Row())


def test_the_command_line_takes_files(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(picture())
    assert FREE.from_option(path) == FREE.from_cell(f" {path} ") == picture()
    assert FREE.from_cell("") is None
    assert FREE.from_json(base64.b64encode(picture()).decode()) == picture()
    assert FREE.option.type is Path
    assert FREE.help == "What it looks like. A PNG, JPEG or WebP file. Required."
    assert SIZED.help == "A PNG, JPEG or WebP file of 4 x 2 pixels. Required."
    with pytest.raises(OSError, match="No such file"):
        FREE.from_cell(str(tmp_path / "none.png"))


def test_a_picture_takes_up_what_it_takes_to_decode_it() -> None:
    assert FREE.decodes
    assert (FREE.varies, SIZED.varies) == (True, False)
    assert (FREE.input_bytes, SIZED.input_bytes) == (HEADER_BYTES, 8 * PIXEL_BYTES)
    assert (FREE.output_bytes, SIZED.output_bytes) == (0, 24)
    assert FREE.more_bytes(pb.Row(photo=picture())) == 8 * PIXEL_BYTES
    assert FREE.more_bytes(pb.Row(photo=b"text")) == SIZED.more_bytes(pb.Row(photo=picture())) == 0
    assert FREE.more_column_bytes(pb.Columns(photo=[picture()] * 2)) == 16 * PIXEL_BYTES
    assert FREE.elements == "uint8"


def test_the_made_up_picture_is_black() -> None:
    assert FREE.sample().shape == (1, 32, 32, 3)
    assert SIZED.sample().shape == (1, 2, 4, 3)
    assert not FREE.sample().any()
