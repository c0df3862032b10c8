"""Logistic probes on fixed features."""

from w2s.model.probe.logistic import TOLERANCE, FittedProbe, LogisticProbe

__all__ = ["TOLERANCE", "FittedProbe", "LogisticProbe"]
