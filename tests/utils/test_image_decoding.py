"""A picture is read right however it was saved, and known by its bytes alone."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from w2s.errors import DataError
from w2s.utils.image_decoding import FilePicture, HeldPicture, decoded, grey_picture, thumbnail

GREY = np.array([[0, 64, 128], [192, 255, 32]], dtype=np.uint8)
"""(2, 3): wider than high, and no two pixels alike."""
COLOUR = np.stack([GREY, 255 - GREY, np.roll(GREY, 1)], axis=2)


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> HeldPicture:
    into = BytesIO()
    image.save(into, kind, **options)
    return HeldPicture("a picture", into.getvalue())


def pixels(picture: HeldPicture) -> np.ndarray:
    image = decoded(picture)
    assert image.mode == "RGB"
    return np.asarray(image)


def test_grey_becomes_three_equal_colours() -> None:
    expected = np.repeat(GREY[:, :, None], 3, axis=2)
    np.testing.assert_array_equal(pixels(saved(Image.fromarray(GREY))), expected)
    np.testing.assert_array_equal(pixels(grey_picture("digit", GREY)), expected)


def test_16_bits_become_8() -> None:
    deep = Image.fromarray(GREY.astype(np.uint16) * 257)
    for kind in ("PNG", "TIFF"):
        np.testing.assert_array_equal(pixels(saved(deep, kind))[:, :, 0], GREY)


def test_a_palette_becomes_its_colours() -> None:
    palette = Image.fromarray(COLOUR).quantize(6)
    np.testing.assert_array_equal(pixels(saved(palette)), np.asarray(palette.convert("RGB")))
    assert len(np.unique(pixels(saved(palette)).reshape(-1, 3), axis=0)) > 2


def test_what_shows_through_becomes_white() -> None:
    alpha = np.full((2, 3, 1), 255, dtype=np.uint8)
    alpha[0, 0], alpha[1, 2] = 0, 128
    found = pixels(saved(Image.fromarray(np.concatenate([COLOUR, alpha], axis=2))))
    np.testing.assert_array_equal(found[0, 0], 255)
    np.testing.assert_array_equal(found[0, 1:], COLOUR[0, 1:])
    np.testing.assert_allclose(found[1, 2], 0.5 * COLOUR[1, 2] + 127, atol=2)
    grey = saved(Image.fromarray(np.stack([GREY, alpha[:, :, 0]], axis=2)))
    np.testing.assert_array_equal(pixels(grey)[0, 0], 255)
    indexed = Image.fromarray(COLOUR).quantize(6)
    through = saved(indexed, transparency=indexed.getpixel((1, 0)))
    np.testing.assert_array_equal(pixels(through)[0, 1], 255)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_its_camera_says(orientation: int) -> None:
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # what a camera held like this saves, as Pillow numbers its turns
    upright = Image.fromarray(COLOUR)
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(back[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    np.testing.assert_array_equal(pixels(saved(stored, exif=exif)), COLOUR)


def test_of_several_frames_the_first_is_read() -> None:
    first, second = Image.fromarray(COLOUR).quantize(6), Image.fromarray(255 - COLOUR).quantize(6)
    moving = saved(first, "GIF", save_all=True, append_images=[second])
    np.testing.assert_array_equal(pixels(moving), pixels(saved(first, "GIF")))


@pytest.mark.parametrize("damage", ["cut", "empty", "text"])
def test_a_broken_picture_is_named_in_one_line(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "cat 17.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 40, 3)).astype(np.uint8)).save(file)
    whole = file.read_bytes()
    file.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "text": b"not a picture"}[damage])
    with pytest.raises(DataError, match=r"cat 17\.png is no picture that can be read: ") as caught:
        decoded(FilePicture(str(file)))
    assert str(caught.value).count("\n") == 1  # and the remedy


def test_a_picture_is_known_by_its_bytes_alone(tmp_path: Path) -> None:
    for name, values in (("a.png", COLOUR), ("b.png", COLOUR), ("c.png", 255 - COLOUR)):
        Image.fromarray(values).save(tmp_path / name)
    a, b, c = (FilePicture(str(tmp_path / name)) for name in ("a.png", "b.png", "c.png"))
    assert a.sha256 == b.sha256 == HeldPicture("held", (tmp_path / "a.png").read_bytes()).sha256 != c.sha256


def test_a_file_that_changes_after_it_was_hashed_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    Image.fromarray(COLOUR).save(file)
    picture = FilePicture(str(file))
    assert picture.sha256
    Image.fromarray(255 - COLOUR).save(file)
    with pytest.raises(DataError, match="was changed during the run"):
        picture.read()


def test_a_thumbnail_is_small_and_keeps_the_pixels_of_a_small_picture() -> None:
    large = saved(Image.fromarray(np.zeros((400, 200, 3), dtype=np.uint8)))
    for picture, size in ((large, (32, 64)), (saved(Image.fromarray(COLOUR)), (63, 42))):
        address = thumbnail(picture, 64)
        assert address.startswith("data:image/png;base64,")
        import base64

        with Image.open(BytesIO(base64.b64decode(address.split(",")[1]))) as image:
            assert image.size == size
