"""The whole job on a folder of pictures, from the command line, with two tiny networks."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.run.test_job import results, w2s
from tests.pictures import picture_folder, save_resnet, save_vit
from w2s.results.files import FITTED
from w2s.store.fitted import load_fitted
from w2s.types import Inputs
from w2s.utils.image_decoding import FilePicture

COUNT = 600


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("job")
    picture_folder(root / "pictures", COUNT)
    save_resnet(root / "resnet")
    save_vit(root / "vit")
    return root


def command(place: Path) -> tuple[str, ...]:
    models = {"weak_model": place / "resnet", "strong_model": place / "vit"}
    chosen = [f"{name}={choice}" for name in models for choice in ("image_encoder",)]
    chosen += [f"{name}.checkpoint={folder}" for name, folder in models.items()]
    return ("dataset=images", f"dataset.path={place / 'pictures'}", *chosen, "tracker=none", "figures=false")


@pytest.mark.slow
def test_the_whole_job_runs_on_a_folder_of_pictures_and_reads_each_once(place: Path, tmp_path: Path) -> None:
    done = w2s(tmp_path, *command(place))
    assert done.returncode == 0, done.stderr
    (result,) = results(tmp_path / "outputs")
    assert result["status"] == "ok"
    assert {"weak/accuracy", "student/accuracy", "ceiling/accuracy", "mixing/gain", "selection/accuracy"} <= set(
        result["metrics"]
    )
    assert result["metrics"]["ceiling/accuracy"] > 0.5  # of three classes
    (folder,) = (tmp_path / "outputs").iterdir()
    student = load_fitted(folder / FITTED, "student")
    points = pd.read_parquet(folder / "points.parquet")
    test = points[points["split"] == "test"]
    again = student.predict(Inputs(images=tuple(FilePicture(str(place / "pictures" / name)) for name in test["id"])))
    assert again.shape == (len(test), 3)
    moved = (place / "pictures").rename(place / "moved")
    repeated = w2s(tmp_path, *command(place), f"dataset.path={moved}", "study=encode")
    moved.rename(place / "pictures")
    assert repeated.returncode == 0, repeated.stderr
    counts = [json.loads(file.read_text())["metrics"] for file in tmp_path.rglob("results.json")]
    (encoded,) = [each for each in counts if "encode/weak/computed" in each]
    unread = 30  # the validation points, which a probe does not ask for
    assert (encoded["encode/weak/computed"], encoded["encode/strong/computed"]) == (unread, unread)


@pytest.mark.slow
@pytest.mark.parametrize("learner", ["lora", "full"])
def test_a_network_of_pictures_is_fine_tuned_by_the_same_loop(place: Path, tmp_path: Path, learner: str) -> None:
    if learner == "lora":
        pytest.importorskip("peft")
    sizes = [f"dataset.{role}={n}" for role, n in {"weak_train": 60, "pool": 90, "validation": 30, "test": 60}.items()]
    done = w2s(
        tmp_path, *command(place), f"learner={learner}", "study=transfer", "study.controls=false", "detector=none", *sizes
    )
    assert done.returncode == 0, done.stderr
    (result,) = results(tmp_path / "outputs")
    assert result["status"] == "ok"


@pytest.mark.slow
def test_a_broken_picture_stops_the_run_in_words(place: Path, tmp_path: Path) -> None:
    folder = picture_folder(tmp_path / "pictures", 60)
    (folder / "green" / "1.jpg").write_bytes(b"no picture")
    done = w2s(tmp_path, *command(place), f"dataset.path={folder}")
    assert done.returncode != 0
    assert "green/1.jpg is no picture that can be read" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
