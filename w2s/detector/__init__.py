"""Finding overlap points. Each choice is a few lines over shared pieces."""

from w2s.detector.baselines import ConfidenceDetector, NoDetector, OracleDetector, RandomDetector
from w2s.detector.belief import ProbeDisagreement, ResidualBelief
from w2s.detector.hard_similarity import MaxAbsCosine, MeanCosine, SimilarityDetector
from w2s.detector.linear import MapResidual, ProjectionResidual, PrototypeDistance
from w2s.detector.neighbours import CutStatistic, MixedNeighbourhood
from w2s.detector.validated import ValidatedDetector

__all__ = [
    "ConfidenceDetector",
    "CutStatistic",
    "MapResidual",
    "MaxAbsCosine",
    "MeanCosine",
    "MixedNeighbourhood",
    "NoDetector",
    "OracleDetector",
    "ProbeDisagreement",
    "ProjectionResidual",
    "PrototypeDistance",
    "RandomDetector",
    "ResidualBelief",
    "SimilarityDetector",
    "ValidatedDetector",
]
