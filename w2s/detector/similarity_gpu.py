"""The similarity of points to references on an accelerator: the same numbers as `w2s.detector.similarity`, by torch."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from w2s.types import FloatArray

if TYPE_CHECKING:
    import torch

BLOCK_POINTS = 4096
BLOCK_REFERENCES = 16384
"""A block of float32 similarities is 256 MB on the device."""
WORTH_IT = 1e11
"""Multiplications from which on loading torch and moving the vectors pays: about two seconds on one core."""


DRIVER = (Path("/dev/nvidiactl"), Path("/dev/dxg"))
"""Where a CUDA driver shows itself on Linux, and on Windows' subsystem for it: without one, torch need not be loaded."""


def accelerator(work: float) -> str | None:
    """The device to use for this many multiplications; None is the processor."""
    if work < WORTH_IT or not any(file.exists() for file in DRIVER):
        return None
    import torch

    return "cuda" if torch.cuda.is_available() else None


def similarity_on(
    device: str,
    points: FloatArray,
    references: FloatArray,
    *,
    absolute: bool,
    aggregate: str,
    k: int,
    sharpness: float,
) -> FloatArray:
    """(n,) aggregated product of points (n, d) with references (r, d), or of its absolute value.

    The device holds the references and one block of products, whatever n and r.

    Args:
        device: as torch names it.
        points: scaled to unit rows where cosines are wanted.
        references: likewise.
        absolute: whether the sign is dropped.
        aggregate: over the references: maximum, mean, mean of the `k` largest, or log(mean(exp(sharpness s))) / sharpness.
        k: at most r.
        sharpness: > 0.
    """
    import torch

    theirs = torch.as_tensor(references).to(device)
    found = np.empty(len(points), dtype=np.float64)
    for start in range(0, len(points), BLOCK_POINTS):
        rows = torch.as_tensor(points[start : start + BLOCK_POINTS]).to(device)
        parts = []
        for first in range(0, len(theirs), BLOCK_REFERENCES):
            block = rows @ theirs[first : first + BLOCK_REFERENCES].T
            block = block.abs_() if absolute else block
            parts.append(_reduced(block.mul_(sharpness) if aggregate == "soft_max" else block, aggregate, k))
        merged = _reduced(torch.cat(parts, dim=1).double(), aggregate, k)
        found[start : start + BLOCK_POINTS] = _finished(merged, aggregate, len(references), sharpness).cpu().numpy()
    return found


def _reduced(values: torch.Tensor, aggregate: str, k: int) -> torch.Tensor:
    """(n, 1) maximum, sum or log-sum-exp of (n, r) values, or their (n, k) largest; of parts it gives that of the whole."""
    match aggregate:
        case "max":
            return values.amax(dim=1, keepdim=True)
        case "mean":
            return values.sum(dim=1, keepdim=True)
        case "top":
            return values.topk(min(k, values.shape[1]), dim=1, sorted=False).values
        case _:
            return values.logsumexp(dim=1, keepdim=True)


def _finished(merged: torch.Tensor, aggregate: str, n_references: int, sharpness: float) -> torch.Tensor:
    """(n,) aggregate over all references."""
    match aggregate:
        case "mean":
            return merged[:, 0] / n_references
        case "soft_max":
            return (merged[:, 0] - math.log(n_references)) / sharpness
        case _:
            return merged.mean(dim=1)
