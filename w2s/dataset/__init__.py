"""Where points come from: each choice loads the four roles of a data set."""

from w2s.dataset.digits import Digits
from w2s.dataset.gaussian import Gaussian
from w2s.dataset.table import Table

__all__ = ["Digits", "Gaussian", "Table"]
