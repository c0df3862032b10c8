"""The command line is checked before the first job starts."""

from __future__ import annotations

import pytest

from tests.configured import check_command
from w2s.cli.configuration.compose import session
from w2s.cli.configuration.overrides import first_job, length, parse
from w2s.errors import ConfigError


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("detector=papr", r"no such detector\. Did you mean 'paper'\?"),
        ("dataset=anli-r2", r"no such dataset\. Did you mean 'anli_r2'\?"),
        ("detctor=paper", r"Did you mean 'detector'\?"),
        ("dataset.thresold=3", r"Did you mean 'threshold'\?"),
        ("+dataset.foo=1", r"dataset\.foo: Digits takes no 'foo'"),
        ("dataset.threshold=abc", r"dataset\.threshold=abc: it should be a valid integer"),
        ("dataset.threshold.deep=1", r"a value, not a group"),
        ("dataset.threshold=17", r"threshold=17"),
        ("seed=-1", r"seed=-1: it should be greater than or equal to 0"),
        ("threads=0", r"threads=0"),
        ("detector._target_=os.system", r"only targets in w2s"),
        ("preparation.labels=sft", r"Did you mean 'soft'"),
        ("study", r"study: this cannot be read.*written key=value"),
        ("dataset.text={a}: b", r"quotes inside quotes"),
        ("dataset.text=“a”", r"quotes inside quotes"),
        ("tracker.mode=online", r"tracker has no setting 'mode'\.\nIt has: none"),
        ("+seed=3", r"Leave the \+ out"),
        ("dataset=table", r"dataset\.path"),
        ("+sed=3", r"there is no setting 'sed'\. Did you mean 'seed'\?"),
        ("store=3", r"store is a node of settings"),
        ("dataset=null", r"a dataset has to be chosen"),
        ("detector.features=foo", r"it should be 'frozen' or 'student'"),
        ("detector.threshold=3", r"it should be an instance of Threshold"),
        ("~study", r"~study: no run goes without it"),
        ("~seed", r"~seed: no run goes without it"),
        ("seed=0,1", r"seed=0,1: several values make a sweep\. Add -m"),
        ("seed=9223372036854775808", r"it should be less than 9223372036854775808"),
        ("hydra.launcher.n_jbs=2", r"Did you mean|hydra\.launcher has no setting 'n_jbs'"),
    ],
)
def test_a_mistake_is_named_in_at_most_three_lines(override: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        check_command(["tracker=none", "detector=paper", override])
    assert len(str(caught.value).splitlines()) <= 3


def test_a_right_command_passes() -> None:
    check_command(["dataset=gaussian", "detector=oracle", "study=transfer", "seed=3"])


@pytest.mark.parametrize("override", ["dataset.classes=3", "+dataset.classes=3", "++dataset.classes=3"])
def test_an_argument_that_a_choice_leaves_at_its_default_is_set_with_a_plus_and_without(override: str) -> None:
    command = ["dataset=gaussian", "study=transfer"]
    check_command([*command, override])
    check_command([*command, override, "seed=0,1"], multirun=True)
    with pytest.raises(ConfigError, match=r"dataset\.classes=many: it should be a valid integer"):
        check_command([*command, override.replace("3", "many")])


@pytest.mark.parametrize(
    ("command", "near"),
    [
        (["detector=confidence", "detector.withn=pool"], "within"),
        (["detector=paper", "detector.hard_tie=kept"], "hard_ties"),
        (["dataset=gaussian", "dataset.clases=3"], "classes"),
        (["hydra.launcher.n_job=2", "launcher=joblib"], "n_jobs"),
        (["preparation.labls=hard"], "labels"),
    ],
)
@pytest.mark.parametrize("multirun", [False, True])
def test_the_nearest_argument_is_named_also_where_the_file_leaves_it_out(
    command: list[str], near: str, *, multirun: bool
) -> None:
    with pytest.raises(ConfigError, match=f"Did you mean '{near}'"):
        check_command(command, multirun=multirun)


def test_what_no_run_needs_may_be_left_out() -> None:
    check_command(["study=transfer", "~experiment", "~debug"])


def test_a_sweep_may_also_be_asked_for_by_hydras_own_setting() -> None:
    check_command(["study=transfer", "seed=0,1", "hydra.mode=MULTIRUN"])


def test_of_a_sweep_choices_and_keys_are_checked_before_hydra_sees_them() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'gaussian'"):
        check_command(["dataset=digits,gausian"], multirun=True)
    with pytest.raises(ConfigError, match="Did you mean 'threshold'"):
        check_command(["dataset.thresold=1,2", "seed=range(0,10)"], multirun=True)


def test_what_a_sweep_chooses_may_be_changed_inside_for_all_its_jobs() -> None:
    check_command(
        ["weak_model=bagging,boosting", "weak_model@weak_model.of=top_rows", "weak_model.teachers.most=3"], multirun=True
    )
    with pytest.raises(ConfigError, match="Did you mean 'most'"):
        check_command(["weak_model=bagging,boosting", "weak_model.teachers.mst=3"], multirun=True)


@pytest.mark.parametrize("sweep", [["seed=range(0,2000000000)"], ["seed=range(0,1000)", "data_seed=range(0,1000)"]])
def test_a_sweep_that_never_ends_is_refused_before_it_is_written_out(sweep: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"jobs; a sweep is of at most 100,000"):
        check_command(sweep, multirun=True)


def test_lengths_are_counted_without_writing_ranges_out() -> None:
    with session() as hydra:
        overrides = [
            "seed=range(3,10,2)",
            "setting=a,b,c",
            "threads=interval(1,4)",
            "detector=glob(p*)",
            "data_seed=range(4,4)",
        ]
        parsed = parse(overrides, hydra.config_loader)
        assert [length(override) for override in parsed] == [4, 3, 1, 3, 0]


def test_the_first_job_takes_the_first_value_of_each_sweep_and_the_low_end_of_a_range() -> None:
    with session() as hydra:
        overrides = ["seed=range(3,6)", "dataset=digits,gaussian", "threads=interval(1.5,4)", "resume=true"]
        parsed = parse(overrides, hydra.config_loader)
        assert first_job(parsed) == ["seed=3", "dataset=digits", "threads=1.5", "resume=true"]
