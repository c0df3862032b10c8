"""Better weak labels, before a student learns from them: relabel, drop or weigh by an opinion or a doubt."""

from w2s.refiner.base import Doubt, Filter, NoRefiner, Opinion, Relabel, Weigh
from w2s.refiner.calibration import Distrust, Isotonic, Temperature, Unreliable, Unsure
from w2s.refiner.co_supervision import CoSupervised
from w2s.refiner.controls import Chance, Permuted, Themselves, Truth, Wrong
from w2s.refiner.neighbours import CutStatistic, NeighbourOpinion, SmoothedOpinion, Topological
from w2s.refiner.probes import (
    ConfidentLearning,
    Disagreement,
    LogConfidence,
    ProbeOpinion,
    SelfConsistent,
    SmallLoss,
    Unbelieved,
)

__all__ = [
    "Chance",
    "CoSupervised",
    "ConfidentLearning",
    "CutStatistic",
    "Disagreement",
    "Distrust",
    "Doubt",
    "Filter",
    "Isotonic",
    "LogConfidence",
    "NeighbourOpinion",
    "NoRefiner",
    "Opinion",
    "Permuted",
    "ProbeOpinion",
    "Relabel",
    "SelfConsistent",
    "SmallLoss",
    "SmoothedOpinion",
    "Temperature",
    "Themselves",
    "Topological",
    "Truth",
    "Unbelieved",
    "Unreliable",
    "Unsure",
    "Weigh",
    "Wrong",
]
