"""The spaces in which a growing logistic fit takes its steps: the dual while points are few, the primal after."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from w2s.types import FloatArray
from w2s.utils.numerics import sigmoid

AGED = 1.3
"""Growth of the penalty that asks for a new factor in the dual."""


@dataclass(frozen=True)
class Covector:
    """A gradient. Its product with a step is `image` @ step.coordinates + `bias` * step.bias."""

    coordinates: FloatArray
    """(c,)"""
    image: FloatArray
    """(c,) the Gram matrix times the coordinates in the dual, the coordinates themselves in the primal."""
    bias: float

    def minus(self, other: Covector, factor: float = 1.0) -> Covector:
        """This minus `factor` times `other`."""
        return Covector(
            self.coordinates - factor * other.coordinates,
            self.image - factor * other.image,
            self.bias - factor * other.bias,
        )

    @property
    def length(self) -> float:
        """Euclidean, in weights and bias."""
        return float(np.sqrt(max(float(self.coordinates @ self.image), 0.0) + self.bias**2))


@dataclass(frozen=True)
class Step:
    """A change of the weights, and what it does to the logits."""

    coordinates: FloatArray
    """(c,)"""
    bias: float
    logits: FloatArray
    """(n,)"""

    def plus(self, other: Step, factor: float) -> Step:
        """This plus `factor` times `other`."""
        return Step(
            self.coordinates + factor * other.coordinates,
            self.bias + factor * other.bias,
            self.logits + factor * other.logits,
        )

    def times(self, factor: float) -> Step:
        """`factor` times this."""
        return Step(factor * self.coordinates, factor * self.bias, factor * self.logits)

    def dot(self, covector: Covector) -> float:
        """The product with a gradient."""
        return float(self.coordinates @ covector.image + self.bias * covector.bias)


class Space(ABC):
    """Points, the current weights in some coordinates, and a factored approximation of the Hessian."""

    intercept: bool
    bias: float
    coordinates: FloatArray
    """(c,) of the current weights."""
    logits: FloatArray
    """(n,) of the current weights."""
    targets: FloatArray
    """(n,) in [0, 1]."""

    @property
    @abstractmethod
    def weights(self) -> FloatArray:
        """(d,) the current weights."""

    @property
    @abstractmethod
    def squared_length(self) -> float:
        """|w|^2."""

    @abstractmethod
    def add(self, rows: FloatArray, targets: FloatArray, penalty: float) -> None:
        """More points (m, d) with targets (m,); the weights stay, the factor is extended."""

    @abstractmethod
    def factor(self, penalty: float) -> None:
        """Factor the Hessian at the current weights."""

    @abstractmethod
    def covector(self, residual: FloatArray, penalty: float) -> Covector:
        """The gradient for residuals (n,) = p - t."""

    @abstractmethod
    def solve(self, covector: Covector) -> Step:
        """The factored Hessian's inverse times a gradient."""

    def move(self, step: Step) -> None:
        """Take a step."""
        self.coordinates = self.coordinates + step.coordinates
        self.bias += step.bias
        self.logits = self.logits + step.logits

    def value(self, penalty: float) -> float:
        """The objective."""
        z = self.logits
        return float(np.sum(np.logaddexp(0.0, z) - self.targets * z) + penalty * self.squared_length / 2)


class Dual(Space):
    """w = X' a: everything in terms of the Gram matrix K = X X' (n, n).

    The factored Hessian is X' R^2 X + ridge I, with the roots R of the curvatures p (1 - p) of the day a point was added and
    the ridge of the day the factor was made: L L' = ridge I + R K R. It is used times penalty / ridge: then a step sets what
    the coordinates have in the null space of K to its limit, and nothing can build up where no gradient sees it.
    """

    def __init__(self, d: int, *, intercept: bool) -> None:
        self.intercept = intercept
        self.n = 0
        self.rows: FloatArray = np.empty((64, d))
        self.gram: FloatArray = np.empty((64, 64))
        self.lower: FloatArray = np.empty((0, 0))
        self.root: FloatArray = np.zeros(0)
        self.ridge = self.penalty = 0.0
        self.coordinates, self.bias, self.logits, self.targets = np.zeros(0), 0.0, np.zeros(0), np.zeros(0)

    @property
    def weights(self) -> FloatArray:
        """(d,) X' a."""
        return np.asarray(self.coordinates @ self.rows[: self.n])

    @property
    def squared_length(self) -> float:
        """|w|^2 = a' K a."""
        return float(self.coordinates @ (self.logits - self.bias))

    def add(self, rows: FloatArray, targets: FloatArray, penalty: float) -> None:
        """Extend the Gram matrix and its factor by a block."""
        old, self.n = self.n, self.n + len(rows)
        if self.n > len(self.rows):
            self.rows = enlarged(self.rows, old, (max(2 * old, self.n), self.rows.shape[1]))
            self.gram = enlarged(self.gram, old, (len(self.rows), len(self.rows)))
        self.rows[old : self.n] = rows
        self.gram[old : self.n, : self.n] = rows @ self.rows[: self.n].T
        self.gram[:old, old : self.n] = self.gram[old : self.n, :old].T
        logits = self.gram[old : self.n, :old] @ self.coordinates + self.bias
        self.logits = np.append(self.logits, logits)
        self.coordinates = np.append(self.coordinates, np.zeros(len(rows)))
        self.targets = np.append(self.targets, targets)
        self.root = np.append(self.root, curvature_root(logits))
        if penalty > AGED * self.ridge:
            self.factor(penalty)
        else:
            self._extend(old, penalty)

    def factor(self, penalty: float) -> None:
        """L L' = ridge I + R K R at the current weights."""
        self.root = curvature_root(self.logits)
        self.lower = np.empty((0, 0))
        self._extend(0, penalty)

    def _extend(self, old: int, penalty: float) -> None:
        """Add rows `old` to n to the factor."""
        from scipy.linalg import cholesky, solve_triangular

        if old == 0:
            self.ridge = penalty
        block = self.gram[: self.n, old : self.n] * self.root[old : self.n]
        block *= self.root[:, None]
        lower = np.zeros((self.n, self.n), order="F")
        lower[:old, :old] = self.lower
        corner = block[old:]
        corner.flat[:: corner.shape[1] + 1] += self.ridge
        if old:
            across = solve_triangular(self.lower, block[:old], lower=True, check_finite=False)
            lower[old:, :old] = across.T
            corner = corner - across.T @ across
        lower[old:, old:] = cholesky(corner, lower=True, check_finite=False)
        self.lower = lower
        curvature = self.root**2
        self.unit = self._inverse(curvature, self.gram[: self.n, : self.n] @ curvature)

    def covector(self, residual: FloatArray, penalty: float) -> Covector:
        """X' (p - t + penalty a)."""
        self.penalty = penalty
        coordinates = residual + penalty * self.coordinates
        image = self.gram[: self.n, : self.n] @ coordinates
        return Covector(coordinates, image, float(residual.sum()) if self.intercept else 0.0)

    def _inverse(self, values: FloatArray, image: FloatArray) -> FloatArray:
        """(ridge I + R^2 K)^-1 v from v and K v, by Woodbury's identity: nothing is divided by a small curvature."""
        from scipy.linalg.blas import dtrsv

        inner = dtrsv(self.lower, dtrsv(self.lower, self.root * image, lower=1), lower=1, trans=1)
        return np.asarray((values - self.root * inner) / self.ridge)

    def solve(self, covector: Covector) -> Step:
        """From R^2 (K a + b) + ridge a = r, and its sum with the bias's own equation."""
        step = self._inverse(covector.coordinates, covector.image)
        bias = 0.0
        if self.intercept:
            target = (covector.coordinates.sum() - covector.bias) / self.ridge
            bias = float((step.sum() - target) / self.unit.sum())
            step = step - bias * self.unit
        return Step(step, bias, self.gram[: self.n, : self.n] @ step + bias).times(self.ridge / self.penalty)


class Primal(Space):
    """The weights themselves. The factored Hessian is X' R^2 X + penalty I, R of the day a point was added."""

    def __init__(self, dual: Dual, penalty: float) -> None:
        self.intercept = dual.intercept
        self.n, self.rows, self.targets = dual.n, dual.rows, dual.targets
        self.coordinates, self.bias, self.logits = dual.weights, dual.bias, dual.logits
        self.matrix: FloatArray = np.empty((0, 0))
        self.factor(penalty)

    @property
    def weights(self) -> FloatArray:
        """(d,) the coordinates."""
        return self.coordinates

    @property
    def squared_length(self) -> float:
        """|w|^2."""
        return float(self.coordinates @ self.coordinates)

    def add(self, rows: FloatArray, targets: FloatArray, penalty: float) -> None:
        """Add the new points' part to the Hessian."""
        old, self.n = self.n, self.n + len(rows)
        if self.n > len(self.rows):
            self.rows = enlarged(self.rows, old, (max(2 * old, self.n), self.rows.shape[1]))
        self.rows[old : self.n] = rows
        logits = rows @ self.coordinates + self.bias
        self.logits = np.append(self.logits, logits)
        self.targets = np.append(self.targets, targets)
        self.matrix = self.matrix + self._curvature(slice(old, self.n))
        self._factor(penalty)

    def factor(self, penalty: float) -> None:
        """The Hessian at the current weights."""
        self.matrix = self._curvature(slice(0, self.n))
        self._factor(penalty)

    def _curvature(self, rows: slice) -> FloatArray:
        """(d + 1, d + 1) lower triangle of X' R^2 X, the bias last, of some of the points."""
        from scipy.linalg.blas import dsyrk

        root = curvature_root(self.logits[rows])
        weighted = np.column_stack([self.rows[rows], np.full(len(root), float(self.intercept))]) * root[:, None]
        return np.asarray(dsyrk(1.0, weighted.T, lower=True))

    def _factor(self, penalty: float) -> None:
        from scipy.linalg import cholesky

        matrix = self.matrix.copy(order="F")
        matrix.flat[:: len(matrix) + 1] += np.append(np.full(len(matrix) - 1, penalty), 0.0 if self.intercept else 1.0)
        self.lower = cholesky(matrix, lower=True, overwrite_a=True, check_finite=False)

    def covector(self, residual: FloatArray, penalty: float) -> Covector:
        """X' (p - t) + penalty w."""
        slope = residual @ self.rows[: self.n] + penalty * self.coordinates
        return Covector(slope, slope, float(residual.sum()) if self.intercept else 0.0)

    def solve(self, covector: Covector) -> Step:
        """By the factor, the bias being the last coordinate."""
        from scipy.linalg import cho_solve

        right = np.append(covector.coordinates, covector.bias)
        solved = cho_solve((self.lower, True), right, check_finite=False)
        return Step(solved[:-1], float(solved[-1]), self.rows[: self.n] @ solved[:-1] + solved[-1])


def enlarged(matrix: FloatArray, n: int, shape: tuple[int, int]) -> FloatArray:
    """A larger matrix that holds the first `n` rows (and as many columns, where it is square) of this one."""
    bigger = np.empty(shape)
    columns = n if shape[0] == shape[1] else shape[1]
    bigger[:n, :columns] = matrix[:n, :columns]
    return bigger


def curvature_root(logits: FloatArray) -> FloatArray:
    """(n,) sqrt(p (1 - p))."""
    p = sigmoid(logits)
    return np.asarray(np.sqrt(p * (1 - p)))
