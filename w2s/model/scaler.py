"""Standardised features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from w2s.types import FloatArray


@dataclass(frozen=True)
class Scaler:
    """Brings features to mean 0 and variance 1; a constant feature becomes 0."""

    mean: FloatArray
    """(d,)"""
    deviation: FloatArray
    """(d,) > 0."""

    @staticmethod
    def of(features: FloatArray, weights: FloatArray | None = None) -> Scaler:
        """scikit-learn's of these points (n, d), each counted as often as `weights` (n,) says."""
        from sklearn.preprocessing import StandardScaler

        fitted = StandardScaler().fit(np.asarray(features, dtype=np.float64), sample_weight=weights)
        return Scaler(fitted.mean_, fitted.scale_)

    def __call__(self, features: FloatArray) -> FloatArray:
        """(n, d) scaled."""
        return (features - self.mean) / self.deviation
