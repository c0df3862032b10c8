"""Several trackers at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from w2s.errors import ConfigError, require, suggestion
from w2s.protocols import Tracker
from w2s.tracker.guarded import Guarded
from w2s.tracker.none import NoTracker

if TYPE_CHECKING:
    import pandas as pd


@dataclass(kw_only=True)
class Several(NoTracker):
    """Tells each of the trackers that are used; where one fails the others go on.

    Raises:
        ConfigError: one that is used is not known.
    """

    use: Sequence[str]
    """Names of those that are told."""
    known: Mapping[str, Callable[..., Tracker]]
    """Name -> what makes a tracker of what is told about the run."""
    trackers: list[Guarded] = field(init=False)
    _stack: ExitStack = field(default_factory=ExitStack, init=False, repr=False)

    def __post_init__(self) -> None:
        told = ("folder", "name", "group", "run_id", "job_type", "setting", "config")
        for name in self.use:
            near = suggestion(name, self.known)
            require(name in self.known, f"tracker.use={name}: there is no such tracker.{near}", ConfigError)
        self.trackers = [Guarded(self.known[name](**{key: getattr(self, key) for key in told})) for name in self.use]

    def __enter__(self) -> Self:
        """Begin them in their order."""
        for tracker in self.trackers:
            self._stack.enter_context(tracker)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End them, the last one first."""
        self._stack.__exit__(kind, error, trace)

    def log(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Final metrics, or one step of a series, to each."""
        for tracker in self.trackers:
            tracker.log(metrics, step)

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """A table to each."""
        for tracker in self.trackers:
            tracker.table(name, frame)

    def image(self, name: str, path: Path) -> None:
        """A figure to each."""
        for tracker in self.trackers:
            tracker.image(name, path)

    def note(self, text: str) -> None:
        """What was found to each."""
        for tracker in self.trackers:
            tracker.note(text)
