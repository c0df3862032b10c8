"""The plan of a sweep is what Hydra would do, only sooner."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hydra.types import RunMode

from tests.configured import composed
from tests.results.ended import end_run
from w2s.cli.configuration.compose import session
from w2s.cli.configuration.signature import signature
from w2s.cli.sweep.plan import Job, expand, plan
from w2s.errors import ConfigError
from w2s.utils.files import write_text

FAST = ("study=transfer", "tracker=none")


def expanded(arguments: list[str], params: dict[str, str] | None = None) -> list[tuple[str, ...]]:
    with session() as hydra:
        return expand(arguments, hydra.config_loader, params)


def planned(*jobs: tuple[str, ...]) -> list[Job]:
    with session() as hydra:
        return plan(jobs, lambda overrides: hydra.config_loader.load_configuration("config", overrides, RunMode.RUN))


def test_the_command_line_comes_before_the_sweep_of_an_experiment() -> None:
    jobs = expanded(["seed=7", "dataset=digits,gaussian"], {"seed": "range(0,10)", "detector": "paper,none"})
    assert jobs == [
        ("seed=7", "detector=paper", "dataset=digits"),
        ("seed=7", "detector=paper", "dataset=gaussian"),
        ("seed=7", "detector=none", "dataset=digits"),
        ("seed=7", "detector=none", "dataset=gaussian"),
    ]


def test_a_continuous_range_is_one_line() -> None:
    with pytest.raises(ConfigError, match="does not support sweep type"):
        expanded(["threads=interval(1,4)"])


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
    with pytest.raises(ConfigError, match=said):
        planned(*expanded([*FAST, *arguments]))


def test_finished_jobs_are_known_by_signature_and_seed(tmp_path: Path) -> None:
    jobs = [(*FAST, f"seed={seed}", f"hydra.sweep.dir={tmp_path}") for seed in (0, 1, 2)]
    folders = [job.folder for job in planned(*jobs)]
    assert len({folder.name.split("-s")[0] for folder in folders if folder is not None}) == 1
    for seed, (folder, status) in enumerate(zip(folders, ("ok", "failed"), strict=False)):
        assert folder is not None
        finish(folder, status=status, seed=seed, attempt=3)
    found = planned(*jobs)
    assert [(job.finished, job.attempt) for job in found] == [(True, 3), (False, 3), (False, 0)]


def finish(folder: Path, **changes: object) -> None:
    known = end_run(folder).json() | {"signature": signature(composed(*FAST))} | changes
    write_text(folder / "results.json", json.dumps(known))


def test_a_run_of_an_earlier_version_is_neither_skipped_nor_overwritten(tmp_path: Path) -> None:
    finish(tmp_path / "same", format=1)
    with pytest.raises(ConfigError, match=r"same holds a run of another version of w2s\."):
        planned((*FAST, f"hydra.sweep.dir={tmp_path}", "hydra.sweep.subdir=same"))


@pytest.mark.parametrize("other", [("seed=1",), ("dataset.threshold=3",)])
def test_a_finished_run_of_another_setting_or_seed_is_not_taken_for_this_one(tmp_path: Path, other: tuple[str, ...]) -> None:
    finish(tmp_path / "same")
    place = (f"hydra.sweep.dir={tmp_path}", "hydra.sweep.subdir=same")
    assert [job.finished for job in planned((*FAST, *place))] == [True]
    with pytest.raises(ConfigError, match=r"holds a finished run of another setting: \w+, seed 0; asked for is"):
        planned((*FAST, *place, *other))


def test_two_different_jobs_in_one_folder_are_refused_and_equal_ones_are_not(tmp_path: Path) -> None:
    place = (f"hydra.sweep.dir={tmp_path}", "hydra.sweep.subdir=same")
    with pytest.raises(ConfigError, match="give two different jobs one folder"):
        planned((*FAST, *place, "seed=0"), (*FAST, *place, "seed=1"))
    with pytest.raises(ConfigError, match="give two different jobs one folder"):
        planned((*FAST, *place, "detector=paper"), (*FAST, *place, "detector=none"))
    # a transfer study buys nothing, whatever the policy
    one, other = planned((*FAST, *place, "policy=ucb"), (*FAST, *place, "policy=random"))
    assert one.folder == other.folder


def test_a_folder_that_only_the_job_knows_is_left_to_the_job() -> None:
    (job,) = planned((*FAST, "hydra.sweep.subdir='${hydra.job.num}'"))
    assert (job.folder, job.finished) == (None, False)


def test_a_folder_that_there_can_not_be_is_one_line() -> None:
    with pytest.raises(ConfigError, match="name of 300 letters is too long"):
        planned((*FAST, f"hydra.sweep.subdir={'a' * 300}"))
