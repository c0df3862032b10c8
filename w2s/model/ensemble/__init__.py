"""Several teachers in the place of one: each a learner over another learner."""

from w2s.model.ensemble.bagging_boosting import Bagging, Boosting, FittedTeachers, LearnedWeights, combined
from w2s.model.ensemble.class_specialists import ClassSpecialists, FittedClassSpecialists
from w2s.model.ensemble.ensemble import Ensemble
from w2s.model.ensemble.specialists import FittedSpecialists, Specialists

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
