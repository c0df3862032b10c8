"""Ways to split values in two other than the change point, and a test that leaves unimodal values in one piece."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import numpy as np
from annotated_types import Ge

from w2s.detector.change_point import ChangePoint
from w2s.detector.dip import dip
from w2s.errors import require
from w2s.protocols import Threshold
from w2s.types import FloatArray
from w2s.utils.ranges import Positive, ProperShare, Width, checked

if TYPE_CHECKING:
    from sklearn.mixture import GaussianMixture

CRITICAL = {0.1: 0.500, 0.05: 0.545, 0.01: 0.626}
"""False-alarm rate -> critical value of sqrt(n) dip under the uniform null: the largest quantile found at any n from 10 to
20,000 by simulation (3,000 to 40,000 batches each). It grows with n, so smaller batches have a lower rate."""

MAX_ITERATIONS = 500
TOLERANCE = 1e-8


@dataclass(frozen=True)
@checked
class Quantile:
    """A fixed share of the values lies below."""

    below: ProperShare

    def split(self, values: FloatArray) -> float | None:
        """The smallest value with at least `below` of the (n,) values before it; None where all values are equal."""
        ordered = np.sort(values)
        if len(ordered) < 2 or ordered[0] == ordered[-1]:
            return None
        return float(ordered[min(math.ceil(self.below * len(ordered)), len(ordered) - 1)])


@dataclass(frozen=True)
@checked
class NoiseMatched:
    """`factor` times the estimated share of wrong labels lies below, at most `most`: right labels are hardly cut."""

    factor: Positive = 2.0
    most: ProperShare = 0.6

    def split_by_error(self, values: FloatArray, error: FloatArray) -> float | None:
        """The smallest value with at least that share of the (n,) values before it; None where all values are equal.

        Args:
            values: (n,) finite.
            error: (n,) in [0, 1], estimated probability that each point's weak label is wrong.
        """
        if len(values) < 2 or values.min() == values.max():
            return None
        below = min(self.most, self.factor * float(error.mean()))
        return float(np.sort(values)[min(math.ceil(below * len(values)), len(values) - 1)])


@dataclass(frozen=True)
@checked
class Otsu:
    """Largest variance between the two parts of a histogram (N. Otsu, IEEE Trans. Systems, Man, Cybernetics 9, 1979).

    With as many bins as distinct values this is the change point; with few it looks away from small gaps.
    """

    bins: Annotated[Width, Ge(2)] = 64
    """Equal-width bins between the smallest and the largest value."""

    def split(self, values: FloatArray) -> float | None:
        """The smallest value of the upper bins; None where all values are equal."""
        ordered = np.sort(np.asarray(values, dtype=np.float64))
        if len(ordered) < 2 or ordered[0] == ordered[-1]:
            return None
        place = (ordered - ordered[0]) / (ordered[-1] - ordered[0])
        binned = np.minimum(np.floor(place * self.bins), self.bins - 1)
        tau = ChangePoint().split(binned)
        assert tau is not None, "the smallest and the largest value lie in different bins"
        return float(ordered[np.searchsorted(binned, tau)])


@dataclass(frozen=True)
@checked
class Mixture:
    """Two Gaussians fitted by expectation-maximisation from the change point on; the upper part is the likelier upper one.

    No split where a single Gaussian has the lower Bayesian information criterion (G. Schwarz, Annals of Statistics 6, 1978).
    """

    floor: Positive = 1e-3
    """Smallest standard deviation of a component, as a share of that of all values."""

    def split(self, values: FloatArray) -> float | None:
        """The smallest value above the lower mean that rather belongs to the upper component."""
        ordered = np.sort(np.asarray(values, dtype=np.float64))
        start = ChangePoint().split(ordered)
        if start is None:
            return None
        z = (ordered - ordered.mean()) / ordered.std()
        single, pair = self._fitted(z[:, None], [z]), self._fitted(z[:, None], [z[ordered < start], z[ordered >= start]])
        if pair.bic(z[:, None]) >= single.bic(z[:, None]):
            return None
        upper = pair.predict(z[:, None]) == np.argmax(pair.means_)
        above = np.flatnonzero(upper & (z > pair.means_.min()))
        return float(ordered[above[0]]) if len(above) and above[0] > 0 else None

    def _fitted(self, z: FloatArray, parts: list[FloatArray]) -> GaussianMixture:
        """Gaussians fitted to standardised values (n, 1), one begun at each of the parts that the values are cut into."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import GaussianMixture

        mixture = GaussianMixture(
            len(parts),
            covariance_type="spherical",
            tol=TOLERANCE,
            reg_covar=self.floor**2,
            max_iter=MAX_ITERATIONS,
            init_params="random_from_data",  # replaced by the three below, and quicker than the default's k-means
            random_state=0,
            weights_init=[len(part) / len(z) for part in parts],
            means_init=[[part.mean()] for part in parts],
            precisions_init=[1 / max(part.var(), self.floor**2) for part in parts],
        )
        with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):  # where one Gaussian is enough
            return mixture.fit(z)


@dataclass(frozen=True)
@checked
class UnlessUnimodal:
    """No split where the dip test cannot tell the values from a unimodal batch; else the split of `threshold`.

    A unimodal batch is split with probability at most `false_alarm`, whatever its shape.
    """

    threshold: Threshold = field(default_factory=ChangePoint)
    false_alarm: float = 0.05
    """One of `CRITICAL`."""

    def __post_init__(self) -> None:
        accepted = ", ".join(map(str, sorted(CRITICAL)))
        require(self.false_alarm in CRITICAL, f"false_alarm={self.false_alarm}: the test is calibrated for {accepted}.")

    def split(self, values: FloatArray) -> float | None:
        """The split of `threshold`, or None."""
        n = len(values)
        if n == 0 or math.sqrt(n) * dip(np.sort(values)) <= CRITICAL[self.false_alarm]:
            return None
        return self.threshold.split(values)
