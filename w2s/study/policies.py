"""Policies as studies use them: made for one problem at a time, and named in tables."""

from __future__ import annotations

import numpy as np

from w2s.protocols import BanditProblem, PolicyMaker
from w2s.types import FloatArray, Sealed


def check_policy(maker: PolicyMaker) -> None:
    """Make a policy for a tiny problem, which refuses wrong arguments before anything is loaded.

    Raises:
        ConfigError: as the policy raised it.
    """
    unknown: Sealed[FloatArray] = Sealed(np.zeros(1))
    maker(BanditProblem(n_sources=1, rounds=1, batch=1, generator=np.random.default_rng(0), true_density=unknown))


def policy_name(maker: PolicyMaker) -> str:
    """What a policy calls itself, else the name of its class."""
    kind = getattr(maker, "func", maker)
    return str(getattr(kind, "name", getattr(kind, "__name__", type(kind).__name__)))
