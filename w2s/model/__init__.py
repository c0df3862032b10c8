"""Weak and strong models: a representation that reads the inputs, and a learner trained on top."""

from w2s.model.label_model import MajorityVote, Votes
from w2s.model.label_model_dawid_skene import DawidSkene
from w2s.model.label_model_snorkel import SnorkelLabelModel
from w2s.model.mlp import Mlp
from w2s.model.model import Model
from w2s.model.probe import LogisticProbe
from w2s.model.representation import Columns, Quadratic, Raw, Tfidf, TfidfSvd, TopRows

__all__ = [
    "Columns",
    "DawidSkene",
    "LogisticProbe",
    "MajorityVote",
    "Mlp",
    "Model",
    "Quadratic",
    "Raw",
    "SnorkelLabelModel",
    "Tfidf",
    "TfidfSvd",
    "TopRows",
    "Votes",
]
