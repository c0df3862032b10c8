"""Softmax in the precision of the logits, without overflow; numbers of a row that do not depend on its neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, Self

import numpy as np

from w2s.types import FloatArray, Index, Inputs

ROWS = 384
"""Rows of the last piece: a matrix product computes what is left over from blocks of rows in another order of sums. OpenBLAS
takes float32 rows by sixteens or by twelves."""
BLOCK = 341 * ROWS
"""Rows that are read at once where there are many."""


def blocks(n: int) -> list[slice]:
    """The stretches of at most `BLOCK` of n rows, in their order."""
    return [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]


class Rows(Protocol):
    """n points, of which a part can be taken."""

    def __len__(self) -> int:
        """N."""
        ...

    def take(self, index: Index, /) -> Self:
        """The points at `index`."""
        ...


def steady(function: Callable[[Any], FloatArray], points: Rows | FloatArray) -> FloatArray:
    """`function(points)`, (n, ...), the bits of each row being the same however many rows are asked for at once.

    `function` looks at each row alone, but its matrix products add up the last rows in another order. So these are computed
    again among `ROWS` of them, the last one repeated. The same number of BLAS threads is taken for granted, and of
    float32 rows that the products have at most a dozen columns: of wider ones the last bits depend on the place. Of
    more than `BLOCK` rows no more are computed at once, unless `function` only takes columns of them.
    """
    n, rest = len(points), len(points) % ROWS
    if n > BLOCK:
        found = None
        for block in blocks(n):
            part = steady(function, _taken(points, block))
            if found is None:
                source = points.features if isinstance(points, Inputs) else points
                if isinstance(source, np.ndarray) and np.may_share_memory(part, source):
                    return np.asarray(function(points))
                found = np.empty((n, *part.shape[1:]), part.dtype)
            found[block] = part
        assert found is not None, "there are rows"
        return found
    found = np.asarray(function(points)) if n >= ROWS or not rest else None
    if rest:
        index = np.minimum(np.arange(n - rest, n - rest + ROWS), n - 1)
        again = np.asarray(function(_taken(points, index)))[:rest]
        if found is None:
            return again
        if not np.array_equal(found[n - rest :], again, equal_nan=again.dtype.kind == "f"):
            found = found if found.flags.owndata and found.flags.writeable else found.copy()
            found[n - rest :] = again
    assert found is not None, "all rows are computed"
    return found


def _taken(points: Rows | FloatArray, index: Index) -> Any:
    return points[index] if isinstance(points, np.ndarray) else points.take(index)


def softmax(logits: FloatArray) -> FloatArray:
    """(..., C) probabilities of (..., C) logits."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
