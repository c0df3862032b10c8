"""The plan of a sweep is what Hydra would do, only sooner."""

from __future__ import annotations

from pathlib import Path

import pytest
from hydra import compose
from omegaconf import DictConfig

from tests.results.ended import end_run
from w2s.cli import resolvers
from w2s.cli.overrides import composer
from w2s.cli.plain import plain
from w2s.cli.sweep import Compositions, expand, folder_of, plan
from w2s.errors import ConfigError

resolvers.register()
FAST = ("study=transfer", "tracker=none")


def load(choices: list[str]) -> DictConfig:
    return compose("config", overrides=choices, return_hydra_config=True)


def test_the_command_line_comes_before_the_sweep_of_an_experiment() -> None:
    with composer():
        jobs = expand(["seed=7", "dataset=digits,gaussian"], {"seed": "range(0,10)", "detector": "paper,none"})
    assert jobs == [
        ("seed=7", "detector=paper", "dataset=digits"),
        ("seed=7", "detector=paper", "dataset=gaussian"),
        ("seed=7", "detector=none", "dataset=digits"),
        ("seed=7", "detector=none", "dataset=gaussian"),
    ]


def test_a_continuous_range_is_one_line() -> None:
    with composer(), pytest.raises(ConfigError, match="does not support sweep type"):
        expand(["threads=interval(1,4)"])


@pytest.mark.parametrize(
    "job",
    [
        (*FAST, "dataset=gaussian", "detector=oracle", "seed=3"),
        (*FAST, "dataset.threshold=4", "preparation.labels=hard"),
        (*FAST, "weak_model=raw", "++setting=mine", "hydra.sweep.dir=there"),
        ("study=mixing", "tracker=none", "study.draws=3", "data_seed=2"),
    ],
)
def test_the_quick_composition_equals_hydras(job: tuple[str, ...]) -> None:
    with composer():
        compositions = Compositions(load)
        compositions((*FAST, "seed=11", "threads=3"))
        quick, whole = compositions(job), load(list(job))
        assert folder_of(quick) == folder_of(whole)
        assert plain(quick) == plain(whole)


def test_each_combination_of_choices_is_composed_once() -> None:
    asked = []

    def counted(choices: list[str]) -> DictConfig:
        asked.append(choices)
        return load(choices)

    with composer():
        plan(expand([*FAST, "dataset=digits,gaussian", "seed=range(0,5)", "data_seed=0,1"]), counted)
    assert asked == [[*FAST, "dataset=digits"], [*FAST, "dataset=gaussian"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dataset.threshold=4,40", "seed=0,1"], r"threshold=40[^\n]*\n?.*The job: .*dataset\.threshold=40 seed=0"),
        (["seed=0,1,-1"], r"seed=-1"),
        (["dataset=digits,gaussian", "dataset.threshold=4"], r"dataset\.threshold"),
        (["dataset.treshold=4,5"], r"Did you mean 'threshold'"),
    ],
)
def test_the_bad_job_is_named(arguments: list[str], said: str) -> None:
    with composer(), pytest.raises(ConfigError, match=said):
        plan(expand([*FAST, *arguments]), load)


def test_finished_jobs_are_known_by_signature_and_seed(tmp_path: Path) -> None:
    jobs = [(*FAST, f"seed={seed}", f"hydra.sweep.dir={tmp_path}") for seed in (0, 1, 2)]
    with composer():
        folders = [job.folder for job in plan(jobs, load)]
        assert len({folder.name.split("-s")[0] for folder in folders if folder is not None}) == 1
        for folder, error in zip(folders, (None, ValueError("no")), strict=False):
            assert folder is not None
            end_run(folder, attempt=3, error=error)
        found = plan(jobs, load)
    assert [(job.finished, job.attempt) for job in found] == [(True, 3), (False, 3), (False, 0)]


def test_two_different_jobs_in_one_folder_are_refused_and_equal_ones_are_not(tmp_path: Path) -> None:
    place = (f"hydra.sweep.dir={tmp_path}", "hydra.sweep.subdir=same")
    with composer(), pytest.raises(ConfigError, match="give two different jobs one folder"):
        plan([(*FAST, *place, "seed=0"), (*FAST, *place, "seed=1")], load)
    with composer(), pytest.raises(ConfigError, match="give two different jobs one folder"):
        plan([(*FAST, *place, "detector=paper"), (*FAST, *place, "detector=none")], load)
    with composer():  # a transfer study buys nothing, whatever the policy
        one, other = plan([(*FAST, *place, "policy=ucb"), (*FAST, *place, "policy=random")], load)
    assert one.folder == other.folder


def test_a_folder_that_only_the_job_knows_is_left_to_the_job() -> None:
    with composer():
        (job,) = plan([(*FAST, "hydra.sweep.subdir='${hydra.job.num}'")], load)
    assert (job.folder, job.finished) == (None, False)
