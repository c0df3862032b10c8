"""Labelling functions as the weak model: label models over their votes."""

from w2s.model.votes.dawid_skene import DawidSkene
from w2s.model.votes.label_model import FittedLabelModel
from w2s.model.votes.majority import MajorityVote
from w2s.model.votes.snorkel import SnorkelLabelModel
from w2s.model.votes.votes import FittedVotes, Votes

__all__ = ["DawidSkene", "FittedLabelModel", "FittedVotes", "MajorityVote", "SnorkelLabelModel", "Votes"]
