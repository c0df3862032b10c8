"""The one-split change point against exhaustive search, hand-worked values and `ruptures`."""

from __future__ import annotations

import numpy as np
import pytest
import ruptures
from hypothesis import example, given, settings
from hypothesis import strategies as st

from w2s.detector.change_point import ChangePoint, ReleasedChangePoint, split_index
from w2s.errors import ConfigError


def cost(ordered: np.ndarray, index: int) -> float:
    """Sum of squared distances to the segment means, each segment centred on itself."""
    return float(sum(np.sum((part - part.mean()) ** 2) for part in (ordered[:index], ordered[index:])))


def exhaustive(ordered: np.ndarray, min_size: int) -> float:
    """The smallest cost of all splits, each part's squared distances summed around its own mean."""
    n = len(ordered)
    left = np.arange(n) < np.arange(min_size, n - min_size + 1)[:, None]
    costs = 0.0
    for part in (left, ~left):
        means = (part @ ordered / part.sum(axis=1))[:, None]
        costs = costs + np.sum(part * (ordered - means) ** 2, axis=1)
    return float(np.min(costs))


def random_input(draw: np.random.Generator) -> np.ndarray:
    """n from 2 up, with ties, offsets up to 1e9 and scales from 1e-3 to 1e3."""
    n = int(draw.integers(2, 60))
    values = [
        lambda: draw.normal(size=n),
        lambda: draw.integers(0, 4, size=n).astype(float),
        lambda: np.full(n, draw.normal()),
        lambda: draw.exponential(size=n) ** 3,
        lambda: np.concatenate([draw.normal(size=n // 2), 5 + draw.normal(size=n - n // 2)]),
    ][draw.integers(5)]()
    offset = draw.choice([0.0, 1e3, -1e9, 1e9])
    return np.sort(values * draw.choice([1e-3, 1.0, 1e3]) + offset)


def test_a_hand_worked_split() -> None:
    # {0, 1} and {10, 11}: cost 0.5 + 0.5; every other split costs more.
    assert split_index(np.array([0.0, 1.0, 10.0, 11.0])) == 2
    assert ChangePoint().split(np.array([11.0, 0.0, 10.0, 1.0])) == 10.0


def test_the_first_of_two_equal_splits_is_taken() -> None:
    # {0} {1, 2} and {0, 1} {2} both cost 0.5.
    assert split_index(np.array([0.0, 1.0, 2.0])) == 1
    assert split_index(np.array([0.0, 1.0, 2.0]) * 0.1 + 1e9) == 1


@pytest.mark.slow
def test_ten_thousand_random_inputs_cost_what_exhaustive_search_finds() -> None:
    draw = np.random.default_rng(0)
    for _ in range(10_000):
        ordered = random_input(draw)
        min_size = int(draw.integers(1, 3))
        index = split_index(ordered, min_size=min_size)
        if len(ordered) < 2 * min_size or ordered[0] == ordered[-1]:
            assert index is None
            continue
        assert index is not None
        centred = ordered - ordered[len(ordered) // 2]
        best = exhaustive(centred, min_size)
        assert cost(centred, index) <= best + 1e-9 * max(best, np.ptp(centred) ** 2)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=2, max_size=30))
@example([0, 0])
def test_on_whole_numbers_the_index_is_the_first_of_the_cheapest(values: list[int]) -> None:
    ordered = np.sort(np.array(values, dtype=float))
    costs = np.array([cost(ordered, index) for index in range(1, len(ordered))])
    first = 1 + int(np.flatnonzero(costs <= costs.min() + 1e-9)[0])
    assert split_index(ordered) == (None if ordered[0] == ordered[-1] else first)


def test_a_plain_cumulative_sum_would_be_wrong_at_a_large_offset() -> None:
    # The negative control: its sums reach 2e12, where neighbouring numbers are 2e-4 apart.
    values = np.sort(np.random.default_rng(0).normal(size=2000)) * 1e-4
    shifted = values + 1e9
    below = np.arange(1, len(shifted))
    sums = np.cumsum(shifted)[:-1]
    plain = 1 + int(np.argmax((sums - below * shifted.sum() / len(shifted)) ** 2 / (below * (len(shifted) - below))))
    assert split_index(shifted) == split_index(values)
    assert abs(plain - split_index(values)) > 500


@pytest.mark.parametrize("kind", ["normal", "uniform", "two groups", "skewed"])
def test_the_released_index_is_that_of_ruptures(kind: str) -> None:
    draw = np.random.default_rng(1)
    for n in (7, 8, 23, 100, 251):
        values = {
            "normal": draw.normal(size=n),
            "uniform": draw.uniform(size=n),
            "two groups": np.concatenate([draw.normal(size=n // 3), draw.normal(4, 1, size=n - n // 3)]),
            "skewed": draw.exponential(size=n) ** 2,
        }[kind]
        ordered = np.sort(values)
        theirs = ruptures.Binseg(model="l2").fit(ordered).predict(n_bkps=1)[0]
        assert split_index(ordered, min_size=2, step=5, ties="last") == theirs
        assert ReleasedChangePoint().split(values) == ordered[theirs]


def test_on_a_constant_signal_the_released_index_is_the_last_admissible_one_as_in_ruptures() -> None:
    constant = np.full(23, 0.25)
    theirs = ruptures.Binseg(model="l2").fit(constant).predict(n_bkps=1)[0]
    assert theirs == 20
    assert split_index(constant, min_size=2, step=5, ties="last") == theirs
    assert ReleasedChangePoint().split(constant) == 0.25
    assert ChangePoint().split(constant) is None


def test_below_seven_values_ruptures_fails_and_we_have_no_split_or_the_named_median() -> None:
    six = np.arange(6.0)
    with pytest.raises(ruptures.exceptions.BadSegmentationParameters):
        ruptures.Binseg(model="l2").fit(six).predict(n_bkps=1)
    assert ReleasedChangePoint().split(six) is None
    assert ReleasedChangePoint(fallback="median").split(six) == 2.5
    assert ReleasedChangePoint(fallback="median").split(six[:0]) is None


def test_without_step_and_with_ties_aside_the_exact_split_is_that_of_ruptures_trying_every_index() -> None:
    draw = np.random.default_rng(2)
    for n in (5, 40, 300):
        ordered = np.sort(draw.normal(size=n))
        theirs = ruptures.Binseg(model="l2", jump=1, min_size=1).fit(ordered).predict(n_bkps=1)[0]
        assert split_index(ordered) == theirs


def test_fewer_than_two_values_have_no_split() -> None:
    assert ChangePoint().split(np.array([])) is None
    assert ChangePoint().split(np.array([1.0])) is None
    assert ChangePoint(min_size=2).split(np.array([1.0, 2.0, 3.0])) is None


def test_a_side_of_no_values_is_refused() -> None:
    with pytest.raises(ConfigError, match="min_size=0"):
        ChangePoint(min_size=0)
