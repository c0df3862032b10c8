"""Points as the rows that a logistic regression reads: half of each column, and 1/2 for the intercept before them."""

from __future__ import annotations

import numpy as np

from w2s.types import FloatArray

JITTER = 1e-12
"""Added to the squared lengths of points, as a share of the largest: dependent points have a factor, too."""


class FeatureRows:
    """One column a feature."""

    def __init__(self, most: int, d: int, *, intercept: bool) -> None:
        """Room for `most` points; memory is taken as they come."""
        self.first, self.n = int(intercept), 0
        self.halves: FloatArray = np.empty((most, self.first + d))

    @property
    def rows(self) -> FloatArray:
        """(n, p) halves."""
        return self.halves[: self.n]

    def add(self, features: FloatArray) -> None:
        """More points (m, d)."""
        old, self.n = self.n, self.n + len(features)
        self.halves[old : self.n, : self.first] = 0.5
        np.multiply(features, 0.5, out=self.halves[old : self.n, self.first :])

    def squared(self, scale: FloatArray) -> FloatArray:
        """(p, p) upper triangle of R' R, R being the rows times `scale` (n,)."""
        from scipy.linalg.blas import dsyrk

        return np.asarray(dsyrk(1.0, (self.rows * scale[:, None]).T))

    def coefficients(self, w: FloatArray) -> FloatArray:
        """(L, d) of the features, from w (L, p)."""
        return w[:, self.first :]


class FactorRows:
    """One column a point, for no more points than features: those of L in X X' = L L'.

    With w = X' L'^-1 v the logits X w are L v and |w| is |v|, so that the problem in v is the problem in w, and n^2 numbers
    take the place of n d. A further point adds a row and a column.
    """

    def __init__(self, most: int, d: int, *, intercept: bool) -> None:
        """Room for `most` points; memory is taken as they come."""
        self.first, self.n, self.longest = int(intercept), 0, 0.0
        self.points: FloatArray = np.empty((most, d))
        self.halves: FloatArray = np.zeros((most, self.first + most))

    @property
    def rows(self) -> FloatArray:
        """(n, p) halves."""
        return self.halves[: self.n, : self.first + self.n]

    @property
    def features(self) -> FloatArray:
        """(n, d) points."""
        return self.points[: self.n]

    def add(self, features: FloatArray) -> None:
        """More points (m, d): L grows by a block."""
        from scipy.linalg import cholesky, solve_triangular

        earlier, old, self.n = self.rows[:, self.first :], self.n, self.n + len(features)
        self.points[old : self.n] = features
        gram = features @ self.features.T
        corner = gram[:, old:]
        self.longest = max(self.longest, float(corner.diagonal().max()))
        corner = corner + JITTER * (self.longest or 1.0) * np.eye(len(corner))
        row, column = self.halves[old : self.n], self.first + old
        if old:
            across = 0.5 * solve_triangular(earlier, gram[:, :old].T, lower=True, check_finite=False).T
            row[:, self.first : column] = 0.5 * across
            corner -= across @ across.T
        row[:, : self.first] = 0.5
        row[:, column : column + len(corner)] = 0.5 * cholesky(corner, lower=True, check_finite=False)

    def squared(self, scale: FloatArray) -> FloatArray:
        """(p, p) upper triangle of R' R, R being the rows times `scale` (n,); of a triangle in a third of the time."""
        from scipy.linalg.lapack import dlauum

        rows = self.rows * scale[:, None]
        square = np.empty((rows.shape[1],) * 2, order="F")
        square[: self.first] = rows[:, : self.first].T @ rows
        square[self.first :, self.first :], _ = dlauum(rows[:, self.first :].T)
        return square

    def coefficients(self, w: FloatArray) -> FloatArray:
        """(L, d) of the features, from w (L, p)."""
        from scipy.linalg import solve_triangular

        shares = solve_triangular(self.rows[:, self.first :], w[:, self.first :].T, lower=True, trans=1, check_finite=False)
        return np.asarray(0.5 * shares.T @ self.features)
