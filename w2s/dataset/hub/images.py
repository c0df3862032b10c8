"""Data sets of the hub whose points are pictures, or local copies in their schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from w2s.dataset.columns.image_cells import picture
from w2s.dataset.hub.rows import Formatter, label_codes
from w2s.dataset.hub.texts import Hub
from w2s.errors import require
from w2s.identity import identity
from w2s.types import Column, Picture

if TYPE_CHECKING:
    import pyarrow as pa


NO_TEXT = "(none)"


@identity(content=("path",), runtime=("name",))
@dataclass(frozen=True, kw_only=True)
class HubImages(Hub):
    """Pictures of any data set that the hub can show as tables, with a label each.

    The files of the pictures that the roles need are held in memory as they are, not decoded.
    """

    text: str = NO_TEXT
    """Nothing else: there is none."""
    image: str = "image"
    """Column of pictures."""
    label: str | None = "label"

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            self.text == NO_TEXT and self.candidates is None and self.functions is None and self.predictions is None,
            "text, candidates, functions, predictions: a data set of pictures has a picture and a label, no text.",
        )
        require(self.image != self.label, f"image={self.image}: it is the label column.")

    @property
    def provides(self) -> frozenset[Column]:
        """Pictures."""
        return frozenset({"images"})

    def columns(self) -> tuple[str, ...]:
        """Of pictures and of labels."""
        return self.image, str(self.label)

    def formatter(self, tables: Sequence[pa.Table]) -> tuple[Formatter, tuple[str, ...]]:
        """What makes pictures and class codes out of the rows of `tables`, and the names of the classes."""
        codes, found = label_codes([table.column(str(self.label)) for table in tables], str(self.label), self.positive)
        return PictureFormatter(self.image, str(self.label), codes), self._names(found)


@dataclass(frozen=True)
class PictureFormatter:
    """The row has a picture and a label; the draws play no part."""

    image: str
    label: str
    codes: Mapping[Any, int]
    """Label value -> class code; a value that is missing here means that the row has no label."""

    def __call__(self, row: Mapping[str, Any], coin: float, pick: float) -> tuple[Picture, int] | None:  # noqa: ARG002
        """The picture of the row and its label's code."""
        code = self.codes.get(row[self.label])
        return None if code is None else (picture(row[self.image], f"column '{self.image}'", None), code)
