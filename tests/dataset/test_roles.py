"""Dealing points into roles."""

from __future__ import annotations

import pytest

from w2s.dataset.roles import counts_of, shrink
from w2s.errors import DataError


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
    # 1,000 - 100 - 250 = 650 points are left; validation and weak_train share them as .05 to .35
    assert counts_of(asked, n_file=1000, n=1000) == {"validation": 81, "weak_train": 568, "pool": 100, "test": 250}


def test_a_count_above_the_file_leaves_the_others_their_part_to_ask_for() -> None:
    asked = {"validation": None, "weak_train": None, "pool": 5000, "test": None}
    assert counts_of(asked, n_file=300, n=300) == {"validation": 15, "weak_train": 105, "pool": 5000, "test": 75}
