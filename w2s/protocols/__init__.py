"""What the config groups promise one another. A study knows these and nothing more concrete.

What a study and an analysis are stands in `w2s.study.base`, above the prepared pool and the recorder that they are given.
"""

from w2s.protocols.dataset import Dataset, DeclaresColumns, Previewable
from w2s.protocols.detector import (
    Detector,
    ExplainsChoice,
    FittedDetector,
    NoiseThreshold,
    OnlineDetector,
    OnlinePartitioner,
    Threshold,
)
from w2s.protocols.model import (
    BatchLearner,
    ComesApart,
    Encoder,
    Fitted,
    IncrementalFit,
    IncrementalLearner,
    Learner,
    ModelParts,
    ReadsColumn,
    Representation,
    StoredEncoder,
    TakesLoss,
    TrainedBySteps,
    TrainsRepresentation,
    UsesValidation,
)
from w2s.protocols.policy import BanditProblem, Policy, PolicyMaker
from w2s.protocols.refiner import PoolView, Refiner
from w2s.protocols.tracker import Tracker

__all__ = [
    "BanditProblem",
    "BatchLearner",
    "ComesApart",
    "Dataset",
    "DeclaresColumns",
    "Detector",
    "Encoder",
    "ExplainsChoice",
    "Fitted",
    "FittedDetector",
    "IncrementalFit",
    "IncrementalLearner",
    "Learner",
    "ModelParts",
    "NoiseThreshold",
    "OnlineDetector",
    "OnlinePartitioner",
    "Policy",
    "PolicyMaker",
    "PoolView",
    "Previewable",
    "ReadsColumn",
    "Refiner",
    "Representation",
    "StoredEncoder",
    "TakesLoss",
    "Threshold",
    "Tracker",
    "TrainedBySteps",
    "TrainsRepresentation",
    "UsesValidation",
]
