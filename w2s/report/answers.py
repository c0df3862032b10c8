"""What the three models of a run got right on its test points, read back from `points.parquet`."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from w2s.errors import DataError
from w2s.results.files import POINTS, read_file, read_results, table_name
from w2s.types import BoolArray, FloatArray, StrArray

MODELS = ("weak", "student", "ceiling")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answers:
    """What the three models of one run got right."""

    ids: StrArray
    """(n,) test points."""
    right: BoolArray
    """(n, 3): weak, student, ceiling."""


def read_answers(folders: Iterable[Path]) -> list[Answers | None]:
    """The answers of each run; None where it left no predictions of all three models, or a damaged file."""
    return [_read_or_none(folder) for folder in folders]


def _read_or_none(folder: Path) -> Answers | None:
    try:
        return _read(folder)
    except DataError as error:
        log.warning("%s; it is left out.", error)
        return None


def _read(folder: Path) -> Answers | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    results = read_results(folder)
    if results is None or table_name(POINTS) not in results.files:
        return None
    content = read_file(folder, results, table_name(POINTS))
    try:
        with pq.ParquetFile(io.BytesIO(content)) as file:
            names = file.schema_arrow.names
            columns = {model: [name for name in names if name == model or name.startswith(f"{model}_")] for model in MODELS}
            if not all(columns.values()) or "label" not in names:
                return None
            wanted = ["id", "split", "label", *(name for part in columns.values() for name in part)]
            table = file.read(wanted, use_threads=False)
    except pa.ArrowException as error:
        raise DataError(f"{folder / table_name(POINTS)}: no parquet file ({error})") from error
    test = np.flatnonzero(table.column("split").to_numpy() == "test")
    read: Mapping[str, Any] = {name: table.column(name).to_numpy()[test] for name in table.column_names}
    labels = read["label"].astype(np.int64)
    right = [_classes([read[name] for name in columns[model]]) == labels for model in MODELS]
    return Answers(read["id"].astype(np.str_), np.stack(right, axis=1))


def _classes(columns: list[FloatArray]) -> Any:
    """(n,) predicted classes: from the probability of class 1, or of every class; the lowest class on ties."""
    return (columns[0] > 0.5).astype(np.int64) if len(columns) == 1 else np.argmax(np.stack(columns), axis=0)
