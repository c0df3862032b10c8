"""No tracking: the run's own files hold everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class NoTracker:
    """Takes everything and sends nothing."""

    def __enter__(self) -> Self:
        """Begin nothing."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End nothing."""

    def log(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Send nothing."""

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """Send nothing."""

    def image(self, name: str, path: Path) -> None:
        """Send nothing."""
