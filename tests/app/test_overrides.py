"""The command line is checked before the first job starts."""

from __future__ import annotations

import pytest

from w2s.app.overrides import check_command, composer, jobs, parse
from w2s.errors import ConfigError


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("detector=papr", r"no such detector\. Did you mean 'paper'\?"),
        ("detctor=paper", r"Did you mean 'detector'\?"),
        ("dataset.thresold=3", r"Did you mean 'threshold'\?"),
        ("+dataset.foo=1", r"dataset\.foo: Digits takes no 'foo'"),
        ("dataset.threshold=abc", r"dataset\.threshold=abc: it should be a valid integer"),
        ("dataset.threshold.deep=1", r"a value, not a group"),
        ("dataset.threshold=17", r"threshold=17"),
        ("seed=-1", r"seed=-1: a seed is a whole number"),
        ("threads=0", r"threads=0"),
        ("detector._target_=os.system", r"only targets in w2s"),
        ("preparation.labels=sft", r"Did you mean 'soft'"),
        ("study", r"written key=value"),
        ("dataset=table", r"dataset\.path"),
    ],
)
def test_a_mistake_is_named_in_at_most_three_lines(override: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        check_command([override], multirun=False)
    assert len(str(caught.value).splitlines()) <= 3


def test_a_right_command_passes() -> None:
    check_command(["dataset=gaussian", "detector=oracle", "study=transfer", "seed=3"], multirun=False)


def test_every_job_of_a_sweep_is_checked_and_the_bad_one_is_named() -> None:
    with pytest.raises(ConfigError, match=r"The job: dataset\.threshold=40"):
        check_command(["dataset.threshold=4,40", "study=transfer"], multirun=True)


def test_jobs_that_differ_in_the_seed_alone_are_checked_once() -> None:
    with composer():
        assert jobs(parse(["seed=range(0,100)", "dataset=digits,gaussian"]), multirun=True) == [
            ["dataset=digits"],
            ["dataset=gaussian"],
        ]


def test_a_bad_seed_among_many_is_still_found() -> None:
    with pytest.raises(ConfigError, match="seed=-1"):
        check_command(["seed=0,1,-1", "study=transfer"], multirun=True)
