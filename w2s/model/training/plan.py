"""Which points each optimiser step trains on, and how fast: pure functions of seed, epoch and step."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from w2s.seeding import generator
from w2s.types import IntArray

ALIKE_BATCHES = 50
"""So many batches are sorted by length together: texts of a batch are alike in length, and still a random choice."""


def batches(lengths: IntArray, batch: int, *, seed: int, epoch: int) -> list[IntArray]:
    """Positions of the points of each step of an epoch, each point once.

    Points are shuffled, sorted by length within every `ALIKE_BATCHES` batches, and these batches are shuffled again. The
    batch that is smaller where n is no multiple of `batch` comes at a random place.

    Args:
        lengths: (n,) tokens of each point.
        batch: points of a step.
        seed: of the fit.
        epoch: from 0.
    """
    draw = generator(seed, "training", "order", str(epoch))
    order = draw.permutation(len(lengths))
    found = []
    for start in range(0, len(order), ALIKE_BATCHES * batch):
        group = order[start : start + ALIKE_BATCHES * batch]
        group = group[np.argsort(-lengths[group], kind="stable")]
        found += [group[i : i + batch] for i in range(0, len(group), batch)]
    return [found[i] for i in draw.permutation(len(found))]


def rate_share(step: int, steps: int, warmup: int, schedule: Literal["constant", "linear", "cosine"]) -> float:
    """The share of the learning rate at step 0 <= step < steps: rising over `warmup` steps, then as the schedule says."""
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    match schedule:
        case "constant":
            return 1.0
        case "linear":
            return 1.0 - done
        case "cosine":
            return (1.0 + math.cos(math.pi * done)) / 2
