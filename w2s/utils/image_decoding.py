"""Pictures: bytes that are known by their hash, and read as RGB however they were saved."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from w2s.errors import DataError, require
from w2s.types import Picture
from w2s.utils.files import open_regular
from w2s.utils.reading import reading

if TYPE_CHECKING:
    from PIL import Image

REMEDY = "Repair it, or take it out of the data."
DEEP = 257
"""A grey value of 16 bits over one of 8: 65,535 is 255."""


@dataclass(frozen=True)
class FilePicture:
    """A picture in a file of its own."""

    name: str
    """The file's path."""

    @cached_property
    def sha256(self) -> bytes:
        """Of the file as it was when it was first asked for."""
        return hashlib.sha256(self._bytes()).digest()

    def read(self) -> bytes:
        """The file's bytes, the same as those that were hashed."""
        found = self._bytes()
        require(
            hashlib.sha256(found).digest() == self.sha256,
            f"{self.name} was changed during the run. Run it again.",
            DataError,
        )
        return found

    def _bytes(self) -> bytes:
        with reading(f"{self.name} cannot be read", DataError, REMEDY), open_regular(Path(self.name)) as stream:
            return stream.read()


@dataclass(frozen=True)
class HeldPicture:
    """A picture whose file lies in memory, as in a column of a table."""

    name: str
    data: bytes

    @cached_property
    def sha256(self) -> bytes:
        """Of the bytes."""
        return hashlib.sha256(self.data).digest()

    def read(self) -> bytes:
        """The bytes."""
        return self.data


def grey_picture(name: str, pixels: np.ndarray) -> HeldPicture:
    """(h, w) grey values in {0 ... 255} as a picture: the same bytes on every machine (PGM, which is not compressed)."""
    height, width = pixels.shape
    return HeldPicture(name, b"P5 %d %d 255\n" % (width, height) + pixels.astype(np.uint8).tobytes())


def decoded(picture: Picture) -> Image.Image:
    """The picture in RGB, upright.

    Turned as its EXIF tag says; grey and palette become colours, 16 bits become 8, what shows through becomes white, and of
    several frames the first is read.

    Raises:
        DataError: in one line that names the file, where it is no picture or a broken one.
    """
    data = picture.read()
    with reading(f"{picture.name} is no picture that can be read", DataError, REMEDY):
        from PIL import Image, ImageOps

        with Image.open(BytesIO(data)) as opened:
            opened.load()
            ImageOps.exif_transpose(opened, in_place=True)  # copies only what is turned
            return _in_colours(opened)


def _in_colours(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode == "F":
        raise ValueError("its numbers are not whole, so that nobody knows which is white")
    if image.mode.startswith("I"):
        values = np.asarray(image, dtype=np.int64)
        return Image.fromarray(np.clip(np.rint(values / DEEP), 0, 255).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
    return image.convert("RGB")


def thumbnail(picture: Picture, side: int) -> str:
    """The picture at most `side` pixels wide and high (small ones enlarged in whole steps), as a data URI of a PNG."""
    image = decoded(picture)
    if max(image.size) > side:
        image.thumbnail((side, side))
    else:
        step = side // max(image.size)
        image = image.resize((image.width * step, image.height * step), 0)  # nearest: pixels stay what they are
    into = BytesIO()
    image.save(into, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(into.getvalue()).decode()}"
