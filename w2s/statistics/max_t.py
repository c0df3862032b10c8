"""Many comparisons with one control at once."""

from __future__ import annotations

import numpy as np

from w2s.types import FloatArray

FLIPS = 10_000


def max_t(differences: FloatArray) -> FloatArray:
    """(q,) one-sided p-values for mean > 0 of each column, adjusted for all columns by the largest t under sign flips.

    P. H. Westfall, S. S. Young, "Resampling-Based Multiple Testing", 1993: the sign of each row is flipped for all columns
    together, which keeps their dependence.

    Args:
        differences: (m, q) paired differences, NaN where a comparison is missing; NaN for columns with fewer than 2 values.
    """
    m, q = differences.shape
    signs = np.random.default_rng(0).choice([-1.0, 1.0], size=(FLIPS, m))
    there = np.isfinite(differences)
    values = np.where(there, differences, 0.0)
    count = there.sum(axis=0)
    usable = count >= 2
    squares = np.sum(values**2, axis=0)

    def t(sums: FloatArray) -> FloatArray:
        """(..., q) t statistics of sums over the rows."""
        n = np.maximum(count, 2)
        variance = np.maximum(squares - sums**2 / n, 1e-300) / (n - 1)
        return np.asarray(sums / np.sqrt(n * variance))

    observed = t(values.sum(axis=0))
    largest = t(signs @ values)[:, usable].max(axis=1) if usable.any() else np.zeros(FLIPS)
    p = (1 + np.sum(largest[:, None] >= observed - 1e-12, axis=0)) / (FLIPS + 1)
    return np.where(usable, p, np.nan) if q else p
