"""The files that a run leaves in its folder, written whole and read with their checksums."""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from w2s.errors import DataError, require
from w2s.identity import content_hash
from w2s.results.provenance import git_state, versions
from w2s.results.recorder import Recorder
from w2s.results.schema import FORMAT, RunIdentity, RunResults, parse_results
from w2s.utils.files import atomic_write, open_regular, write_text
from w2s.utils.reading import reading
from w2s.utils.sealing import sealed
from w2s.utils.text import texts_for_csv

if TYPE_CHECKING:
    import pandas as pd

RESULTS = "results.json"
PAGE = "report.html"
FIGURES = "figures"
LACKING = ".lacking"
"""File among figures of which one could not be drawn or written: the same command draws them again."""
FITTED = "fitted"
"""Folder of what the run fitted."""
POINTS, CURVE, ROUNDS, SOURCES, TRAINING = "points", "curve", "rounds", "sources", "training"
EXAMPLES, TERMS, MAP, PICKS = "examples", "terms", "map", "picks"
"""Names of tables."""
IN_WORDS = frozenset({EXAMPLES, TERMS, PICKS})
"""Tables of a look at the points that hold the data's own words."""
FOR_PEOPLE = (PICKS, SOURCES)
"""Tables that are also written as CSV that a spreadsheet may open."""
MOST_IN_SHEET = 100_000
"""Rows of such a CSV, the first of the table."""

log = logging.getLogger(__name__)


def write_results(
    folder: Path,
    run: RunIdentity,
    recorder: Recorder,
    error: BaseException | None = None,
    *,
    fitted: Iterable[Path] = (),
) -> RunResults:
    """Write tables first and `results.json` last, each to a temporary name and then renamed; returns the results.

    Args:
        folder: of the run.
        run: who it is.
        recorder: what it found.
        error: why it failed, if it did.
        fitted: files that lie in the folder already and belong to the results.
    """
    for name, frame in recorder.tables.items():
        with atomic_write(folder / table_name(name)) as partial:
            frame.to_parquet(partial, index=False)
    sheets = [f"{name}.csv" for name in FOR_PEOPLE if name in recorder.tables]
    for name in sheets:
        with atomic_write(folder / name) as partial:
            texts_for_csv(recorder.tables[Path(name).stem].head(MOST_IN_SHEET)).to_csv(partial, index=False)
    names = [*map(table_name, recorder.tables), *sheets, *(path.relative_to(folder).as_posix() for path in fitted)]
    results = RunResults(
        **vars(run),
        format=FORMAT,
        status="ok" if error is None else "failed",
        error=None if error is None else f"{type(error).__name__}: {error}",
        metrics=recorder.metrics,
        skipped=recorder.skipped,
        notes=recorder.notes,
        facts=recorder.facts,
        seconds={name: round(seconds, 3) for name, seconds in recorder.seconds.items()},
        versions=versions(),
        git=git_state(),
        files={name: content_hash(folder / name) for name in names},
    )
    write_text(folder / RESULTS, sealed(json.dumps(results.json(), indent=2, allow_nan=False)))
    return results


def read_results(folder: Path) -> RunResults | None:
    """The results in `folder`, or None where no run has ended there.

    Raises:
        DataError: the file is damaged, of another format, or cannot be read.
    """
    path = folder / RESULTS
    if not path.exists():
        return None
    with reading(f"{path}: not the results of a run", DataError):
        return parse_results(read_bytes(path), path)


def ended_run(folder: Path) -> RunResults | None:
    """The results of a run that is all there; None, and a line in the log, where it is damaged."""
    try:
        results = read_results(folder)
        if results is not None:
            for name in results.files:
                read_file(folder, results, name)
    except DataError as error:
        log.warning("%s; the run counts as not done.", error)
        return None
    return results


def is_drawn(folder: Path) -> bool:
    """Whether the page of the run in a folder is there, and none of its figures failed."""
    return (folder / PAGE).exists() and not (folder / FIGURES / LACKING).exists()


def read_table(folder: Path, results: RunResults, name: str) -> pd.DataFrame | None:
    """A table of the run, or None where it left none of that name.

    Raises:
        DataError: the file is gone or damaged.
    """
    import pandas as pd

    file = table_name(name)
    if file not in results.files:
        return None
    with reading(f"{folder / file}: no table", DataError):
        return pd.read_parquet(io.BytesIO(read_file(folder, results, file)))


def read_file(folder: Path, results: RunResults, name: str) -> bytes:
    """The bytes of one of the run's files.

    Raises:
        DataError: the file is gone, or its bytes are not those that the run wrote.
    """
    path = folder / name
    require(
        not Path(name).is_absolute() and ".." not in Path(name).parts,
        f"{folder / RESULTS}: names a file outside its folder",
        DataError,
    )
    content = read_bytes(path)
    if checksum(content) != results.files[name]:
        raise DataError(f"{path}: damaged, not the bytes that the run wrote")
    return content


def read_bytes(path: Path) -> bytes:
    """The content of a regular file.

    Raises:
        DataError: it is none, or cannot be read.
    """
    with reading(f"{path}: cannot be read", DataError), open_regular(path) as stream:
        return stream.read()


def table_name(name: str) -> str:
    """The file of a table."""
    return f"{name}.parquet"


def checksum(content: bytes) -> str:
    """sha256 as 64 hex digits."""
    return hashlib.sha256(content).hexdigest()
