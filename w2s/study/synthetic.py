"""The paper's synthetic experiment: weak model, ceiling and student as overlap points are added (section 5, figure 1 right).

Every run draws theta ~ U[0, 1]^(2 d) and three times (train, pool, test) as many points as the last level asks for; a lower
level takes the first of the overlap points. So levels share their noise and the curve is smooth, while each level by itself
is distributed as an independent draw, and all levels of a batch of runs are fitted at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from annotated_types import MinLen

from w2s.errors import require
from w2s.identity import identity
from w2s.model.logistic import LinearFits, fit_batch
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.types import BoolArray, FloatArray, IntArray
from w2s.utils.progress import track
from w2s.utils.ranges import Count, CountOrZero, Positive, Seed, Steps, Width, checked, require_room

if TYPE_CHECKING:
    import pandas as pd

BATCH = 25
"""Runs fitted at once: their rows stay in the cache."""


@dataclass(frozen=True)
class _Draw:
    """R runs' points of one role: hard-only rows first, then easy-only, then overlap."""

    points: FloatArray
    """(R, n, 2 d) float32"""
    labels: IntArray
    """(R, n) in {0, 1}"""


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Synthetic:
    """x = (2 y - 1) theta + N(0, variance I); easy-only points have no hard block, hard-only points no easy block.

    Weak model (easy block only) and ceiling: logistic regression, C = 1, no intercept, on train. Student: logistic
    regression on the pool's weak labels. Runs whose student would see a single class are left out of the student's means.
    """

    runs: Steps = 500
    levels: Annotated[tuple[Count, ...], MinLen(1)] = field(default_factory=lambda: tuple(range(5, 100, 5)))
    """Overlap points of each role, ascending."""
    easy: CountOrZero = 100
    """Easy-only points of each role."""
    hard: CountOrZero = 100
    """Hard-only points of each role."""
    d: Width = 20
    """Dimensions of each pattern."""
    variance: Positive = 5.0
    trained_on: Literal["overlap", "easy_and_overlap", "all"] = "overlap"
    """Which pool points the student learns from; they are known here."""
    labels: Literal["hard", "soft"] = "hard"
    """Weak classes, or weak probabilities."""
    ties: Literal["class_0", "random"] = "class_0"
    """The class of a weak logit of exactly 0, which every hard-only point has; soft labels give 1/2."""
    intercept: bool = True
    """Of the student."""
    C: Positive = 0.01
    """Of the student."""
    seed: Seed = 0

    def __post_init__(self) -> None:
        ascending = list(self.levels) == sorted(set(self.levels))
        require(ascending, f"levels={list(self.levels)}: numbers of overlap points are ascending.")
        n = self.easy + self.hard + self.levels[-1]
        require_room(BATCH * n * 2 * self.d, f"study: {BATCH} runs at once of {n:,} points with {2 * self.d:,} features")

    def run(self, recorder: Recorder) -> None:
        """Record one row per run and level, and the means of each level."""
        import pandas as pd

        with recorder.stage("synthetic"):
            starts = range(0, self.runs, BATCH)
            parts = [self._batch(start, min(BATCH, self.runs - start)) for start in track(starts, "synthetic runs")]
        curve = pd.concat(parts, ignore_index=True).sort_values(["n_overlap", "run"], ignore_index=True)
        recorder.table("curve", curve)
        means = curve.drop(columns="run").groupby("n_overlap").mean()
        for level, row in means.iterrows():
            recorder.record({f"synthetic/{level}/{name}": float(row[name]) for name in row.index})
        recorder.record({"synthetic/dropped": float(curve["student"].isna().mean())})

    def _batch(self, first_run: int, count: int) -> pd.DataFrame:
        """All levels of `count` runs."""
        import pandas as pd

        draw = generator(self.seed, "synthetic", first_run)
        theta = draw.uniform(size=(count, 1, 2 * self.d))
        train, pool, test = (self._draw(theta, draw) for _ in range(3))
        tie = draw.integers(2, size=pool.labels.shape)
        scores = self._score(self._fit(train, pool, tie), test)
        runs = first_run + np.arange(count)
        where = {"n_overlap": np.tile(self.levels, count), "run": np.repeat(runs, len(self.levels))}
        return pd.DataFrame(where | {name: score.ravel() for name, score in scores.items()})

    def _draw(self, theta: FloatArray, draw: np.random.Generator) -> _Draw:
        n = self.hard + self.easy + self.levels[-1]
        labels = draw.integers(2, size=(len(theta), n))
        points = draw.standard_normal((len(theta), n, 2 * self.d))
        points *= np.sqrt(self.variance)
        points += (2 * labels - 1)[:, :, None] * theta
        points[:, : self.hard, : self.d] = 0
        points[:, self.hard : self.hard + self.easy, self.d :] = 0
        return _Draw(points.astype(np.float32), labels)

    def _fit(self, train: _Draw, pool: _Draw, tie: IntArray) -> dict[str, LinearFits]:
        """The three models at every level; hard-only rows are zero to the weak model and do not move it."""
        from scipy.special import expit

        labels, seen = train.labels[:, None], self._seen(0)
        easy, answers = train.points[:, self.hard :, : self.d], labels[:, :, self.hard :]
        weak = fit_batch(easy, answers, seen[:, self.hard :], penalty=1.0, intercept=False)
        ceiling = fit_batch(train.points, labels, seen, penalty=1.0, intercept=False)
        first = {"overlap": self.hard + self.easy, "easy_and_overlap": self.hard, "all": 0}[self.trained_on]
        points, tie = pool.points[:, first:], tie[:, None, first:]
        logits = weak.logits(points[:, :, : self.d])
        targets = expit(logits)
        if self.labels == "hard":
            at_zero = tie if self.ties == "random" else 0
            targets = np.where(logits == 0, at_zero, logits > 0)
        return {"weak": weak, "ceiling": ceiling, "student": self._student(points, targets, first)}

    def _student(self, points: FloatArray, targets: FloatArray, first: int) -> LinearFits:
        """NaN where all weak labels are of one class; the points are those of the pool from the `first` on."""
        seen = self._seen(first)
        ones = (targets * seen).sum(axis=2)
        single: BoolArray = (ones == 0) | (ones == seen.sum(axis=1))
        safe = np.where(single[:, :, None], 0.5, targets)
        fitted = fit_batch(points, safe, seen, penalty=1 / self.C, intercept=self.intercept)
        return LinearFits(np.where(single[:, :, None], np.nan, fitted.weights), np.where(single, np.nan, fitted.bias))

    def _seen(self, first: int) -> BoolArray:
        """(L, n) which of the points from the `first` on each level has."""
        counts = self.hard + self.easy + np.array(self.levels)[:, None]
        return np.arange(first, counts.max()) < counts

    def _score(self, fits: dict[str, LinearFits], test: _Draw) -> dict[str, FloatArray]:
        """(R, L) accuracies of each model, on all test points and by region; NaN for a student that was not trained."""
        levels, both = np.array(self.levels), self.hard + self.easy
        parts: dict[str, tuple[slice, int | IntArray]] = {
            "": (slice(None), both + levels),
            "_easy": (slice(self.hard, both), self.easy),
            "_hard": (slice(self.hard), self.hard),
            "_overlap": (slice(both, None), levels),
        }
        seen = self._seen(0)
        columns: dict[str, FloatArray] = {}
        for name, fit in fits.items():
            logits = fit.logits(test.points[:, :, : fit.weights.shape[2]])
            right = ((logits > 0) == (test.labels[:, None] == 1)) & seen
            trained = np.where(np.isnan(fit.bias), np.nan, 1.0)
            for part, (rows, size) in parts.items():
                if np.all(size):
                    columns[name + part] = trained * np.count_nonzero(right[:, :, rows], axis=2) / size
        return columns
