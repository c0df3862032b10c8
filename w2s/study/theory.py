"""The theory's quantities for one run: what the student corrects, the bound, and what overlap density is worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge

from w2s.identity import identity
from w2s.pool.pool import PreparedPool
from w2s.results.recorder import Recorder
from w2s.seeding import generator
from w2s.statistics.accuracy import predicted
from w2s.statistics.intervals import Interval, crossed
from w2s.statistics.pgr import ends
from w2s.study.subsets import correctness_on_test, share_subset
from w2s.types import FloatArray, IntArray, Region
from w2s.utils.progress import track
from w2s.utils.ranges import SeveralFits, checked

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Overlap densities of the sub-sampled pools."""
FEWEST_POINTS = 8
"""Of a sub-sampled pool."""
SLOPE = ("theory/slope", "theory/slope/low", "theory/slope/high")
FAMILY = (2, 4, 8)
"""Numbers of cells that the points are cut into, by k-means on the strong representation."""


@dataclass(frozen=True)
class Terms:
    """A student f, a weak model w and the truth y on a set of points; shares of these points."""

    error: float
    """P(f != y)."""
    disagreement: float
    """P(f != w)."""
    weak_error: float
    """P(w != y)."""
    corrected: float
    """P(w wrong and f right)."""
    otherwise_wrong: float
    """P(both wrong, and not in the same way); 0 of two classes."""

    @staticmethod
    def of(student: IntArray, weak: IntArray, truth: IntArray) -> Terms:
        """From the classes (n,) that each says; n >= 1."""
        return Terms(
            error=float(np.mean(student != truth)),
            disagreement=float(np.mean(student != weak)),
            weak_error=float(np.mean(weak != truth)),
            corrected=float(np.mean((weak != truth) & (student == truth))),
            otherwise_wrong=float(np.mean((weak != truth) & (student != truth) & (student != weak))),
        )

    @property
    def correction_rate(self) -> float | None:
        """P(f right | w wrong)."""
        return self.corrected / self.weak_error if self.weak_error > 0 else None

    @property
    def identity(self) -> float:
        """What is left of error = disagreement + weak error - 2 corrected - otherwise wrong: nothing but rounding."""
        return self.error - (self.disagreement + self.weak_error - 2 * self.corrected - self.otherwise_wrong)

    def bound(self, expansion: float) -> float:
        """Where P(w wrong, f right) >= c P(w wrong): error <= disagreement + (1 - 2 c) weak error."""
        return self.disagreement + (1 - 2 * expansion) * self.weak_error


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Theory:
    """What the student corrects on test points, whether a bound from expansion says anything, and the slope on density.

    The correction rate P(student right | weak model wrong) is an average. The expansion constant of the theory (H. Lang,
    D. Sontag, A. Vijayaraghavan, arXiv 2405.16043) is a worst case over a family of sets; here the family is the cells of
    k-means on the strong representation that hold at least `fewest` points on which the weak model is wrong, and the worst
    of their correction rates is an optimistic stand-in: a richer family can only have a lower one.
    """

    draws: SeveralFits = 8
    """Sub-sampled pools of each density."""
    fewest: Annotated[int, Ge(1)] = 10
    """Points with a wrong weak label that a set of the family holds."""

    def analyse(self, prepared: PreparedPool, recorder: Recorder) -> None:
        """Record the terms on all test points and on hard ones, and the slope, or why there is none."""
        truth, weak = prepared.test_labels(), predicted(prepared.weak_test)
        student = predicted(prepared.student.predict(prepared.strong_test))
        strong = np.asarray(prepared.strong_test.features)
        for name, members in self._sets(prepared):
            if len(members) == 0:
                recorder.skip(f"theory/{name}", "there are no such test points", metrics_of(name))
                continue
            said = student[members], weak[members], truth[members]
            worst = worst_correction(*said, strong[members], fewest=self.fewest, seed=prepared.seed)
            recorder.record(dict(zip(metrics_of(name), measured(Terms.of(*said), worst, prepared.n_classes), strict=True)))
        self._slope(prepared, recorder)

    def _sets(self, prepared: PreparedPool) -> Iterator[tuple[str, IntArray]]:
        """Sets of test points: all, those detected as hard, and those planted so."""
        yield "all", np.arange(len(prepared.test_partition))
        yield "hard", prepared.test_partition.members(Region.HARD)
        if prepared.splits.test.planted is not None:
            planted = prepared.splits.test.planted.open("theory on the planted hard points")
            yield "planted_hard", np.flatnonzero(planted == Region.HARD)

    def _slope(self, prepared: PreparedPool, recorder: Recorder) -> None:
        overlap = len(prepared.partition.members(Region.OVERLAP))
        others = len(prepared.partition.members(Region.EASY, Region.HARD))
        size = min(overlap, others)
        if size < FEWEST_POINTS:
            reason = f"{overlap} overlap and {others} other points: each side needs at least {FEWEST_POINTS}"
            recorder.skip("theory/slope", reason, SLOPE)
            return
        right = []
        for share in track(SHARES, "theory, densities"):
            subset = share_subset(prepared, share, round(size * share))
            draws = [generator(prepared.seed, "theory", str(share), draw) for draw in range(self.draws)]
            picks = [pick for draw in draws if (pick := subset.sample(size, draw, balanced=False)) is not None]
            right.append(np.array(correctness_on_test(prepared, subset, picks)))
        recorder.record(ends("theory/slope", slope(np.array(SHARES), np.array(right, dtype=np.float64))))


METRICS = ("error", "disagreement", "weak_error", "correction_rate", "worst_correction", "bound", "vacuous", "identity")


def metrics_of(name: str) -> tuple[str, ...]:
    """The metrics of one set of test points, in the order of `measured`."""
    return tuple(f"theory/{name}/{metric}" for metric in METRICS)


def measured(terms: Terms, worst: float | None, n_classes: int) -> tuple[float | None, ...]:
    """The values of `METRICS`. The bound is vacuous where guessing one of the classes is not worse."""
    bound = None if worst is None else terms.bound(worst)
    return (
        terms.error,
        terms.disagreement,
        terms.weak_error,
        terms.correction_rate,
        worst,
        bound,
        None if bound is None else float(bound >= 1 - 1 / n_classes),
        terms.identity,
    )


def worst_correction(
    student: IntArray, weak: IntArray, truth: IntArray, strong: FloatArray, *, fewest: int, seed: int
) -> float | None:
    """Lowest correction rate over the family of sets of n points; None where the weak model is wrong on too few.

    Args:
        student: (n,) classes, as are `weak` and `truth`.
        weak: of the weak model.
        truth: the true ones.
        strong: (n, d), which the points are cut into cells by.
        fewest: wrong weak labels that a set holds.
        seed: of k-means.
    """
    from sklearn.cluster import KMeans

    wrong = weak != truth
    families = [np.zeros(len(truth), dtype=np.int64)]
    distinct = len(np.unique(strong, axis=0))
    for k in FAMILY:
        if k <= distinct:
            families.append(KMeans(k, n_init=3, random_state=seed).fit_predict(strong))
    rates = [
        float(np.mean(student[members] == truth[members]))
        for cells in families
        for cell in np.unique(cells)
        if np.sum(members := wrong & (cells == cell)) >= fewest
    ]
    return min(rates, default=None)


def slope(shares: FloatArray, right: FloatArray) -> Interval:
    """Accuracy per unit of overlap density by least squares, with its interval over draws x test points.

    Args:
        shares: (P,) densities, not all equal.
        right: (P, draws, n) whether students of such pools are right on each test point.
    """
    weights = (shares - shares.mean()) / np.sum((shares - shares.mean()) ** 2)
    return crossed(np.tensordot(weights, right, axes=1)[:, :, None]).interval()
