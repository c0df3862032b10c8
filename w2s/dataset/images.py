"""Bring your own pictures: a folder with a sub-folder for each class, or a table of paths and labels."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from w2s.dataset.columns.image_cells import SUFFIXES, picture_names, pictures
from w2s.dataset.columns.names import require_columns
from w2s.dataset.files.formats import kind
from w2s.dataset.files.image_paths import pictures_of_tables
from w2s.dataset.roles.dealing import SHARES
from w2s.dataset.roles.one_file import TRAIN
from w2s.dataset.table import SMALL_BYTES, Table
from w2s.errors import ConfigError, DataError, require
from w2s.identity import identity, visible_files
from w2s.types import Column, Picture, Splits
from w2s.utils.image_decoding import decoded
from w2s.utils.reading import located

if TYPE_CHECKING:
    import pyarrow as pa

ROLES = {**{role: role for role in SHARES}, TRAIN: TRAIN, "val": "validation", "valid": "validation"}
"""Folders that deal what lies in them, above those of the classes."""
READ_AT_ONCE = 8


@identity(content=("path", "functions"), runtime=("name",), behind=pictures_of_tables)
@dataclass(frozen=True, kw_only=True)
class Images(Table):
    """Pictures with a label each.

    In a folder the first sub-folder of a picture's path is its class; above it there may be folders of roles (train, test
    ...). A table (csv, jsonl, parquet) names the pictures in the column `image`, by paths from its own folder, or holds the
    bytes of their files as the hub does; all other settings are those of `dataset=table`.
    """

    image: str = "image"
    """Column of pictures, where `path` is a table."""

    def _check_place(self) -> None:
        told = "a folder with a sub-folder for each class, or a table with a column of paths"
        require(bool(self.path), f"path=null: pictures are read from {told}. Name one: dataset.path=FOLDER.")
        place = located(str(self.path), "path", ConfigError)
        require(place.is_dir() or (place.is_file() and kind(place) is not None), f"path={self.path}: it is not {told}.")

    @property
    def provides(self) -> frozenset[Column]:
        """Pictures, and what else is named."""
        named = {"features": self.features, "texts": self.text, "sources": self.source, "predictions": self.predictions}
        named["votes"] = self.votes or self.functions
        held: set[Column] = {"images"}
        held |= {name for name, there in named.items() if there}  # type: ignore[misc]
        return frozenset(held)

    def check(self) -> None:
        """Refuse what is wrong with the folder or table; all pictures are decoded where they are small together.

        Raises:
            DataError: naming the file.
        """
        splits = self.preview(0)
        if splits is not None:
            parts = (splits.weak_train, splits.pool, splits.validation, splits.test)
            every = [picture for part in parts for picture in part.inputs.images or ()]
            with ThreadPoolExecutor(READ_AT_ONCE) as threads:
                for _ in threads.map(decoded, every):
                    pass

    def preview(self, data_seed: int) -> Splits | None:
        """The data, where its files have at most `SMALL_BYTES` together."""
        place = self._file
        files = visible_files(place.parent if place.is_file() else place)
        return self.load(data_seed) if sum(file.stat().st_size for file in files) <= SMALL_BYTES else None

    def _table(self) -> pa.Table:
        if not self._file.is_dir():
            return super()._table()
        import pyarrow as pa

        names = [PurePosixPath(name) for name in picture_names(self._file)]
        told = f"path={self.path}: pictures lie in a sub-folder for each class"
        require(bool(names), f"{told}, and none is there ({', '.join(SUFFIXES[:4])} ...).", DataError)
        dealt = all(name.parts[0] in ROLES for name in names)
        least = 3 if dealt else 2
        loose = next((name for name in names if len(name.parts) < least), None)
        require(loose is None, f"{told}; {loose} lies in none.", DataError)
        columns = {
            "id": [name.as_posix() for name in names],
            self.image: [name.as_posix() for name in names],
            self.label: [name.parts[least - 2] for name in names],
        }
        return pa.table(columns | ({"split": [ROLES[name.parts[0]] for name in names]} if dealt else {}))

    def _completed(self, table: pa.Table) -> Table:
        made = super()._completed(table)
        return replace(made, split="split") if self._file.is_dir() and "split" in table.column_names else made

    def _need_columns(self, columns: Sequence[str]) -> None:
        super()._need_columns(columns)
        require_columns([self.image], columns, self._file.name, setting="image")

    def _features(self, table: pa.Table) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return super()._features(table) if self.features is not None else ((), ())

    def _deal_out(self, table: pa.Table, data_seed: int) -> Splits:
        splits = super()._deal_out(table, data_seed)
        assert splits.columns is not None, "every table says how its columns were read"
        return replace(splits, columns=replace(splits.columns, image=self.image))

    def _images(self, table: pa.Table) -> tuple[Picture, ...]:
        folder = self._file if self._file.is_dir() else self._file.parent
        return pictures(table.column(self.image), self.image, folder)
