"""What local copies and repositories of the hub have in common: Hugging Face's `datasets` reads both."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from w2s.dataset.columns.names import require_columns
from w2s.errors import DataError, require, suggestion

if TYPE_CHECKING:
    import pyarrow as pa


@contextmanager
def quietly() -> Iterator[None]:
    """No log lines of `datasets`, whose errors are said again in our words; its progress bars on a terminal alone.

    Nor does it count the load on the hub: a local copy is read without a word to anybody, at once where no network is.
    """
    import datasets
    from datasets import config
    from datasets.utils import logging

    verbosity, shown = logging.get_verbosity(), not datasets.are_progress_bars_disabled()
    counts, config.HF_UPDATE_DOWNLOAD_COUNTS = config.HF_UPDATE_DOWNLOAD_COUNTS, False
    logging.set_verbosity(logging.CRITICAL)
    if shown and not sys.stderr.isatty():
        datasets.disable_progress_bars()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        config.HF_UPDATE_DOWNLOAD_COUNTS = counts
        if shown:
            datasets.enable_progress_bars()


def tables(data: Mapping[str, Any], splits: Sequence[str], columns: Sequence[str], setting: str) -> dict[str, pa.Table]:
    """The `columns` of each split, mapped from the disk.

    Raises:
        DataError: a split or a column is not there; the message begins with `setting` and names the nearest.
    """
    require_splits(splits, list(data), setting)
    for split in splits:
        require_columns(columns, data[split].column_names, f"{setting}, split {split},")
    return {split: data[split].select_columns(list(columns)).with_format("arrow")[:] for split in splits}


def require_splits(wanted: Sequence[str], there: Sequence[str], setting: str) -> None:
    """Refuse a split that is not there, with the nearest one that is.

    Raises:
        DataError: naming the split, the nearest name and all splits.
    """
    for split in wanted:
        told = f"{setting} has no split '{split}'.{suggestion(split, there)}\nIts splits: {', '.join(there)}."
        require(split in there, told, DataError)
