"""What a training loop knows between two steps, kept on disk so that a killed fit is taken up where it was."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from w2s.errors import StoreError
from w2s.store.fitted import load_fitted, paths_of, save_fitted
from w2s.types import FloatArray, History
from w2s.utils.optional import optional

PLACES = ("progress-0", "progress-1")
"""States are written to these in turn: whenever a kill comes, one of them is whole."""

Arrays = Mapping[str, FloatArray]


@dataclass(frozen=True)
class TrainingState:
    """After `step` steps."""

    step: int
    weights: Arrays
    """What is trained, by name."""
    moments: Arrays
    """Of the optimiser, as `name.of.weight:moment`."""
    best: Arrays
    """The best weights so far; empty where nothing was evaluated yet."""
    best_score: float
    waited: int
    """Evaluations since then."""
    history: History


@dataclass(frozen=True)
class Trained:
    """The outcome of a fit: data alone, whatever network it belongs to."""

    weights: Arrays
    """What was trained, by name; adapters and head, or all weights and head."""
    history: History


class Progress:
    """Where the state of a fit under way lies."""

    def __init__(self, folder: Path, minutes: float) -> None:
        """`folder` belongs to this fit alone; a state is written every so many `minutes`."""
        self.folder = folder
        self._seconds = 60 * minutes
        self._last = time.monotonic()
        self._turn = 0

    def load(self) -> TrainingState | None:
        """The latest whole state, if any."""
        states: list[tuple[int, TrainingState]] = []
        for i, name in enumerate(PLACES):
            try:
                found: Any = load_fitted(self.folder, name)
            except StoreError:
                continue
            if isinstance(found, TrainingState):
                states.append((i, found))
        if not states:
            return None
        place, state = max(states, key=lambda each: each[1].step)
        self._turn = 1 - place
        return state

    @property
    def due(self) -> bool:
        """Whether it is time to write."""
        return time.monotonic() - self._last >= self._seconds

    def save(self, state: TrainingState) -> None:
        """Write a state beside the last one; where that fails, training goes on."""
        optional("keeping the state of the training", lambda: save_fitted(self.folder, PLACES[self._turn], state))
        self._turn = 1 - self._turn
        self._last = time.monotonic()

    def clear(self) -> None:
        """Remove the states of a fit that is finished."""
        for name in PLACES:
            for path in paths_of(self.folder, name):
                path.unlink(missing_ok=True)
