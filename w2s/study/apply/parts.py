"""Parts of the answers on disk: a parquet file each, and beside it, written last, what proves that it is whole."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from w2s.errors import DataError
from w2s.study.apply.row_counts import RowCounts
from w2s.utils.files import PARTIAL, atomic_write, file_checksum, parse_json, read_text, write_text
from w2s.utils.reading import reading
from w2s.utils.sealing import ZEROS, is_whole, sealed


@dataclass(frozen=True)
class Part:
    """One of `parts` files of answers."""

    folder: Path
    number: int
    """From 0."""
    parts: int
    key: str
    """Of all that determines the answers: fitted files, new files, which of their rows."""

    @property
    def name(self) -> str:
        """Without a suffix."""
        return f"part-{self.number:05}-of-{self.parts:05}"

    @property
    def path(self) -> Path:
        """The answers."""
        return self.folder / f"{self.name}.parquet"

    @property
    def manifest(self) -> Path:
        """What proves that they are whole."""
        return self.folder / f"{self.name}.json"

    def counted(self) -> RowCounts | None:
        """What was counted in this part; None unless it is finished, whole and of the same key."""
        if not self.manifest.exists():
            return None
        with suppress(DataError), reading(str(self.manifest), DataError):
            text = read_text(self.manifest)
            stated = parse_json(text) if is_whole(text.encode()) else {}
            if stated.get("key") == self.key and stated["answers"] == file_checksum(self.path):
                return RowCounts.parse(stated["tally"])
        return None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the part against other processes; what a killed one left half done is removed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / f".{self.name}.lock"):
            for left in self.folder.glob(f"{PARTIAL}*-{self.name}.*"):
                left.unlink(missing_ok=True)
            yield

    def finish(self, counted: RowCounts) -> None:
        """Write the manifest of answers that lie there."""
        content = {"sha256": ZEROS, "key": self.key, "answers": file_checksum(self.path), "tally": counted.json()}
        write_text(self.manifest, sealed(json.dumps(content)))

    @contextmanager
    def opened(self) -> Iterator[Path]:
        """A temporary place for the answers, which take their name when all are on the disk."""
        with atomic_write(self.path) as partial:
            yield partial
            with partial.open("rb") as stream:
                os.fsync(stream.fileno())
