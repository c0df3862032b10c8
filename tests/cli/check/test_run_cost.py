"""What is known of a run before it starts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.configured import composed
from tests.dataset.hub.hub_schemas import write_mirror
from tests.pool.pools import split_of
from w2s.cli.check.network_cost import Estimate, NetworkCost, gpu_hours
from w2s.cli.check.requirements import requirements
from w2s.cli.check.run_cost import differences, estimates
from w2s.cli.configuration.build import build_study
from w2s.model import FineTuning
from w2s.model.checkpoint.tiny import TinyCheckpoint
from w2s.model.training import Recipe
from w2s.store import Store
from w2s.types import Splits


def said(*overrides: str, jobs: int = 1, here: bool = True) -> dict[str, Estimate]:
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


@pytest.mark.slow
def test_fine_tuning_is_measured_by_its_network(tmp_path: Path) -> None:
    folder = TinyCheckpoint().fetch(Store(str(tmp_path / "store")))
    write_mirror("cola", tmp_path / "cola", n=200)
    models = ("weak_model=tfidf", "strong_model=encoder", f"strong_model.checkpoint={folder}", "strong_model.device=cpu")
    found = said("dataset=cola", f"dataset.path={tmp_path / 'cola'}", *models, "learner=full", "study=transfer")
    assert "of weights, gradients and moments and activations" in found["learner"].text
    assert "takes at least" in found["fits"].text
    assert "GPUs" not in found  # a second or less


def cost(**shape: object) -> NetworkCost:
    """A network of 7 billion parameters in bfloat16 and a million tokens."""
    known = {"weights": 14e9, "vectors": 0, "parameters": 7e9, "tokens": 1e6, "depth": 32, "width": 4096}
    return NetworkCost(**known | {"folder": Path(), "device": "cuda"} | shape)  # type: ignore[arg-type]


def test_memory_and_time_of_training_follow_from_the_shape() -> None:
    adapters = FineTuning(train="adapters", recipe=Recipe(precision="bfloat16", micro_tokens=4096))
    everything = replace(adapters, train="all")
    again = replace(everything, recipe=replace(adapters.recipe, gradient_checkpointing=True))
    assert cost().activations(adapters) == 34 * 4096 * 32 * 4096
    assert cost().activations(again) == (2 * 32 + 34) * 4096 * 4096
    assert cost().bytes_to_train(adapters) - cost().activations(adapters) == 14e9
    assert cost().bytes_to_train(everything) - cost().activations(everything) == 4 * 28e9
    part = split_of(np.zeros((10, 1)), np.zeros(10, dtype=int), "a")
    points = Splits(part, part, part, part, ("no", "yes"))
    shares = [cost().passes(learner, points) for learner in (adapters, everything, again)]
    np.testing.assert_allclose(shares, [0.5, 0.75, 1.0])  # a quarter of the points are the pool


def test_hours_on_the_gpus_that_people_rent() -> None:
    (found,) = gpu_hours(1.248e18, 30e9)
    assert "L4 (24 GB) 7.2 h, does not fit; A100 (80 GB) 2.8 h; H100 (80 GB) 53 min" in found.text
    assert list(gpu_hours(1e12, 1e9)) == []


def test_weights_that_the_machine_cannot_hold_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = TinyCheckpoint().fetch(Store(str(tmp_path / "store")))
    write_mirror("cola", tmp_path / "cola", n=200)
    models = ("weak_model=tfidf", "strong_model=encoder", f"strong_model.checkpoint={folder}", "strong_model.device=cpu")
    command = ("dataset=cola", f"dataset.path={tmp_path / 'cola'}", *models)
    found = said(*command)
    assert found["strong_model"].fits_here
    assert "MB of vectors" in found["strong_model, vectors"].text
    monkeypatch.setattr("w2s.cli.check.network_cost.memory", lambda: 1000)
    assert not said(*command)["strong_model"].fits_here
    assert "does not fit: " in said(*command)["strong_model"].text
    assert said(*command, here=False)["strong_model"].fits_here


@pytest.mark.slow
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
    monkeypatch.setattr("w2s.cli.sweep.gpu_requests.BIG", 1000)
    assert asked()
    assert not asked("hydra.launcher.gpus_per_node=null")
    assert not asked("strong_model.device=cpu")
    monkeypatch.undo()
    monkeypatch.setattr("w2s.cli.sweep.gpu_requests.BIG_TO_TRAIN", 1000)
    assert not asked()
    assert asked("learner=lora")


def test_weights_that_are_stored_in_half_precision_are_sized_as_such(tmp_path: Path) -> None:
    folder = TinyCheckpoint().fetch(Store(str(tmp_path / "store")))
    config = folder / "config.json"
    write_mirror("cola", tmp_path / "cola", n=200)
    models = ("weak_model=tfidf", "strong_model=encoder", f"strong_model.checkpoint={folder}", "strong_model.device=cpu")
    found = []
    for dtype in ("float32", "bfloat16", "float16"):
        config.write_text(json.dumps(json.loads(config.read_text()) | {"dtype": dtype}))
        found.append(said("dataset=cola", f"dataset.path={tmp_path / 'cola'}", *models)["strong_model"].text.split(",")[0])
    assert found[0].endswith("MB of weights")
    assert found == [found[0]] * 3  # as large in memory as their file is


def test_few_labels_say_how_wide_intervals_will_be(tmp_path: Path) -> None:
    lines = [f"{i},{i % 7},{'ab'[i % 2] if i < 100 else ''}" for i in range(400)]
    (tmp_path / "few.csv").write_text("\n".join(["x,y,label", *lines]))
    found = said("dataset=table", f"dataset.path={tmp_path / 'few.csv'}", "study=transfer")
    # Wilson of 19 of 39: half width 1.96 / (39 + 3.84) sqrt(19 x 20 / 39 + .96) = .150; likewise of 27 of 54
    assert "100 labelled points, and a pool without labels: accuracies are known to ± 15.0 points" in found["labels"].text
    assert "ceiling to ± 12.9 (54 of weak_train)" in found["labels"].text
    assert "labels" not in said("study=transfer")
