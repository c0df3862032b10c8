"""Plain files that any program reads."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from w2s.tracker.none import NoTracker
from w2s.utils.text import for_csv, texts_for_csv

if TYPE_CHECKING:
    import pandas as pd

HEAD = ("step", "metric", "value")


@dataclass(kw_only=True)
class CsvTracker(NoTracker):
    """Writes a run's metrics, steps and tables as CSV.

    `metrics.csv` has a line for each metric of each step, and those of the end without a step; every other table a file.
    """

    path: Path | None = None
    """The folder; None: `csv/` in the run's folder."""

    @property
    def target(self) -> Path:
        """The folder that is written to."""
        return self.path or self.folder / "csv"

    def __enter__(self) -> Self:
        """Make the folder; an earlier attempt's metrics are replaced."""
        self.target.mkdir(parents=True, exist_ok=True)
        self._lines("w", [HEAD])
        return self

    def log(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Append to `metrics.csv`."""
        self._lines("a", [("" if step is None else step, for_csv(name), value) for name, value in metrics.items()])

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """Write the table's own file."""
        texts_for_csv(frame).to_csv(self.target / f"{name}.csv", index=False)

    def note(self, text: str) -> None:
        """Write `notes.txt`."""
        (self.target / "notes.txt").write_text(f"{text}\n", encoding="utf-8")

    def _lines(self, mode: str, rows: Sequence[Sequence[object]]) -> None:
        with (self.target / "metrics.csv").open(mode, encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
