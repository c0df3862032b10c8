"""Weak and strong models: a representation that reads the inputs, and a learner trained on top."""

from w2s.model.model import Model
from w2s.model.probe import LogisticProbe
from w2s.model.representation import Columns, Quadratic, Raw, TfidfSvd, TopRows

__all__ = ["Columns", "LogisticProbe", "Model", "Quadratic", "Raw", "TfidfSvd", "TopRows"]
