"""Any trackers, whose failures are said and never reach the study."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from w2s.errors import require, suggestion
from w2s.protocols import Tracker
from w2s.utils.text import printable

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)


class Guarded:
    """Trackers that are told the same; one is given up at its first failure, which is one line in the log."""

    def __init__(self, trackers: Iterable[Tracker]) -> None:
        self.trackers = list(trackers)

    def __enter__(self) -> Self:
        """Begin."""
        self._each("could not begin", lambda tracker: tracker.__enter__())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End."""
        self._each("could not end", lambda tracker: tracker.__exit__(kind, error, trace))

    def log(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Final metrics, or one step of a series."""
        self._each("lost the metrics", lambda tracker: tracker.log(metrics, step))

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """A table."""
        self._each(f"lost the table {name}", lambda tracker: tracker.table(name, frame))

    def image(self, name: str, path: Path) -> None:
        """A figure."""
        self._each(f"lost the figure {name}", lambda tracker: tracker.image(name, path))

    def note(self, text: str) -> None:
        """What was found."""
        self._each("lost the notes", lambda tracker: tracker.note(text))

    def _each(self, failure: str, call: Callable[[Tracker], object]) -> None:
        for tracker in list(self.trackers):
            try:
                call(tracker)
            except Exception as error:  # noqa: BLE001  a tracker may fail in any way, and never fails the run
                self.trackers.remove(tracker)
                said = f"{type(tracker).__name__} {failure} ({type(error).__name__}: {printable(error)})"
                log.warning("%s. It is told nothing more; all numbers are in the run's folder.", said)


def several(*, use: Sequence[str], known: Mapping[str, Callable[..., Tracker]], **told: Any) -> Guarded:
    """Several trackers at once.

    Args:
        use: names of those that are told.
        known: name -> what makes a tracker of what is told about the run.
        told: about the run, as every tracker is.

    Raises:
        ConfigError: one that is used is not known.
    """
    for name in use:
        require(name in known, f"tracker.use={name}: there is no such tracker.{suggestion(name, known)}")
    return Guarded(known[name](**told) for name in use)
