"""Reading the WRENCH format."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from w2s.dataset.wrench import Wrench
from w2s.errors import ConfigError, DataError

N_TRAIN = 20


def row(i: int) -> dict[str, Any]:
    """A row with label i mod 2 whose two functions abstain on every third row; the second votes for class 1 only."""
    vote = -1 if i % 3 == 0 else i % 2
    return {"data": {"text": f"text {i}"}, "label": i % 2, "weak_labels": [vote, vote if vote == 1 else -1]}


@pytest.fixture
def files() -> dict[str, Any]:
    """Contents of the four files, to be spoilt by a test."""
    return {
        "label": {"0": "ham", "1": "spam"},
        "train": {str(i): row(i) for i in range(N_TRAIN)},
        "valid": {str(i): row(100 + i) for i in range(6)},
        "test": {str(i): row(200 + i) for i in range(7)},
    }


def write(folder: Path, files: dict[str, Any]) -> str:
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return str(folder)


def test_train_is_halved_and_the_other_roles_are_the_datas_own(tmp_path, files):
    splits = Wrench(path=write(tmp_path, files)).load(0)
    assert [len(part) for part in (splits.weak_train, splits.pool, splits.validation, splits.test)] == [10, 10, 6, 7]
    assert splits.classes == ("ham", "spam")
    assert {*splits.weak_train.ids, *splits.pool.ids} == {f"train-{i}" for i in range(N_TRAIN)}
    assert splits.test.ids.tolist() == [f"test-{i}" for i in range(7)]


def test_texts_votes_and_labels_stay_together(tmp_path, files):
    pool = Wrench(path=write(tmp_path, files)).load(3).pool
    labels = pool.labels.open("test")
    for i, key in enumerate(pool.ids):
        original = files["train"][key.removeprefix("train-")]
        assert pool.inputs.texts[i] == original["data"]["text"]
        assert pool.inputs.votes[i].tolist() == original["weak_labels"]
        assert labels[i] == original["label"]


def test_the_data_seed_fixes_the_order(tmp_path, files):
    path = write(tmp_path, files)
    one, again, other = (Wrench(path=path).load(seed).pool.ids.tolist() for seed in (1, 1, 2))
    assert one == again != other


def test_given_vectors_are_features(tmp_path, files):
    for role in ("train", "valid", "test"):
        for i, each in enumerate(files[role].values()):
            each["data"] = {"feature": [i, 0.5]}
    splits = Wrench(path=write(tmp_path, files)).load(0)
    assert splits.pool.inputs.texts is None
    assert splits.test.inputs.features.tolist()[:2] == [[0, 0.5], [1, 0.5]]


def test_dropping_uncovered_rows_reaches_both_halves_and_is_noted(tmp_path, files):
    splits = Wrench(path=write(tmp_path, files), uncovered="drop").load(0)
    for part in (splits.weak_train, splits.pool):
        assert np.all(np.any(part.inputs.votes != -1, axis=1))
    assert len(splits.weak_train) + len(splits.pool) == 13  # rows 0, 3 ... 18 are uncovered
    assert "7 of 20 training rows are uncovered and were dropped." in splits.notes
    assert np.any(np.all(splits.test.inputs.votes == -1, axis=1)), "test keeps its uncovered points"


def test_the_limit_cuts_every_role(tmp_path, files):
    splits = Wrench(path=write(tmp_path, files), limit=5).load(0)
    assert [len(part) for part in (splits.weak_train, splits.pool, splits.validation, splits.test)] == [5, 5, 5, 5]


def test_more_classes_than_two_are_read(tmp_path, files):
    files["label"]["2"] = "neither"
    for i in (1, 4, 7, 10, 13, 16, 17, 19):
        files["train"][str(i)] |= {"label": 2, "weak_labels": [2, -1]}
    splits = Wrench(path=write(tmp_path, files)).load(0)
    assert len(splits.classes) == 3
    assert splits.weak_train.inputs.votes.max() == 2


def test_contradicting_duplicates_are_kept_and_noted(tmp_path, files):
    files["train"]["0"]["data"] = files["train"]["1"]["data"] = {"text": "twice"}
    files["train"]["2"]["data"] = files["train"]["4"]["data"] = {"text": "same label twice"}
    splits = Wrench(path=write(tmp_path, files)).load(0)
    assert len(splits.weak_train) + len(splits.pool) == N_TRAIN
    assert any(note.startswith("1 texts of train occur with contradicting labels") for note in splits.notes)


def test_a_function_that_always_abstains_is_noted(tmp_path, files):
    for role in ("train", "valid", "test"):
        for each in files[role].values():
            each["weak_labels"] = [*each["weak_labels"], -1]
    notes = Wrench(path=write(tmp_path, files)).load(0).notes
    assert any("abstain on all of train" in note and note.endswith(": 2.") for note in notes)


def spoil_row(files: dict[str, Any], **changes: Any) -> None:
    files["train"]["5"] |= changes


SPOILT = {
    "a vote outside the classes": (
        lambda f: spoil_row(f, weak_labels=[2, -1]),
        r"train.json, row 5: a vote of 2(.|\n)*-1 to abstain",
    ),
    "a vote below abstaining": (lambda f: spoil_row(f, weak_labels=[-2, -1]), "a vote of -2"),
    "a vote that is no number": (lambda f: spoil_row(f, weak_labels=["1", -1]), "row 5: weak_labels holds"),
    "too few votes": (lambda f: spoil_row(f, weak_labels=[1]), "row 5: 1 weak_labels, but row 0 has 2"),
    "a label outside the classes": (lambda f: spoil_row(f, label=7), "row 5: a label of 7"),
    "a label that is missing": (lambda f: f["train"]["5"].pop("label"), "row 5: a row holds data, label and weak_labels"),
    "data of mixed kinds": (lambda f: spoil_row(f, data={"feature": [1.0]}), "a feature vector of one length"),
    "no rows": (lambda f: f["train"].clear(), "train.json holds no row"),
    "class names that skip a number": (lambda f: f["label"].update({"5": "x"}), "0, 1, ... to the names"),
    "functions that differ between files": (
        lambda f: [each.update(weak_labels=[1, 1, 1]) for each in f["test"].values()],
        "disagree in labelling functions",
    ),
    "one class only": (lambda f: [each.update(label=1) for each in f["train"].values()], "nothing to learn"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_spoilt_files_are_answered_with_what_is_wrong(tmp_path, files, name):
    spoil, message = SPOILT[name]
    spoil(files)
    with pytest.raises(DataError, match=message) as caught:
        Wrench(path=write(tmp_path, files)).load(0)
    assert str(caught.value).count("\n") < 3


@pytest.mark.parametrize("missing", ["train", "valid", "test", "label"])
def test_a_missing_file_of_the_four_is_named(tmp_path, files, missing):
    del files[missing]
    with pytest.raises(ConfigError, match=rf"lacks {missing}\.json"):
        Wrench(path=write(tmp_path, files))


def test_a_file_that_is_not_json_is_named(tmp_path, files):
    path = write(tmp_path, files)
    (tmp_path / "valid.json").write_text("{")
    with pytest.raises(DataError, match=r"valid\.json is not JSON"):
        Wrench(path=path).load(0)


def test_all_rows_uncovered_leave_nothing_after_dropping(tmp_path, files):
    for each in files["train"].values():
        each["weak_labels"] = [-1, -1]
    with pytest.raises(DataError, match="weak_train would hold 0 points"):
        Wrench(path=write(tmp_path, files), uncovered="drop").load(0)


def test_a_limit_below_four_is_refused(tmp_path, files):
    with pytest.raises(ConfigError, match="limit=3"):
        Wrench(path=write(tmp_path, files), limit=3)


@pytest.mark.slow
def test_the_whole_job_runs_with_the_defaults(tmp_path, shared_data):
    command = [
        "dataset=wrench",
        f"dataset.path={shared_data / 'wrench_youtube'}",
        "tracker=none",
        f"hydra.run.dir={tmp_path}",
    ]
    subprocess.run([sys.executable, "-m", "w2s.main", *command], check=True)
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["status"] == "ok"
    metrics = results["metrics"]
    assert metrics["ceiling/accuracy"] > metrics["weak/accuracy"]
    assert metrics["mixing/size"] > 100
    assert 0 < metrics["selection/accuracy"] < 1
