"""Penalised logistic regression: soft or hard targets, weights, warm starts on growing sets, many fits at once."""

from w2s.model.logistic.batched import LinearFits, fit_batch
from w2s.model.logistic.probe import FittedProbe, IncrementalProbe, LogisticProbe
from w2s.model.logistic.solver import TOLERANCE

__all__ = ["TOLERANCE", "FittedProbe", "IncrementalProbe", "LinearFits", "LogisticProbe", "fit_batch"]
