"""No tracking: the run's own files hold everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class NoTracker:
    """Takes what every tracker is told about a run, and sends nothing."""

    folder: Path | None = None
    name: str = ""
    group: str = ""
    run_id: str = ""
    job_type: str = ""
    setting: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)

    def __enter__(self) -> Self:
        """Begin nothing."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End nothing."""

    def log(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Send nothing."""

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """Send nothing."""

    def note(self, text: str) -> None:
        """Send nothing."""

    def image(self, name: str, path: Path) -> None:
        """Send nothing."""
