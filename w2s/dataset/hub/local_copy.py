"""A folder with a local copy of a hub data set."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.dataset.columns.names import as_tuple, require_columns
from w2s.dataset.files.formats import SUFFIXES, column_names, kind
from w2s.dataset.files.text_files import DAMAGED
from w2s.dataset.hub.loading import quietly, tables
from w2s.errors import DataError, require, suggestion
from w2s.identity import content_hash, digest, visible_files
from w2s.utils.files import read_json, read_text
from w2s.utils.reading import reading

if TYPE_CHECKING:
    import datasets
    import pyarrow as pa

Unfold = Callable[[Any], list[dict[str, Any]]]
"""Makes rows out of the one value of a published JSON file that is no list of rows."""

PART = re.compile(r"-(\d{5})-of-(\d{5})")
"""How files are named that hold one part of several."""

CARD_BYTES = 2**20
"""A larger card (README.md) is not read."""
CARD_REMEDY = "Correct what stands between its lines of three dashes, or remove the file: names then tell the splits."
MOST_BYTES = 2**32
"""A larger JSON file that has to be unfolded is not read."""

SPLIT_NAMES = {"validation": ("validation", "valid", "val", "dev")}
"""Other names that published files use for a split."""

_WORDS_STAY: dict[str, Any] = {"keep_default_na": False, "na_values": [""]}
"""Of a csv file's cells only an empty one is missing: `None` and `NA` are words."""

LOADERS: dict[str, tuple[str, dict[str, Any]]] = {
    ".parquet": ("parquet", {}),
    ".csv": ("csv", _WORDS_STAY),
    ".tsv": ("csv", _WORDS_STAY | {"sep": "\t"}),
    ".jsonl": ("json", {}),
    ".json": ("json", {}),
}
"""The loader of `datasets` for each suffix, and its settings."""


@dataclass(frozen=True)
class Mirror:
    """Splits of a data set as files of a folder: parquet, csv, tsv, jsonl or json.

    `datasets` keeps what it has read in its own cache (HF_HOME), here under a hash of the files' content: a file that has
    changed is read anew, whatever its name and time.
    """

    folder: Path
    subset: str | None
    splits: Sequence[str]
    """The splits that are wanted."""
    unfold: Unfold | None = None
    """Makes rows of JSON files that are no lists of rows."""

    def check(self, columns: Sequence[str]) -> None:
        """Open every file, and find the `columns` in its header.

        Raises:
            DataError: a split, a part of it or a column is not there, or a file is not what its suffix says.
        """
        for file in dict.fromkeys(file for files in self.files.values() for file in files):
            if self.unfold is None:
                require_columns(columns, column_names(file), str(file))

    def load(self, columns: Sequence[str]) -> dict[str, pa.Table]:
        """The `columns` of each split.

        Raises:
            DataError: a split, a part of it or a column is not there, or a file cannot be read.
        """
        data = {split: self._read(files) for split, files in self.files.items()}
        return tables(data, self.splits, columns, str(self.folder))

    def provenance(self) -> tuple[tuple[str, str], ...]:
        """What the files hold, whatever their names."""
        return (("data/sha256", digest(list(self.hashes.values()))),)

    @cached_property
    def hashes(self) -> dict[Path, str]:
        """sha256 of each file's content."""
        return {file: content_hash(file) for files in self.files.values() for file in files}

    @cached_property
    def files(self) -> dict[str, list[Path]]:
        """The files of each split, one format only, in order.

        The card (README.md) decides where it lists files. Else a file holds the split that it is called after (`test.csv`,
        `test-00000-of-00002.parquet`), or its folder (`plain_text/test/0000.parquet`), and belongs to `subset` when a
        folder above it has that name.

        Raises:
            DataError: nothing holds a split, or a part of it is missing; the message lists what is there.
        """
        return {split: self._files_of(split) for split in self.splits}

    def _files_of(self, split: str) -> list[Path]:
        named = {file.relative_to(self.folder).as_posix(): file for file in visible_files(self.folder) if kind(file)}
        declared = self._declared(split)
        if declared:
            found = [name for name in named if any(fnmatchcase(name, pattern) for pattern in declared)]
        else:
            inside = [name for name in named if self.subset in Path(name).parts[:-1]] or named
            found = [name for name in inside if _holds(Path(name), split)]
        if not found:
            listed = ", ".join(list(named)[:6]) + (f" and {len(named) - 6} more" if len(named) > 6 else "")
            told = f"{self.folder} has no file of the split '{split}'.{suggestion(split, map(_stem, named))}"
            raise DataError(f"{told}\nIt holds: {listed or 'no table file'}.")
        best = min((kind(Path(name)) or "" for name in found), key=SUFFIXES.index)
        chosen = [name for name in found if kind(Path(name)) == best]
        _require_all_parts(chosen, str(self.folder))
        return [named[name] for name in chosen]

    def _declared(self, split: str) -> tuple[str, ...]:
        """Patterns of the split's files, if the folder's card names any."""
        card = self.folder / "README.md"
        if not card.is_file():
            return ()
        from datasets.data_files import sanitize_patterns
        from datasets.utils.metadata import MetadataConfigs
        from huggingface_hub import DatasetCard

        with reading(f"{card} has a head that is no data set card's", DataError, CARD_REMEDY):
            text = read_text(card, max_bytes=CARD_BYTES)
            if not text.lstrip().startswith("---"):
                return ()
            configs = MetadataConfigs.from_dataset_card_data(DatasetCard(text).data)
            config = configs.get(self.subset or configs.get_default_config_name() or "", {})
            return as_tuple(sanitize_patterns(config.get("data_files", {})).get(split))

    def _read(self, files: Sequence[Path]) -> datasets.Dataset:
        """The rows of one split.

        Raises:
            DataError: naming the file that cannot be read; where each can be by itself, they differ.
        """
        with reading(f"The files of one split differ in {self.folder}", DataError, "Give them the same columns."):
            try:
                return self._load_dataset(files)
            except Exception:
                for file in files:
                    with reading(f"{file} cannot be read", DataError, DAMAGED):
                        self._load_dataset([file])
                raise

    def _load_dataset(self, files: Sequence[Path]) -> datasets.Dataset:
        from datasets import Dataset, load_dataset

        if self.unfold is not None:
            return Dataset.from_list([row for file in files for row in self.unfold(read_json(file, max_bytes=MOST_BYTES))])
        loader, settings = LOADERS[kind(files[0]) or ""]
        key = digest([loader, settings, [self.hashes[file] for file in files]])
        with quietly():
            return load_dataset(loader, data_files=[str(file) for file in files], split="train", config_id=key, **settings)


def _holds(path: Path, split: str) -> bool:
    """Whether the file's name, or its folder's, is that of the split."""
    words = SPLIT_NAMES.get(split, (split,))
    return path.parent.name in words or any(f"{_stem(path.name)}-".startswith(f"{word}-") for word in words)


def _stem(name: str) -> str:
    return Path(name).name.split(".")[0]


def _require_all_parts(names: Sequence[str], where: str) -> None:
    """Refuse files of which one is lacking, by the numbers in their names."""
    there = {(name[: part.start()], part[2], int(part[1])) for name in names if (part := PART.search(name))}
    for begin, n in {(begin, n) for begin, n, _ in there}:
        lacking = next((i for i in range(int(n)) if (begin, n, i) not in there), None)
        require(lacking is None, f"{where} lacks {begin}-{lacking or 0:05d}-of-{n}: complete the copy.", DataError)
