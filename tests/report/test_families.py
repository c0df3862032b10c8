"""Settings that are one to a metric are taken together, whatever else differs between them."""

from __future__ import annotations

from tests.report.sweeps import family
from w2s.report.naming import Setting, factors
from w2s.results.catalogue import metric_of

FOUR = ("paper ucb", "paper thompson", "mean ucb", "mean thompson")


def names(metric: str, **values: object) -> list[str]:
    return [
        group.name
        for group in family({name: {metric: values.get(name, [0.1 * k, 0.2 * k])} for k, name in enumerate(FOUR, 1)}).groups(
            metric_of(metric)
        )
    ]  # type: ignore[dict-item, misc]


def test_what_a_metric_cannot_depend_on_makes_no_two_groups_of_it() -> None:
    assert names("gain") == ["all 4 settings"]
    assert names("mixing/gain") == ["mean", "paper"]
    assert names("selection/gain") == ["mean thompson", "mean ucb", "paper thompson", "paper ucb"]


def test_settings_with_equal_values_in_all_seeds_are_one_though_they_might_differ() -> None:
    same = {"selection/gain": [0.1, 0.2]}
    found = family({"paper ucb": same, "mean ucb": same, "paper thompson": {"selection/gain": [0.1, 0.3]}})
    groups = found.groups(metric_of("selection/gain"))
    assert sorted(len(group.members) for group in groups) == [1, 2]


def test_settings_that_are_one_lend_each_other_their_seeds() -> None:
    found = family({"paper ucb": {"mixing/gain": [0.1, None, 0.3]}, "paper thompson": {"mixing/gain": [None, 0.2]}})
    (group,) = found.groups(metric_of("mixing/gain"))
    assert group.values.tolist() == [0.1, 0.2, 0.3]


def test_regret_is_comparable_only_on_one_prepared_pool_and_accuracy_also_on_others_unless_the_sources_are_made_up() -> None:
    values = {name: {"selection/regret": [1.0], "selection/accuracy": [0.5]} for name in FOUR}
    regret, accuracy = metric_of("selection/regret"), metric_of("selection/accuracy")
    for sources, across in (("the data's own", True), ("artificial, dealt from detected regions", False)):
        found = family(values, sources=sources)
        place = {setting.name: k for k, setting in enumerate(found.settings)}
        one, other, policy = (place[name] for name in ("paper ucb", "mean ucb", "paper thompson"))
        assert found.comparable(one, policy, regret)
        assert not found.comparable(one, other, regret)
        assert found.comparable(one, other, accuracy) is across
        assert found.comparable(one, policy, accuracy)


def setting(name: str, choices: dict[str, str | None], config: dict[str, object]) -> Setting:
    return Setting(name, name, "full", "digits", choices, config, "")


def test_factors_are_the_fewest_that_tell_all_settings_apart_choices_first() -> None:
    settings = [
        setting("a", {"detector": "paper", "model": "x"}, {"detector.k": 1, "weak_model.size": 1, "study.rounds": 5}),
        setting("b", {"detector": "mean", "model": "x"}, {"weak_model.size": 1, "study.rounds": 5}),
        setting("c", {"detector": "paper", "model": "y"}, {"detector.k": 1, "weak_model.size": 2, "study.rounds": 6}),
    ]
    assert factors(settings) == {"model": ["x", "x", "y"], "detector": ["paper", "mean", "paper"]}


def test_settings_of_the_same_choices_differ_in_the_settings_that_differ_and_else_in_their_signature() -> None:
    same = {"detector": "paper"}
    one, other = setting("a", same, {"detector.k": 1, "seed": 0}), setting("b", same, {"detector.k": 2, "seed": 0})
    assert factors([one, other]) == {"detector.k": ["1", "2"]}
    assert factors([one, setting("c", same, dict(one.config))]) == {"signature": ["a", "c"]}


def test_the_settings_of_a_family_are_sorted_by_what_differs_numbers_by_their_size() -> None:
    from w2s.report.families import natural

    assert sorted(["10", "9", "x", "0.5"], key=natural) == ["0.5", "9", "10", "x"]
