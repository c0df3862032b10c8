"""TensorBoard's event files."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from w2s.tracker.none import NoTracker

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 50
"""Rows of a table that are shown; the run's folder holds all."""


@dataclass(kw_only=True)
class TensorBoardTracker(NoTracker):
    """Writes what `tensorboard --logdir outputs` shows: a run for each run's folder below it."""

    path: Path | None = None
    """The folder of the event files; None: `tensorboard/` in the run's folder."""
    _writer: Any = field(default=None, init=False, repr=False)

    @classmethod
    def destination(cls) -> str:
        """Where the numbers of a run go, in words."""
        here = importlib.util.find_spec("tensorboard") is not None
        return "TensorBoard: event files in the run's folder" if here else "not installed: pip install 'w2s[tensorboard]'"

    def __enter__(self) -> Self:
        """Open the file, and write the configuration into it.

        Raises:
            ImportError: the extra is not installed: pip install 'w2s[tensorboard]'.
        """
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(self.path or self.folder / "tensorboard"))
        about = {"name": self.name, "group": self.group, "id": self.run_id, "study": self.job_type, "setting": self.setting}
        self._writer.add_text("run", block(json.dumps({**about, "config": self.config}, indent=1, default=str)))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.close()

    def log(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Scalars; those of the end stand at step 0."""
        for name, value in metrics.items():
            self._writer.add_scalar(name, value, step or 0)

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """The first rows as text."""
        self._writer.add_text(f"tables/{name}", block(frame.head(MOST_ROWS).to_string(index=False)))

    def image(self, name: str, path: Path) -> None:
        """The figure as an image."""
        from matplotlib.image import imread

        self._writer.add_image(name, imread(path), dataformats="HWC")

    def note(self, text: str) -> None:
        """What was found, as text."""
        self._writer.add_text("findings", text)


def block(text: str) -> str:
    """Markdown that shows the text as it is."""
    return "\n".join(f"    {line}" for line in text.splitlines())
