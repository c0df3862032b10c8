"""What a part reads, against what a data set says it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.pool.pools import recipe
from w2s.detector.baselines import NoDetector, OracleDetector
from w2s.errors import ConfigError
from w2s.model import LogisticProbe, MajorityVote, Mlp, Model, Raw, TfidfSvd, Votes
from w2s.pool.compatibility import PAIRS, check_match
from w2s.types import Column, Splits

LINEAR, WORDS = Model(Raw(), LogisticProbe()), Model(TfidfSvd(), Mlp())
VOTING = Model(Votes(), MajorityVote())


@dataclass
class Says:
    provides: frozenset[Column]

    def load(self, data_seed: int) -> Splits:
        raise AssertionError("nothing is loaded to compare")


class Silent:
    def load(self, data_seed: int) -> Splits:
        raise AssertionError("nothing is loaded to compare")


def parts(weak: Any, strong: Any, detector: Any) -> list[tuple[str, Any]]:
    models = {"weak_model": weak, "strong_model": strong}
    reading = [(name, part) for name, model in models.items() for part in (model.representation, model.learner)]
    return [*reading, ("detector", detector)]


def check(*columns: Column, weak: Any = LINEAR, strong: Any = LINEAR, detector: Any = None) -> None:
    check_match(Says(frozenset(columns)), parts(weak, strong, detector))


def test_what_is_there_may_be_read() -> None:
    check("features")
    check("features", "sources", "planted", detector=OracleDetector())
    check("texts", "votes", weak=VOTING, strong=WORDS, detector=NoDetector())


@pytest.mark.parametrize(
    ("columns", "weak", "strong", "said"),
    [
        (("texts",), LINEAR, WORDS, r"weak_model reads features, but the data set holds texts only\.\nChoose model=minilm"),
        (("features",), LINEAR, WORDS, r"strong_model reads texts, but the data set holds features only"),
        (("texts",), VOTING, WORDS, r"weak_model reads votes of labelling functions"),
        (("votes",), VOTING, WORDS, r"strong_model reads texts.*\nChoose data with texts: dataset=table"),
        (("features", "votes"), VOTING, WORDS, r"features and votes of .*\n.*strong_model=raw"),
        (("texts",), Model(TfidfSvd(), MajorityVote()), WORDS, r"weak_model reads votes"),
    ],
)
def test_what_is_not_there_is_named_with_a_choice_that_fits(
    columns: tuple[Column, ...], weak: Model, strong: Model, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        check(*columns, weak=weak, strong=strong)


def test_the_oracle_needs_planted_regions() -> None:
    with pytest.raises(ConfigError, match=r"detector reads planted regions.*\n.*dataset=gaussian"):
        check("features", detector=OracleDetector())


def test_a_data_set_that_says_nothing_is_not_checked() -> None:
    check_match(Silent(), parts(VOTING, WORDS, OracleDetector()))


def test_a_part_that_says_nothing_is_not_checked() -> None:
    class Own:
        def fit(self, inputs: Any) -> Any: ...

    check("votes", weak=Model(Own(), LogisticProbe()), strong=Model(Own(), LogisticProbe()))


def test_a_preparation_checks_its_own_parts() -> None:
    recipe().check()
    with pytest.raises(ConfigError, match="planted"):
        recipe(dataset=Says(frozenset({"features"}))).check()


def test_every_pair_that_is_advised_exists() -> None:
    from tests.configured import choices

    for advice in PAIRS.values():
        for part in advice.split():
            group, choice = part.split("=")
            assert choice in choices(group)
