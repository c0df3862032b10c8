"""No tracking: the run's own files hold everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import pandas as pd


@dataclass(kw_only=True)
class NoTracker:
    """Takes what every tracker is told about a run, and sends nothing."""

    folder: Path = Path()
    """The run's output folder."""
    name: str = ""
    """Readable name of the run."""
    group: str = ""
    """What all seeds of one setting share: its name and signature."""
    run_id: str = ""
    """Unique for this attempt; a retried run is a new one."""
    job_type: str = ""
    """The study."""
    setting: str = ""
    """What distinguishes this setting from its siblings in a sweep, as one string to group by."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """The resolved configuration."""

    @classmethod
    def destination(cls) -> str:
        """Where the numbers of a run go, in words."""
        return f"{cls.__name__}: results stay in the run's folder"

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
