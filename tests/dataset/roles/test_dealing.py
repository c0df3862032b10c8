"""Dealing points into roles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2s.dataset.roles.dealing import counts_of, shrink, stratified
from w2s.errors import DataError
from w2s.seeding import generator


def test_roles_stay_as_they_are_where_the_points_suffice() -> None:
    assert shrink({"pool": 60, "test": 40}, 100) == ({"pool": 60, "test": 40}, ())


def test_roles_shrink_in_proportion_and_a_note_says_so() -> None:
    given, (note,) = shrink({"pool": 60, "test": 40}, 50)
    assert given == {"pool": 30, "test": 20}
    assert note == "100 points were asked for and 50 are there: the run is smaller (pool 30, test 20)."


def test_an_enormous_role_does_not_starve_the_others() -> None:
    given, _ = shrink({"validation": 15, "weak_train": 105, "pool": 5000, "test": 75}, 300)
    assert given == {"validation": 15, "weak_train": 105, "pool": 105, "test": 75}


def test_too_few_points_for_every_role_are_refused() -> None:
    with pytest.raises(DataError, match="at least 4"):
        shrink({"weak_train": 50, "pool": 50, "validation": 50, "test": 50}, 15)


def test_a_role_without_a_size_takes_its_part_of_the_rest() -> None:
    asked = {"validation": None, "weak_train": None, "pool": 100, "test": 0.25}
    # 1,000 - 100 - 250 = 650 points are left; validation and weak_train share them as .05 to .35: 81.25 and the rest
    assert counts_of(asked, n_file=1000, n=1000) == {"validation": 81, "weak_train": 569, "pool": 100, "test": 250}


def test_a_small_file_still_gives_every_role_its_fewest_points() -> None:
    asked = dict.fromkeys(("validation", "weak_train", "pool", "test"))
    # .05 of 40 would be 2; of the 36 that 4 leave, .35/.95 are 13, of the other 23 .35/.6 are 13, and 10 are left
    assert counts_of(asked, n_file=40, n=40) == {"validation": 4, "weak_train": 13, "pool": 13, "test": 10}


def test_a_count_above_the_file_leaves_the_others_their_part_to_ask_for() -> None:
    asked = {"validation": None, "weak_train": None, "pool": 5000, "test": None}
    assert counts_of(asked, n_file=300, n=300) == {"validation": 15, "weak_train": 105, "pool": 5000, "test": 75}


@given(labels=st.lists(st.integers(0, 3), min_size=1, max_size=200), seed=st.integers(0, 99))
def test_every_stretch_of_a_stratified_order_holds_each_class_in_its_share(labels: list[int], seed: int) -> None:
    codes = np.array(labels)
    order = stratified(codes, generator(seed, "test"), balance=False)
    assert sorted(order.tolist()) == list(range(len(codes)))
    for n in range(len(codes) + 1):
        for k in range(4):
            # Up to the place T class k has between n_k T - 1 and n_k T + 1 points; summed over the 4 classes n is within 4
            # of N T. So the count is within 1 + 4 n_k / N of n n_k / N.
            share = np.mean(codes == k)
            assert abs(np.sum(codes[order[:n]] == k) - n * share) <= 1 + 4 * share


@given(labels=st.lists(st.integers(0, 3), min_size=1, max_size=200))
def test_balancing_keeps_the_first_points_of_each_class_as_many_as_the_rarest_has(labels: list[int]) -> None:
    codes = np.array(labels)
    order = stratified(codes, generator(0, "test"), balance=True)
    rarest = min(labels.count(k) for k in set(labels))
    for k in set(labels):
        assert sorted(order[codes[order] == k].tolist()) == np.flatnonzero(codes == k)[:rarest].tolist()
