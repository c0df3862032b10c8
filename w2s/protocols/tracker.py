"""Where people compare runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

if TYPE_CHECKING:
    import pandas as pd


@runtime_checkable
class Tracker(Protocol):
    """Sends numbers, tables and figures to where people compare runs. A failing tracker never fails a run."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End; an exception marks the run as failed."""
        ...

    def log(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Final metrics (no step), or one step of a series."""
        ...

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """A table."""
        ...

    def image(self, name: str, path: Path) -> None:
        """A figure, as the path of a PNG file."""
        ...

    def note(self, text: str) -> None:
        """What the run found, in words."""
        ...
