"""What a run would need, said without starting it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dataset.hub.hub_schemas import MIRRORS, write_mirror
from w2s.check import main
from w2s.cli.check.requirements import Requirement, requirements

TINY = "model=tiny"
SIZES = {"weak_train": 60, "pool": 60, "validation": 10, "test": 40}
HELD_OUT = {name: {"held_out": 100} for name in ("mr", "sciq", "sciq_with_support")}
"""Sets of one split, of which as many rows as a published test set has are for test alone."""


def by_group(found: list[Requirement]) -> dict[str, Requirement]:
    return {finding.group: finding for finding in found}


def test_a_local_copy_is_opened_and_its_files_are_named(tmp_path: Path) -> None:
    found = by_group(requirements(["dataset=sst2", f"dataset.path={write_mirror('sst2', tmp_path)}", TINY]))
    assert found["dataset"].state == "ready"
    assert "train-00000-of-00001.parquet, validation-00000-of-00001.parquet" in found["dataset"].text
    assert "free" in found["store"].text


def test_everything_that_is_missing_is_said_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_mirror("cola", tmp_path)
    command = ["dataset=sciq", f"dataset.path={tmp_path}", "model=qwen", f"strong_model.checkpoint={tmp_path}"]
    found = by_group(requirements([*command, f"weak_model.checkpoint={tmp_path / 'nowhere'}"]))
    assert found["dataset"].state == "missing"
    assert "no column 'question'" in found["dataset"].text
    assert found["strong_model"].state == "missing"
    assert "config.json" in found["strong_model"].text
    assert found["weak_model"].state == "missing"
    assert main(command) == 1
    assert "missing" in capsys.readouterr().out


def test_a_mistake_in_the_command_is_a_finding_too() -> None:
    assert "Did you mean 'paper'" in by_group(requirements(["detector=papr"]))["config"].text
    assert "Did you mean 'threshold'" in by_group(requirements(["dataset.thresold=3"]))["config"].text


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["detector=oracle"], "detector reads planted regions"),
        (["model=votes"], "weak_model reads votes"),
        (["seed=-1"], "seed=-1: it should be"),
        (["study.selection.sources.prices=[1]"], "1 for 2 sources"),
        (["store.root={file}/below"], "is a file; the store is a folder"),
        (["hydra.run.dir={file}/below"], "hydra.run.dir="),
        (["dataset=gaussian", "dataset.overlap=1000000000"], "in a role"),
    ],
)
def test_choices_that_do_not_fit_together_are_missing_something(command: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = requirements([part.format(file=tmp_path / "file") for part in command])
    missing = [each for each in found if each.state == "missing"]
    assert len(missing) == 1
    assert said in missing[0].text


@pytest.mark.slow
def test_a_sweep_is_checked_job_by_job_and_each_thing_once(tmp_path: Path) -> None:
    write_mirror("sst2", tmp_path)
    found = requirements(["dataset=sst2,cola", f"dataset.path={tmp_path}", "seed=0,1,2", TINY])
    assert [(f.state, f.text.split(" in ")[0]) for f in found if f.group == "dataset"] == [
        ("ready", "stanfordnlp/sst2"),
        ("ready", "nyu-mll/glue"),
    ]
    assert len([f for f in found if f.group == "weak_model"]) == 1


def test_parts_that_the_study_does_not_use_are_not_asked_for() -> None:
    assert set(by_group(requirements(["study=synthetic", "dataset=dream"]))) == {"tracker"}


@pytest.mark.slow
@pytest.mark.parametrize("name", MIRRORS)
def test_every_named_set_passes_against_a_copy_in_its_hub_schema(name: str, tmp_path: Path) -> None:
    sizes = [f"dataset.{role}={size}" for role, size in (SIZES | HELD_OUT.get(name, {})).items()]
    found = by_group(requirements([f"dataset={name}", f"dataset.path={write_mirror(name, tmp_path)}", *sizes, TINY]))
    assert found["dataset"].state == "ready", found["dataset"].text
