"""Paths as a person writes them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from omegaconf import OmegaConf

from w2s.cli.configuration.tree import named, nodes, parts, plain, referred, short, without_hydra
from w2s.errors import ConfigError, DataError

DIGITS = {"_target_": "w2s.dataset.digits.Digits", "threshold": 17}
LEARNER = {"seed": 5}
ROOT = {
    "seed": 0,
    "dataset": DIGITS,
    "weak_model": {"learner": LEARNER},
    "preparation": {"dataset": DIGITS, "seed": 0},
    "study": {
        "draws": 8,
        "preparation": {"dataset": DIGITS, "weak_model": {"learner": LEARNER}, "seed": 0},
        "settings": {"low": {"dataset": {"threshold": 3}}},
    },
}


def test_nodes_are_found_at_any_depth_and_in_lists() -> None:
    tree = {"a": {"_target_": "x", "b": {"c": [{"_target_": "y"}]}}, "d": 3}
    assert [where for where, _ in nodes(tree)] == ["a", "a.b.c[0]"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("study.preparation.dataset.threshold", "dataset.threshold"),
        ("study.preparation.weak_model.learner", "weak_model.learner"),
        ("study.preparation.seed", "seed"),
        ("study.draws", "study.draws"),
        ("dataset", "dataset"),
    ],
)
def test_a_path_is_shown_as_it_is_written_on_the_command_line(where: str, expected: str) -> None:
    assert short(where, ROOT) == expected


def test_a_setting_that_only_shares_a_name_with_the_roots_keeps_its_whole_path() -> None:
    assert short("study.settings.low.dataset.threshold", ROOT) == "study.settings.low.dataset.threshold"
    assert short("study.preparation.weak_model.learner.seed", ROOT) == "weak_model.learner.seed"


@dataclass
class _Part:
    inside: object


def test_parts_are_found_in_fields_mappings_and_lists() -> None:
    found = [where for where, part in parts(_Part({"a": [_Part(1)], "b": "text"}), "study") if isinstance(part, _Part)]
    assert found == ["study", "study.inside.a[0]"]


def test_the_setting_that_a_message_begins_with_gets_its_whole_path() -> None:
    error = named(DataError("threshold=17: too much"), "study.preparation.dataset", ROOT)
    assert isinstance(error, DataError)
    assert str(error) == "dataset.threshold=17: too much"


def test_a_part_that_has_no_node_of_its_own_speaks_of_the_node_above_it() -> None:
    error = named(DataError("seed=x: no"), "study.preparation.weak_model.learner.made.inside", ROOT)
    assert str(error) == "weak_model.learner.seed=x: no"


def test_a_message_that_begins_with_a_choice_of_the_root_is_whole() -> None:
    error = ConfigError("dataset=table: no")
    assert str(named(error, "study.preparation.weak_model.learner", ROOT)) == "dataset=table: no"


@pytest.mark.parametrize("message", ["no such column", "study.shard=3: too many", "The text of row 3 = empty"])
def test_a_message_without_a_bare_setting_stays_as_it_is(message: str) -> None:
    assert str(named(ConfigError(message), "study.preparation.dataset", ROOT)) == message


def test_interpolations_are_resolved_and_hydras_node_is_left_out() -> None:
    config = OmegaConf.create({"seed": 3, "part": {"seed": "${seed}"}, "hydra": {"job": {}}})
    assert plain(config) == {"seed": 3, "part": {"seed": 3}}


def test_what_is_missing_stays_missing() -> None:
    assert plain(OmegaConf.create({"path": "???"})) == {"path": "???"}


def test_an_interpolation_that_leads_nowhere_names_its_key() -> None:
    with pytest.raises(ConfigError, match=r"^part\.seed: "):
        plain(OmegaConf.create({"part": {"seed": "${nowhere}"}}))


def test_the_copy_can_be_changed_and_the_original_stays() -> None:
    config = OmegaConf.create({"seed": 3})
    OmegaConf.set_readonly(config, value=True)
    copy = without_hydra(config)
    copy.seed = 4
    assert config.seed == 3


def test_references_are_followed_from_node_to_node() -> None:
    config = OmegaConf.create({"study": {"a": "${part}"}, "part": {"b": "${deep.down}"}, "deep": {"down": 1}, "other": 2})
    assert referred(config, "study") == {"part", "deep.down"}


def test_an_error_that_is_named_anew_is_another_one_so_that_both_keep_their_causes() -> None:
    mistake = DataError("a file that cannot be read")
    assert named(mistake, "preparation.dataset", {}) is not mistake
    assert str(named(mistake, "preparation.dataset", {})) == str(mistake)
