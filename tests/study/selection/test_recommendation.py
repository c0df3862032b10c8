from __future__ import annotations

import numpy as np
import pytest

from tests.study.selection.test_selection import preparation
from w2s.pool.student_predictions import one_hot
from w2s.pool.summary import prior_of
from w2s.results.recorder import Recorder
from w2s.statistics.accuracy import correct
from w2s.statistics.intervals import over_points
from w2s.study.selection.purchases import Purchase, Trace
from w2s.study.selection.recommendation import (
    at_chance,
    best_chances,
    between,
    gold_labels,
    gold_sizes,
    smallest_difference,
    source_table,
)
from w2s.study.selection.sources import SourceSet


def source_set(sizes, prices=None):
    stops = np.cumsum(sizes)
    members = tuple(np.arange(stop - size, stop) for size, stop in zip(sizes, stops, strict=True))
    names = tuple("abcdef"[: len(sizes)])
    return SourceSet(names, members, np.zeros(len(sizes)), None, None if prices is None else np.array(prices))


def bought(*rounds):
    """(source, points, overlaps) of each round."""
    purchases = [Purchase(k, np.arange(n), np.arange(n) < o, np.ones(3, dtype=bool), "because") for k, n, o in rounds]
    return Trace("test", tuple(purchases))


def test_the_table_adds_up_rounds_with_wilson_intervals():
    table = source_table(source_set([50, 50, 50], [1.0, 2.0, 3.0]), bought((0, 10, 2), (1, 10, 7), (1, 10, 8)), seed=0)
    assert table["take"].tolist() == [10, 20, 0]
    assert table["cost"].tolist() == [10, 40, 0]
    assert table["density"].tolist()[:2] == [0.2, 0.75]
    # Wilson, 15 of 20: (.75 + 1.92073/20 -+ 1.95996 sqrt(.75 x .25/20 + .960365/400)) / (1 + 3.84146/20)
    assert table.loc[1, "low"] == pytest.approx(0.5313, abs=1e-4)
    assert table.loc[1, "high"] == pytest.approx(0.8881, abs=1e-4)
    assert np.isnan(table.loc[2, "density"])


def test_the_chance_of_being_best_by_hand():
    # Beta(2, 1) against Beta(1, 2), densities 2x and 2(1 - y): P(x > y) = 1 - E[F_x(y)] = 1 - E[y^2], y ~ Beta(1, 2):
    # E[y^2] = 1 x 2 / (3 x 4) = 1/6
    chances = best_chances(np.array([1, 0]), np.array([1, 1]), source_set([9, 9]), np.random.default_rng(0))
    assert chances[0] == pytest.approx(5 / 6, abs=0.01)
    assert chances.sum() == pytest.approx(1)


def test_the_best_buy_counts_its_price_and_needs_points():
    same = np.array([50, 50, 50]), np.array([100, 100, 100])
    chances = best_chances(*same, source_set([9, 9, 0], [1.0, 2.0, 0.1]), np.random.default_rng(0))
    assert chances[0] > 0.99
    assert chances[2] == 0


def test_the_smallest_difference_by_hand():
    # 10 of 100 points differ, 5 each way: standard deviation sqrt(.1 x 100/99) = .317821; 2.801585 x .317821 / 10
    first = np.zeros(100, dtype=bool)
    second = first.copy()
    first[:5], second[5:10] = True, True
    difference = first.astype(float) - second
    assert smallest_difference(over_points(difference[:, None])) == pytest.approx(0.089040, abs=1e-5)


def test_label_counts_between_two_steps():
    assert between(None, (2, 0.7), 0.6) == 2
    assert between((8, 0.6), (16, 0.8), 0.8) == 16
    assert between((8, 0.6), (16, 0.8), 0.7) == 12  # 8 sqrt(2) = 11.3
    assert gold_sizes(10) == [2, 3, 4, 7, 10]
    assert gold_sizes(2) == [2]


def test_a_student_trained_on_gold_labels_is_worth_about_as_many_as_it_had():
    prepared = preparation().prepare(Recorder())
    labels = prepared.splits.weak_train.labels.open("test")
    targets = one_hot(labels, 2)

    def accuracy(size):
        fits = [prepared.learners.control.fit(prepared.strong_weak_train.take(i), targets[i]) for i in picks(size)]
        return np.mean([np.mean(correct(fit.predict(prepared.strong_test), prepared.test_labels())) for fit in fits])

    def picks(size):
        return [np.random.default_rng(seed).permutation(len(labels))[:size] for seed in range(20)]

    worth = gold_labels(prepared, float(accuracy(80)), draws=10)
    assert worth.available == 250
    assert 45 <= worth.needed <= 140


def test_an_accuracy_out_of_reach_is_worth_no_known_number_of_labels():
    assert gold_labels(preparation().prepare(Recorder()), 1.01, draws=1).needed is None


def test_a_student_is_at_chance_unless_its_interval_lies_above_the_most_frequent_class():
    """250 test points, about half of each class; Wilson's half width there is about 6.2 points."""
    prepared = preparation().prepare(Recorder())
    n = len(prepared.splits.test)
    assert n == 250
    share = float(np.mean(prepared.test_labels() == prior_of(prepared.splits).argmax()))
    for above, expected in ((-0.1, True), (0.05, True), (0.075, False), (0.3, False)):
        assert at_chance(prepared, np.arange(n) < round((share + above) * n)) is expected
