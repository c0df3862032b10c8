"""Any tracker, whose failures are said and never reach the study."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from w2s.protocols import Tracker

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)


@dataclass
class Guarded:
    """A tracker that is given up at its first failure, which is one line in the log."""

    tracker: Tracker
    _lost: bool = field(default=False, init=False)

    def __enter__(self) -> Self:
        """Begin."""
        self._attempt("could not begin", self.tracker.__enter__)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End."""
        self._attempt("could not end", lambda: self.tracker.__exit__(kind, error, trace))

    def log(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Final metrics, or one step of a series."""
        self._attempt("lost the metrics", lambda: self.tracker.log(metrics, step))

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """A table."""
        self._attempt(f"lost the table {name}", lambda: self.tracker.table(name, frame))

    def image(self, name: str, path: Path) -> None:
        """A figure."""
        self._attempt(f"lost the figure {name}", lambda: self.tracker.image(name, path))

    def note(self, text: str) -> None:
        """What was found."""
        self._attempt("lost the notes", lambda: self.tracker.note(text))

    def _attempt(self, failure: str, call: Callable[[], object]) -> None:
        if self._lost:
            return
        try:
            call()
        except Exception as error:  # noqa: BLE001  a tracker may fail in any way, and never fails the run
            self._lost = True
            said = (str(error).splitlines() or [""])[0]
            log.warning("%s %s (%s: %s).", type(self.tracker).__name__, failure, type(error).__name__, said)
            log.warning("It is told nothing more; all numbers are in the run's folder.")
