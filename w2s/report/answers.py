"""What the three models of a run got right on its test points, read back from `points.parquet`."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from w2s.errors import DataError
from w2s.results.files import POINTS, read_file, read_results, table_name
from w2s.types import BoolArray, FloatArray, StrArray

MODELS = ("weak", "student", "ceiling")

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answers:
    """What the three models of one run got right."""

    ids: StrArray
    """(n,) test points."""
    right: BoolArray
    """(n, 3): weak, student, ceiling."""


@dataclass(frozen=True)
class Difference:
    """How much more often one kind of a run's students is right than another."""

    ids: StrArray
    """(n,) test points."""
    values: FloatArray
    """(n,) in [-1, 1], mean over draws at each of them; its mean is the metric."""


def read_answers(folders: Iterable[Path]) -> list[Answers | None]:
    """The answers of each run; None where it left no predictions of all three models, or a damaged file."""
    return [_or_none(_answers, folder) for folder in folders]


def read_differences(folders: Iterable[Path], column: str) -> list[Difference | None]:
    """A column of differences of each run; None where it left none, or a damaged file."""
    return [_or_none(lambda each: _difference(each, column), folder) for folder in folders]


def _or_none(read: Callable[[Path], T | None], folder: Path) -> T | None:
    try:
        return read(folder)
    except DataError as error:
        log.warning("%s; it is left out.", error)
        return None


def _answers(folder: Path) -> Answers | None:
    read = _test_points(folder, ("label", *MODELS))
    if read is None:
        return None
    labels = read["label"].astype(np.int64)
    models = [[read[name] for name in read if name == model or name.startswith(f"{model}_")] for model in MODELS]
    return Answers(read["id"].astype(np.str_), np.stack([_classes(columns) == labels for columns in models], axis=1))


def _difference(folder: Path, column: str) -> Difference | None:
    read = _test_points(folder, (column,))
    return None if read is None else Difference(read["id"].astype(np.str_), read[column].astype(np.float64))


def _test_points(folder: Path, wanted: Sequence[str]) -> Mapping[str, Any] | None:
    """The ids and the columns `wanted` of the test points, also those that a column's name and a class make up."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    results = read_results(folder)
    if results is None or table_name(POINTS) not in results.files:
        return None
    content = read_file(folder, results, table_name(POINTS))
    try:
        with pq.ParquetFile(io.BytesIO(content)) as file:
            names = file.schema_arrow.names
            columns = [[name for name in names if re.fullmatch(rf"{each}(_\d+)?", name)] for each in wanted]
            if not all(columns):
                return None
            table = file.read(["id", "split", *(name for part in columns for name in part)], use_threads=False)
    except pa.ArrowException as error:
        raise DataError(f"{folder / table_name(POINTS)}: no parquet file ({error})") from error
    test = np.flatnonzero(table.column("split").to_numpy() == "test")
    return {name: table.column(name).to_numpy()[test] for name in table.column_names}


def _classes(columns: list[FloatArray]) -> Any:
    """(n,) predicted classes: from the probability of class 1, or of every class; the lowest class on ties."""
    return (columns[0] > 0.5).astype(np.int64) if len(columns) == 1 else np.argmax(np.stack(columns), axis=0)
