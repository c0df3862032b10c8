"""Principal components and their products: strong readers of images and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from w2s.model.representation import features_of
from w2s.model.scaler import Scaler
from w2s.types import Column, FloatArray, Inputs
from w2s.utils.numerics import steady
from w2s.utils.ranges import Width, checked

FLAT = 1e-10
"""A component with no larger share of the first one's variance is rounding; its products would be noise."""


@dataclass(frozen=True, kw_only=True)
@checked
class Quadratic:
    """Principal components of the features, and all their products of degree 2."""

    reads: ClassVar[Column] = "features"

    components: Width
    """Principal components q; fewer where the data has less. d = q + q (q + 1) / 2."""

    def fit(self, inputs: Inputs) -> FittedQuadratic:
        """Find the principal components; labels play no part."""
        from sklearn.decomposition import PCA

        features = features_of(inputs)
        pca = PCA(min(self.components, *features.shape), svd_solver="full").fit(features)
        return FittedQuadratic(pca.mean_, pca.components_)


@dataclass(frozen=True)
class FittedQuadratic:
    """The components of the points it was fitted on, so never stored as pure."""

    mean: FloatArray
    """(d,)"""
    components: FloatArray
    """(q, d) orthonormal."""

    def encode(self, inputs: Inputs) -> FloatArray:
        """(n, q + q (q + 1) / 2) components, then products."""
        projected = steady(lambda rows: rows @ self.components.T, features_of(inputs))
        projected -= self.mean @ self.components.T
        return np.hstack([projected, pairs(projected)]).astype(np.float64, copy=False)


@dataclass(frozen=True, kw_only=True)
@checked
class Products:
    """All columns, standardised, and beside them all products of degree 2 of their first principal components.

    A linear model of the columns is one of these features, too. The products are standardised, then weighted down so that
    together they vary no more than the columns do: however many they are, a penalty leaves the columns their say.
    """

    reads: ClassVar[Column] = "features"

    components: Width
    """Principal components q; fewer where the data has less. q (q + 1) / 2 products."""

    def fit(self, inputs: Inputs) -> FittedProducts:
        """Find means, deviations and principal components; labels play no part."""
        features = features_of(inputs)
        scaler = Scaler.of(features)
        columns = scaler(features)
        directions = principal_directions(columns, self.components)
        products = pairs(columns @ directions)
        weight = min(1.0, float(np.sqrt(columns.shape[1] / products.shape[1])))
        return FittedProducts(scaler, directions, Scaler.of(products), weight)


@dataclass(frozen=True)
class FittedProducts:
    """The transformation of the points it was fitted on, so never stored as pure."""

    scaler: Scaler
    """Of the d columns."""
    directions: FloatArray
    """(d, q) orthonormal."""
    products_scaler: Scaler
    """Of the q (q + 1) / 2 products."""
    weight: float
    """Of the products beside the columns, in (0, 1]."""

    def encode(self, inputs: Inputs) -> FloatArray:
        """(n, d + q (q + 1) / 2) columns, then products."""
        columns = self.scaler(features_of(inputs))
        projected = steady(lambda rows: rows @ self.directions, columns)
        return np.hstack([columns, self.weight * self.products_scaler(pairs(projected))])


def principal_directions(centred: FloatArray, most: int) -> FloatArray:
    """(d, q) the q <= `most` directions of largest variance of `centred` (n, d) points; at least one, none that is flat."""
    from scipy.linalg import eigh

    d = centred.shape[1]
    variances, directions = eigh(centred.T @ centred, subset_by_index=[max(0, d - most), d - 1])
    kept = variances > FLAT * variances[-1]
    kept[-1] = True
    return np.ascontiguousarray(directions[:, kept][:, ::-1], dtype=np.float64)  # as it is laid out when read from disk


def pairs(values: FloatArray) -> FloatArray:
    """(n, q (q + 1) / 2) all squares and products of two of the q columns."""
    first, second = np.triu_indices(values.shape[1])
    return values[:, first] * values[:, second]
