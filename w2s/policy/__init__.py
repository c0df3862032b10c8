"""Choosing the source to buy from. A policy is an index over counts; a choice is a maker, called with a `BanditProblem`."""

from w2s.policy.baselines import EpsilonGreedy, ExploreThenCommit, Greedy, Oracle, Random, RoundRobin
from w2s.policy.elimination import SuccessiveElimination
from w2s.policy.thompson import Thompson
from w2s.policy.ucb import KLUCB, MOSS, UCB, UCBV, ReleasedUCB, SampleUCB, SlidingWindowUCB

__all__ = [
    "KLUCB",
    "MOSS",
    "UCB",
    "UCBV",
    "EpsilonGreedy",
    "ExploreThenCommit",
    "Greedy",
    "Oracle",
    "Random",
    "ReleasedUCB",
    "RoundRobin",
    "SampleUCB",
    "SlidingWindowUCB",
    "SuccessiveElimination",
    "Thompson",
]
