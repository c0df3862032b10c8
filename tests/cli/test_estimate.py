"""What is known of a run before it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.configured import composed
from tests.dataset.hub_schemas import write_mirror
from w2s.cli import estimate
from w2s.cli.build import build_study
from w2s.cli.estimate import differences, estimates
from w2s.cli.requirements import requirements
from w2s.model.encoder.tiny import TinyCheckpoint
from w2s.store import Store


def said(*overrides: str, jobs: int = 1, here: bool = True) -> dict[str, estimate.Estimate]:
    found = estimates(build_study(composed(*overrides)), jobs=jobs, seeds=range(jobs), here=here)
    return {each.topic: each for each in found}


def test_points_fits_and_time_are_known_beforehand() -> None:
    found = said(jobs=3)
    assert found["points"].text == "600 weak_train, 600 pool, 100 validation, 497 test"
    assert "fits a run, 3 runs; one on the whole pool takes" in found["fits"].text
    assert int(said("study=transfer")["fits"].text.split()[2]) == 5  # weak model, student, ceiling, two controls


@pytest.mark.parametrize(
    ("n_seeds", "text"),
    [(1, "1 seed cannot reach p = .05: at least 6"), (5, "5 seeds cannot reach"), (6, "6 seeds can reach p = .05")],
)
def test_what_test_points_and_seeds_could_show(n_seeds: int, text: str) -> None:
    said = differences(1960, n_seeds)
    assert "show differences from about 2.0 points on" in said  # 2.80 sqrt(.1 / 1960)
    assert text in said


def test_fine_tuning_is_measured_by_its_network(tmp_path: Path) -> None:
    folder = TinyCheckpoint().fetch(Store(str(tmp_path / "store")))
    write_mirror("cola", tmp_path / "cola", n=200)
    models = ("weak_model=tfidf", "strong_model=encoder", f"strong_model.checkpoint={folder}", "strong_model.device=cpu")
    found = said("dataset=cola", f"dataset.path={tmp_path / 'cola'}", *models, "learner=full", "study=transfer")
    assert "of weights, gradients and moments" in found["learner"].text
    assert "takes at least" in found["fits"].text


def test_weights_that_the_machine_cannot_hold_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = TinyCheckpoint().fetch(Store(str(tmp_path / "store")))
    write_mirror("cola", tmp_path / "cola", n=200)
    models = ("weak_model=tfidf", "strong_model=encoder", f"strong_model.checkpoint={folder}", "strong_model.device=cpu")
    command = ("dataset=cola", f"dataset.path={tmp_path / 'cola'}", *models)
    found = said(*command)
    assert found["strong_model"].fits_here
    assert "MB of vectors" in found["strong_model, vectors"].text
    monkeypatch.setattr(estimate, "memory", lambda: 1000)
    assert not said(*command)["strong_model"].fits_here
    assert "does not fit: " in said(*command)["strong_model"].text
    assert said(*command, here=False)["strong_model"].fits_here


def test_a_large_network_on_a_cluster_asks_for_a_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("submitit")
    folder = TinyCheckpoint().fetch(Store(str(tmp_path / "store")))
    write_mirror("cola", tmp_path / "cola", n=200)
    models = ["weak_model=tfidf", "strong_model=encoder", f"strong_model.checkpoint={folder}"]
    command = ["dataset=cola", f"dataset.path={tmp_path / 'cola'}", *models, "launcher=slurm"]

    def asked(*more: str) -> bool:
        found = requirements([*command, *more], multirun=True)
        assert all(each.state == "ready" for each in found)
        return any("--gpus-per-node=1" in each.text for each in found)

    assert not asked()
    assert asked("hydra.launcher.gpus_per_node=1")
    monkeypatch.setattr("w2s.cli.gpus.BIG", 1000)
    assert asked()
    assert not asked("hydra.launcher.gpus_per_node=null")
    assert not asked("strong_model.device=cpu")
    monkeypatch.undo()
    monkeypatch.setattr("w2s.cli.gpus.BIG_TO_TRAIN", 1000)
    assert not asked()
    assert asked("learner=lora")
