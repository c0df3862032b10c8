"""What can be asked of a data set and a pair of models."""

from w2s.study.base import Analysis, OnPool, Study

__all__ = ["Analysis", "OnPool", "Study"]
