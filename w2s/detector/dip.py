"""Hartigan's dip: how far an empirical distribution is from the nearest unimodal one.

J. A. Hartigan and P. M. Hartigan, "The dip test of unimodality", Annals of Statistics 13, 1985; the algorithm is that of
P. M. Hartigan, "Algorithm AS 217", Applied Statistics 34, 1985. The uniform distribution is the least favourable unimodal
null asymptotically, so critical values from it keep the false-alarm rate for every unimodal batch.
"""

from __future__ import annotations

import itertools

import numpy as np

from w2s.types import FloatArray


def dip(ordered: FloatArray) -> float:
    """The dip in [1 / (2 n), 1 / 4] of ascending, finite (n,) values, n >= 1. O(n)."""
    n = len(ordered)
    if n < 4 or ordered[0] == ordered[-1]:
        return 1 / (2 * n)
    x = np.asarray(ordered, dtype=np.float64).tolist()
    minorant, majorant = _hull(x, range(n)), _hull(x, range(n - 1, -1, -1))
    low, high, deepest = 0, n - 1, 1.0
    while True:
        lower, upper = _chain(minorant, high, low), _chain(majorant, low, high)
        distance, left, right = _widest_gap(x, lower, upper)
        if distance < deepest:
            return deepest / (2 * n)
        deepest = max(deepest, _depth(x, lower[left:][::-1], sign=1), _depth(x, upper[right:], sign=-1))
        if low == lower[left] and high == upper[right]:
            return deepest / (2 * n)
        low, high = lower[left], upper[right]


def _hull(x: list[float], order: range) -> list[int]:
    """For each index the previous vertex of the greatest convex minorant (ascending `order`) or least concave majorant."""
    first = order[0]
    vertex = [first] * len(x)
    for j in list(order)[1:]:
        vertex[j] = j - order.step
        while True:
            a = vertex[j]
            b = vertex[a]
            if a == first or (x[j] - x[a]) * (a - b) < (x[a] - x[b]) * (j - a):
                break
            vertex[j] = b
    return vertex


def _chain(vertex: list[int], start: int, stop: int) -> list[int]:
    """The vertices from `start` to `stop`, both included."""
    chain = [start]
    while chain[-1] != stop:
        chain.append(vertex[chain[-1]])
    return chain


def _widest_gap(x: list[float], lower: list[int], upper: list[int]) -> tuple[float, int, int]:
    """Largest distance of majorant and minorant in steps of 1 / n, and where: positions in `lower` and `upper`.

    `lower` are the vertices of the minorant from the right to the left, `upper` those of the majorant from the left.
    """
    last_lower, last_upper = len(lower) - 1, len(upper) - 1
    if last_lower == 1 and last_upper == 1:
        return 1.0, last_lower, last_upper
    distance, left, right = 0.0, last_lower, last_upper
    i, j = last_lower - 1, 1
    while True:
        a, b = lower[i], upper[j]
        if a > b:
            before = lower[i + 1]
            gap = (b - before + 1) - (x[b] - x[before]) * (a - before) / (x[a] - x[before])
            j += 1
            found = (i + 1, j - 1)
        else:
            before = upper[j - 1]
            gap = (x[a] - x[before]) * (b - before) / (x[b] - x[before]) - (a - before - 1)
            i -= 1
            found = (i + 1, j)
        if gap >= distance:
            distance, (left, right) = gap, found
        i, j = max(i, 0), min(j, last_upper)
        if lower[i] == upper[j]:
            return distance, left, right


def _depth(x: list[float], vertices: list[int], *, sign: int) -> float:
    """Largest distance, in steps of 1 / n, of the distribution above its minorant (sign 1) or below its majorant (-1)."""
    deepest = 1.0
    for a, b in itertools.pairwise(vertices):
        if b - a > 1 and x[b] != x[a]:
            slope = (b - a) / (x[b] - x[a])
            deepest = max(deepest, *(1 + sign * ((j - a) - (x[j] - x[a]) * slope) for j in range(a, b + 1)))
    return deepest
