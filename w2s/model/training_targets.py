"""What learners are given beside the inputs: targets and weights of points."""

from __future__ import annotations

import numpy as np

from w2s.errors import ConfigError, DataError, require
from w2s.loss import CrossEntropy, Loss
from w2s.types import FloatArray, IntArray


def refuse_other_losses(loss: Loss, learner: str) -> None:
    """For a learner that minimises cross-entropy alone.

    Raises:
        ConfigError: `loss` is another one; with learners that take it.
    """
    if not isinstance(loss, CrossEntropy):
        moves = ", which moves with the student" if loss.needs_current_student else ""
        raise ConfigError(
            f"loss={type(loss).__name__}{moves}: {learner} minimises cross-entropy.\n"
            "Losses are for students trained by gradient steps: learner=lora or learner=full; or take loss=xent."
        )


def class_count(targets: IntArray | FloatArray) -> int:
    """C of class codes (n,) or probabilities (n, C)."""
    return targets.shape[1] if targets.ndim == 2 else int(targets.max()) + 1


def as_probabilities(targets: IntArray | FloatArray) -> FloatArray:
    """(n, C) float64 of class codes (n,) or probabilities (n, C)."""
    return np.asarray(targets if targets.ndim == 2 else np.eye(class_count(targets))[targets], dtype=np.float64)


def point_weights(weights: FloatArray | None, n: int) -> FloatArray:
    """(n,) float64 weights of n points; ones where None is given.

    Raises:
        DataError: as many weights as points are wanted, finite, none below 0 and one above.
    """
    if weights is None:
        return np.ones(n)
    given = np.asarray(weights, dtype=np.float64)
    proper = given.shape == (n,) and bool(np.isfinite(given).all()) and float(given.min()) >= 0 and float(given.max()) > 0
    require(proper, f"weights: {n} finite numbers of at least 0 are wanted, one a point and one of them above 0.", DataError)
    return given
