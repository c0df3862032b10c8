"""Two ways of keeping an approximate Hessian: factored for one set of points that may grow, inverted for many small sets."""

from __future__ import annotations

import numpy as np

from w2s.model.logistic.design import FactorRows, FeatureRows
from w2s.types import FloatArray

AGED = 1.5
"""Growth of the penalty beyond which nothing is kept of a factor."""
DIAGONAL = 512
"""Columns from which on a first fit begins with the diagonal alone: well-conditioned problems need no more."""
PARTIAL = 3
"""Times that a factor of earlier points is extended anew before all points are looked at again."""


class FactoredHessian:
    """rows' W rows + penalty = R' R for one set of points, W being the curvatures of the day a point was added.

    A fit on a grown set begins by `extend`: R of the earlier points is kept, and a QR decomposition adds the new ones.
    """

    def __init__(self) -> None:
        self.upper: FloatArray = np.zeros((0, 0))
        """(p, p) R."""
        self.diagonal: FloatArray | None = None
        """(p,) in place of R, while there is none."""
        self.known = 0
        """Points in R."""
        self.ridge = 0.0
        """Penalty in R."""

    def extend(self, design: FactorRows | FeatureRows, penalty: FloatArray) -> None:
        """Begin a fit on a design, the first rows of which are those of the last fit; penalty (p,), the last entry > 0."""
        self.design, self.rows, self.penalty = design, design.rows, penalty
        rows = design.rows
        self.earlier, self.kept = self.upper, self.known
        if penalty[-1] > AGED * self.ridge or 4 * (len(rows) - self.known) > len(rows):
            self.kept = 0
        self.renewals = 0 if self.known or rows.shape[1] < DIAGONAL else -1

    @property
    def patience(self) -> int:
        """Steps in which a renewal pays: computing costs about as much as 1 in 32 columns, or in 32 new points."""
        return 4 + int(min(len(self.rows) - self.kept, self.rows.shape[1])) // 32

    def renew(self, curvature: FloatArray) -> None:
        """R at curvatures (n,): of the new points at first, of all after `PARTIAL` times."""
        self.renewals += 1
        if self.renewals == 0:
            self.diagonal = np.einsum("i,ij,ij->j", curvature, self.rows, self.rows) + self.penalty
            return
        if self.renewals > PARTIAL:
            self.kept = 0
        self.diagonal = None
        self.known = len(self.rows)
        scale = np.sqrt(curvature)
        if self.kept:
            self.upper = extended(self.earlier, self.rows[self.kept :] * scale[self.kept :, None], ridge=self.ridge)
        else:
            self.ridge = float(self.penalty[-1])
            self.upper = factored(self.design.squared(scale), self.penalty)

    def solve(self, gradient: FloatArray) -> FloatArray:
        """(L, p) by two triangular systems."""
        from scipy.linalg.blas import dtrsv

        if self.diagonal is not None:
            return gradient / self.diagonal
        return np.stack([dtrsv(self.upper, dtrsv(self.upper, each, trans=1)) for each in gradient])


def factored(matrix: FloatArray, penalty: FloatArray) -> FloatArray:
    """Upper R (p, p) with R' R = matrix + penalty, and a little more on the diagonal, so that there is one."""
    from scipy.linalg import cholesky

    diagonal = matrix.diagonal() + penalty
    matrix.flat[:: len(matrix) + 1] = diagonal + len(matrix) * np.finfo(np.float64).eps * diagonal.max()
    return np.asarray(cholesky(matrix, overwrite_a=True, check_finite=False))


def extended(upper: FloatArray, rows: FloatArray, *, ridge: float) -> FloatArray:
    """R for more rows (m, p), which may have more columns than R has: their penalty is `ridge`."""
    from scipy.linalg.lapack import dtpqrt

    old, p = len(upper), rows.shape[1]
    larger = np.zeros((p, p), order="F")
    larger[:old, :old] = upper
    larger.flat[old * (p + 1) :: p + 1] = np.sqrt(ridge)
    result, *_ = dtpqrt(0, min(32, p), larger, np.asfortranarray(rows), overwrite_a=True, overwrite_b=True)
    return np.asarray(result)


class InvertedHessian:
    """(B, p, p) inverse Hessians of B small sets of points, each shared by the problems on its points."""

    def __init__(self, rows: FloatArray, penalty: FloatArray) -> None:
        """Rows (B, n, p), penalty (p,)."""
        self.rows = rows
        self.ridge = np.diag(np.maximum(penalty, 1e-9)).astype(rows.dtype)
        """The bias's own curvature vanishes in a problem without a minimum, but for a floor."""

    @property
    def patience(self) -> int:
        """As for a factor."""
        return 4 + int(self.rows.shape[-1]) // 32

    def renew(self, curvature: FloatArray) -> None:
        """At curvatures (B, n)."""
        transposed = self.rows.swapaxes(-1, -2)
        self.inverse = np.linalg.inv(np.matmul(transposed * curvature[:, None, :], self.rows) + self.ridge)

    def solve(self, gradient: FloatArray) -> FloatArray:
        """(B, L, p) by a product."""
        return np.asarray(np.matmul(gradient, self.inverse))
