"""What is known of a metric: its title, unit and meaning, and where reports show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

Unit = Literal["%", "points", "count", "seconds", "none"]
"""`%` is a share and `points` a difference of shares, both kept as fractions and shown times 100."""

DIGITS: dict[Unit, int] = {"%": 1, "points": 1, "count": 0, "seconds": 1, "none": 2}


Metrics = Mapping[str, float | None]
"""Flat metrics of a run by name; None where one is undefined."""


class Prominence(IntEnum):
    """Where a metric is shown; each place includes those before it."""

    RUN = 0
    """Among all metrics of one run."""
    TABLE = 1
    """As a column of the tables of settings and runs."""
    COMPARED = 2
    """In the comparisons of settings."""
    MAIN = 3
    """In the findings and the terminal."""


@dataclass(frozen=True)
class Metric:
    """What is known of a metric, or of all metrics of a pattern."""

    pattern: str
    """The metric's name, with `{name}` for a part that varies."""
    title: str
    """In a table's head or before its value, without the unit."""
    unit: Unit
    explanation: str
    """One line that needs no other to be understood."""
    topic: str
    """Under which it is listed."""
    interval: bool = False
    """Whether `/low` and `/high` are recorded with it."""
    shown: Prominence = Prominence.RUN
    own: bool = False
    """Whether it is a study's own, known to no other study: shown in that study's table alone."""
    subject: str = ""
    """What a difference is of, as a sentence about it begins."""
    over: str = ""
    """What a difference is taken over, such as a control."""
    lower_is_better: bool = False
    independent_of: tuple[str, ...] = ()
    """Beginnings of settings that it cannot depend on: differing in these alone, two settings are one to it."""
    yardstick: Literal["", "pool", "sources"] = ""
    """`pool`: measured by the detector, so that only settings with the same prepared pool are comparable; `sources`: these
    alone are where the pool's sources are made up from its regions."""
    places: int | None = None
    """Digits after the point; None: those of its unit."""

    @property
    def scale(self) -> float:
        """What the recorded value is multiplied by to be shown."""
        return 100.0 if self.unit in ("%", "points") else 1.0

    @property
    def digits(self) -> int:
        """Digits after the point of the shown value."""
        return DIGITS[self.unit] if self.places is None else self.places

    @property
    def label(self) -> str:
        """The title with its unit."""
        return self.title if self.unit in ("count", "none") else f"{self.title}, {self.unit}"

    def text(self, value: float | None, *, sign: bool = False) -> str:
        """A recorded value as it is shown, without its unit; with `sign`, a plus before positive ones."""
        if value is None or value != value:
            return "undefined"
        return f"{round(self.scale * value, self.digits) + 0.0:{'+' if sign else ''},.{self.digits}f}"


def measured(metric: Metric, value: float, low: float | None, high: float | None) -> str:
    """A signed value with its unit and interval."""
    unit = f" {metric.unit}" if metric.unit == "points" else ""
    if low is None or high is None or low != low:
        return f"{metric.text(value, sign=True)}{unit}"
    return f"{metric.text(value, sign=True)}{unit} [{metric.text(low)}, {metric.text(high)}]"
