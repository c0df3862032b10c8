"""Weak and strong models: a representation that reads the inputs, and a learner trained on top."""

from w2s.model.chain import Chain
from w2s.model.column_predictions import Given
from w2s.model.ensemble import Bagging, Boosting, ClassSpecialists, Ensemble, LearnedWeights, Specialists
from w2s.model.finetuning import FineTuning
from w2s.model.logistic import LogisticProbe
from w2s.model.mlp import Mlp
from w2s.model.model import FittedModel, Model
from w2s.model.products import Products, Quadratic
from w2s.model.representation import Columns, Raw, Tfidf, TfidfSvd, TopRows
from w2s.model.votes import DawidSkene, MajorityVote, SnorkelLabelModel, Votes

__all__ = [
    "Bagging",
    "Boosting",
    "Chain",
    "ClassSpecialists",
    "Columns",
    "DawidSkene",
    "Ensemble",
    "FineTuning",
    "FittedModel",
    "Given",
    "LearnedWeights",
    "LogisticProbe",
    "MajorityVote",
    "Mlp",
    "Model",
    "Products",
    "Quadratic",
    "Raw",
    "SnorkelLabelModel",
    "Specialists",
    "Tfidf",
    "TfidfSvd",
    "TopRows",
    "Votes",
]
