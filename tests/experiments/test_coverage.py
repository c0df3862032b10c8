"""The simulated world of the coverage experiment, against what is known of it in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from w2s.statistics.intervals import crossed, t_interval

simulate = pytest.importorskip("experiments.coverage.simulate", reason="experiments are not in a source distribution")

WORLD = simulate.World(accuracy=(0.6, 0.9), seed=0.2, draw=0.2)


def test_students_are_right_as_often_as_their_world_says() -> None:
    rng = np.random.default_rng(0)
    points = WORLD.points(400, rng)
    right = WORLD.answers(points, 400, 2, rng)
    assert right.mean(axis=(0, 1, 2)) == pytest.approx(WORLD.on(points), abs=0.01)
    assert WORLD.on(WORLD.points(200_000, rng)) == pytest.approx(WORLD.accuracy, abs=0.003)


def test_the_crossed_interval_covers_and_one_over_seeds_alone_covers_only_this_test_set() -> None:
    rng = np.random.default_rng(1)
    world = simulate.World(accuracy=(0.7, 0.8))
    held = {"crossed": 0, "seeds, here": 0, "seeds, anywhere": 0}
    repetitions, truth = 300, 0.1
    for _ in range(repetitions):
        points = world.points(200, rng)
        right = world.answers(points, 5, 1, rng)[:, 0].astype(float)
        difference = right[:, :, 1] - right[:, :, 0]
        whole, seeds = crossed(difference[:, :, None]).interval(), t_interval(difference.mean(axis=1))
        here = float(np.diff(world.on(points))[0])
        held["crossed"] += whole.low <= truth <= whole.high
        held["seeds, here"] += seeds.low <= here <= seeds.high
        held["seeds, anywhere"] += seeds.low <= truth <= seeds.high
    assert held["crossed"] / repetitions == pytest.approx(0.95, abs=0.035)
    assert held["seeds, here"] / repetitions == pytest.approx(0.95, abs=0.035)
    assert held["seeds, anywhere"] / repetitions < 0.9


@pytest.mark.parametrize("seeds", [3, 10])
def test_densities_of_halvings_of_one_sample_cover_as_often_as_the_t_distribution_says(seeds: int) -> None:
    """A half of 2 n points varies around them as much as they do around the truth: 1 + S times too small a variance."""
    rng, repetitions, n = np.random.default_rng(2), 1500, 400
    found = np.array([simulate.halvings(0.2, n, seeds, rng) for _ in range(repetitions)])
    assert found[:, 0].var() == pytest.approx(0.2 * 0.8 / n, rel=0.12)
    intervals = [t_interval(row[:-1]) for row in found]
    low, high = [each.low for each in intervals], [each.high for each in intervals]
    assert simulate.share_within(low, high, found[:, -1]) == pytest.approx(0.95, abs=0.02)
    reach = t.ppf(0.975, seeds - 1) / np.sqrt(1 + seeds)
    expected = 1 - 2 * t.sf(reach, seeds - 1)
    assert simulate.share_within(low, high, np.full(repetitions, 0.2)) == pytest.approx(expected, abs=0.04)
