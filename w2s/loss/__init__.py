"""What a student trained by steps minimises, between its logits and the weak labels."""

from w2s.loss.base import Loss, Step
from w2s.loss.divergences import (
    Brier,
    ChiSquared,
    CrossEntropy,
    Hellinger,
    Jeffreys,
    JensenShannon,
    KullbackLeibler,
    LabelSmoothing,
    ReverseKullbackLeibler,
    TotalVariation,
)
from w2s.loss.robust import ConfidenceAdaptiveCrossEntropy, Evidential, SymmetricCrossEntropy
from w2s.loss.self_training import (
    AdaptiveConfidence,
    ConfidenceWindow,
    LogConfidence,
    MulticlassLogConfidence,
    ProductOfExperts,
    SelfDistillation,
)

__all__ = [
    "AdaptiveConfidence",
    "Brier",
    "ChiSquared",
    "ConfidenceAdaptiveCrossEntropy",
    "ConfidenceWindow",
    "CrossEntropy",
    "Evidential",
    "Hellinger",
    "Jeffreys",
    "JensenShannon",
    "KullbackLeibler",
    "LabelSmoothing",
    "LogConfidence",
    "Loss",
    "MulticlassLogConfidence",
    "ProductOfExperts",
    "ReverseKullbackLeibler",
    "SelfDistillation",
    "Step",
    "SymmetricCrossEntropy",
    "TotalVariation",
]
