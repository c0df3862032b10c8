"""Finding overlap points. Each choice is a few lines over shared pieces."""

from w2s.detector.baselines import NoDetector, OracleDetector
from w2s.detector.cosine import MaxAbsCosine, MeanCosine, SimilarityDetector

__all__ = ["MaxAbsCosine", "MeanCosine", "NoDetector", "OracleDetector", "SimilarityDetector"]
