"""Where the points of a pool can be bought: the data's own sources, or made-up ones of chosen overlap densities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import MinLen

from w2s.errors import ConfigError, DataError, require
from w2s.identity import identity
from w2s.pool.own_sources import own_sources
from w2s.types import FloatArray, IntArray, Partition, Region, Split, StrArray
from w2s.utils.ranges import Positive, Share, checked

ROUNDING = 1e-9
"""Lets int(.2 x 32 / 1.6) be 4."""


@dataclass(frozen=True)
class SourcePeriod:
    """K sources as they are in one period."""

    name: str
    members: tuple[IntArray, ...]
    """For each source the positions of its points of this period."""
    detected: FloatArray
    """(K,) overlap density by the detector; 0 for a source without points."""
    true: FloatArray | None
    """(K,) planted overlap density."""

    @staticmethod
    def each(pool: Split, members: tuple[IntArray, ...], partition: Partition) -> tuple[SourcePeriod, ...]:
        """Of a pool with dates, in order of time."""
        if pool.periods is None:
            return ()
        planted = None if pool.planted is None else pool.planted.open("true densities of the sources by period")
        found = []
        for name in np.unique(np.concatenate([pool.periods[points] for points in members])).tolist():
            inside = tuple(points[pool.periods[points] == name] for points in members)
            true = None if planted is None else densities(planted, inside)
            found.append(SourcePeriod(name, inside, densities(partition.regions, inside), true))
        return tuple(found)

    @property
    def sizes(self) -> IntArray:
        """(K,) points of each source."""
        return np.array([len(points) for points in self.members])


@dataclass(frozen=True)
class SourceSet:
    """K sources of one pool, and what is known of them."""

    names: tuple[str, ...]
    members: tuple[IntArray, ...]
    """For each source the positions of its points in the pool, ascending; may be empty."""
    detected: FloatArray
    """(K,) in [0, 1], overlap density by the detector; 0 for an empty source."""
    true: FloatArray | None
    """(K,) planted overlap density; None where no truth is planted."""
    prices: FloatArray | None
    """(K,) money per point, > 0; None where points cost nothing and are counted themselves."""
    periods: tuple[SourcePeriod, ...] = ()
    """What can be bought one period after the other; none where the pool has no dates."""

    @property
    def times(self) -> tuple[SourcePeriod, ...]:
        """The periods, all time being one where the pool has no dates."""
        return self.periods or (SourcePeriod("", self.members, self.detected, self.true),)

    @property
    def sizes(self) -> IntArray:
        """(K,) points of each source."""
        return np.array([len(points) for points in self.members])

    @property
    def costs(self) -> FloatArray:
        """(K,) what a point costs: its price, or 1 where points are counted."""
        return np.ones(len(self.names)) if self.prices is None else self.prices

    def source_of(self, n: int) -> StrArray:
        """(n,) the source of each pool point; an empty string for points outside all sources."""
        names = np.full(n, "", dtype=object)
        for name, points in zip(self.names, self.members, strict=True):
            names[points] = name
        return names.astype(np.str_)


@identity()
@dataclass(frozen=True, kw_only=True)
@checked
class Sources:
    """How a pool becomes K sources. The data's own source column is used where there is one, unless `column` is false.

    `shares`: source k gets that share of the overlap points and 1/K of the easy and of the hard ones (the published
    protocol, with exact shares of the original counts). `densities`, in place of `shares`: source k gets int(p_k |O|)
    overlap points and int(overlap_k (1 - p_k) / (2 p_k)) easy and as many hard ones (the rebalanced protocol).
    """

    shares: Annotated[tuple[Share, ...], MinLen(1)] = (0.1, 0.9)
    """(K,) with sum 1."""
    densities: Annotated[tuple[Positive, ...], MinLen(1)] | None = None
    """(K,) with a sum of at most 1."""
    by: Literal["detected", "planted"] = "detected"
    """Whose regions the sources are made of."""
    column: bool = True
    prices: tuple[Positive, ...] | None = None
    """(K,) money per point, in the order of the sources' names; None where points are counted."""

    def __post_init__(self) -> None:
        shares = list(self.shares)
        require(abs(sum(shares) - 1) < 1e-6, f"shares={shares}: they sum to {sum(shares):g}; give shares that sum to 1.")
        if self.densities is not None:
            densities = list(self.densities)
            require(sum(densities) <= 1 + 1e-6, f"densities={densities}: give numbers with a sum of at most 1.")

    def check_prices(self, own: tuple[str, ...]) -> None:
        """Refuse prices for another number of sources.

        Args:
            own: names of the data's own sources; none where it has no such column.

        Raises:
            ConfigError: naming the sources.
        """
        names = (self.column and own) or self._made_up()
        if self.prices is not None and len(self.prices) != len(names):
            prices = f"sources.prices={list(self.prices)}: {len(self.prices)} for {len(names)} sources"
            raise ConfigError(f"{prices}.\nGive one for each of: {', '.join(names)}.")

    def _made_up(self) -> tuple[str, ...]:
        return tuple(f"source {k + 1}" for k in range(len(self.densities or self.shares)))

    def origin(self, pool: Split) -> str:
        """Where the sources come from: the data, or made up for the study."""
        return "the data's own" if self.column and pool.sources is not None else f"artificial, dealt from {self.by} regions"

    def obstacle(self, pool: Split, partition: Partition) -> str | None:
        """Why no sources can be made of this pool, if so."""
        if not np.any(partition.regions == Region.OVERLAP):
            return partition.reason or "the detector finds no overlap, so that all sources are alike"
        if self.column and pool.sources is not None:
            return None
        if self.by == "planted" and pool.planted is None:
            return "sources.by=planted needs planted regions, and this data set plants none"
        if self.densities is None:
            return None
        regions = self._regions(pool, partition)
        overlap, easy, hard = self._counts(regions)
        have_easy, have_hard = (int(np.sum(regions == region)) for region in (Region.EASY, Region.HARD))
        if sum(easy) > have_easy or sum(hard) > have_hard or min(overlap) == 0:
            return (
                f"densities {list(self.densities)} need {sum(easy)} easy and {sum(hard)} hard points and an overlap point "
                f"in each source; there are {have_easy}, {have_hard} and {int(np.sum(regions == Region.OVERLAP))}"
            )
        return None

    def build(self, pool: Split, partition: Partition, draw: np.random.Generator) -> SourceSet:
        """The sources of a pool without an `obstacle`; `draw` deals points into made-up ones.

        Raises:
            DataError: a point without a source, or more sources than points.
            ConfigError: prices for another number of sources.
        """
        if self.column and pool.sources is not None:
            names, members = own_sources(pool.sources)
            self.check_prices(names)
        else:
            names, members = self._made_up(), self._deal(self._regions(pool, partition), draw)
            self.check_prices(())
        require(
            len(names) <= len(pool),
            f"{len(names)} sources for {len(pool)} points: give fewer shares than points.",
            DataError,
        )
        planted = None if pool.planted is None else pool.planted.open("true densities of the sources")
        return SourceSet(
            names=names,
            members=members,
            detected=densities(partition.regions, members),
            true=None if planted is None else densities(planted, members),
            prices=None if self.prices is None else np.array(self.prices, dtype=np.float64),
            periods=SourcePeriod.each(pool, members, partition),
        )

    def _regions(self, pool: Split, partition: Partition) -> IntArray:
        if self.by == "detected":
            return partition.regions
        assert pool.planted is not None, "`obstacle` says when nothing is planted"
        return np.asarray(pool.planted.open("sources made of planted regions"))

    def _deal(self, regions: IntArray, draw: np.random.Generator) -> tuple[IntArray, ...]:
        """Positions of each source."""
        overlap, easy, hard = self._counts(regions)
        counts = {Region.OVERLAP: overlap, Region.EASY: easy, Region.HARD: hard}
        parts: list[list[IntArray]] = [[] for _ in overlap]
        for region, sizes in counts.items():
            points = draw.permutation(np.flatnonzero(regions == region))
            for k, stop in enumerate(np.cumsum(sizes)):
                parts[k].append(points[stop - sizes[k] : stop])
        return tuple(np.sort(np.concatenate(part)) for part in parts)

    def _counts(self, regions: IntArray) -> tuple[list[int], list[int], list[int]]:
        """Overlap, easy and hard points of each source."""
        n = {region: int(np.sum(regions == region)) for region in (Region.EASY, Region.HARD, Region.OVERLAP)}
        if self.densities is None:
            even = [1 / len(self.shares)] * len(self.shares)
            return exact(self.shares, n[Region.OVERLAP]), exact(even, n[Region.EASY]), exact(even, n[Region.HARD])
        overlap = [int(p * n[Region.OVERLAP] + ROUNDING) for p in self.densities]
        others = [int(o * (1 - p) / (2 * p) + ROUNDING) for o, p in zip(overlap, self.densities, strict=True)]
        return overlap, others, others


def exact(shares: tuple[float, ...] | list[float], n: int) -> list[int]:
    """`n` points in `shares` of the original count, each within one point, all points given away."""
    stops = np.rint(np.cumsum(shares) / np.sum(shares) * n).astype(int)
    return [int(size) for size in np.diff(stops, prepend=0)]


def densities(regions: IntArray, members: tuple[IntArray, ...]) -> FloatArray:
    """(K,) share of overlap among the points of each source; 0 for an empty one."""
    return np.array([np.mean(regions[points] == Region.OVERLAP) if len(points) else 0.0 for points in members])
