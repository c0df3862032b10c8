"""Several teachers in the place of one: each a learner over another learner."""

from w2s.model.ensemble.classes import ClassSpecialists, FittedClassSpecialists
from w2s.model.ensemble.model import Ensemble
from w2s.model.ensemble.specialists import FittedSpecialists, Specialists
from w2s.model.ensemble.teachers import Bagging, Boosting, FittedTeachers, LearnedWeights, combined

__all__ = [
    "Bagging",
    "Boosting",
    "ClassSpecialists",
    "Ensemble",
    "FittedClassSpecialists",
    "FittedSpecialists",
    "FittedTeachers",
    "LearnedWeights",
    "Specialists",
    "combined",
]
