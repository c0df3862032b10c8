"""Labelling functions as the weak model: label models over their votes."""

from w2s.model.votes.dawid_skene import DawidSkene
from w2s.model.votes.majority import MajorityVote, Votes
from w2s.model.votes.snorkel import SnorkelLabelModel

__all__ = ["DawidSkene", "MajorityVote", "SnorkelLabelModel", "Votes"]
