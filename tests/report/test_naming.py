"""A configuration is shown flat, without repeating what stands at the root."""

from __future__ import annotations

from w2s.report.naming import ABSENT, differences, flat


def test_a_group_that_stands_at_the_root_is_a_reference_below() -> None:
    config = {"seed": 1, "dataset": {"path": None, "limit": 5}, "study": {"dataset": {"path": None, "limit": 5}, "draws": 8}}
    assert flat(config) == {
        "seed": 1,
        "dataset.path": None,
        "dataset.limit": 5,
        "study.dataset": "${dataset}",
        "study.draws": 8,
    }


def test_a_group_that_was_changed_below_is_shown_in_full() -> None:
    config = {"dataset": {"limit": 5}, "study": {"dataset": {"limit": 6}}}
    assert flat(config)["study.dataset.limit"] == 6


def test_numbers_that_json_cannot_hold_become_words() -> None:
    assert flat({"a": float("inf")}) == {"a": "inf"}


def test_differences_restore_the_configuration() -> None:
    base, config = {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 5, "d": 4}
    changed = differences(config, base)
    assert changed == {"b": 5, "d": 4, "c": ABSENT}
    assert {key: value for key, value in (base | changed).items() if value != ABSENT} == config
