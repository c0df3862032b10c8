"""Whole runs from the command line, in processes of their own."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from omegaconf import OmegaConf

from tests.configured import composed
from w2s.cli.run import job
from w2s.cli.run.failure import UserError
from w2s.cli.run.job import dataset_name, naming_groups, save_models
from w2s.dataset.digits import Digits
from w2s.model import Raw
from w2s.results.files import FITTED
from w2s.results.recorder import Recorder
from w2s.statistics.accuracy import correct
from w2s.store.fitted import load_fitted
from w2s.tracker.none import NoTracker

FAST = ("study=transfer", "tracker=none", "figures=false")
REPOSITORY = Path(__file__).resolve().parents[3]


def w2s(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "W2S_STORE": str(folder / "store"), "COLUMNS": "120"}
    environment.pop("HYDRA_FULL_ERROR", None)
    command = [sys.executable, "-m", "w2s.main", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def results(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in sorted(folder.rglob("results.json"))]


@pytest.mark.slow
def test_a_run_started_from_any_folder_leaves_its_results_there(tmp_path: Path) -> None:
    done = w2s(tmp_path, *FAST)
    assert done.returncode == 0, done.stderr
    (result,) = results(tmp_path / "outputs")
    assert result["status"] == "ok"
    assert result["choices"]["dataset"] == "digits"
    assert result["metrics"]["ceiling/accuracy"] > result["metrics"]["student/accuracy"] > result["metrics"]["weak/accuracy"]
    (folder,) = (tmp_path / "outputs").iterdir()
    student, weak = (load_fitted(folder / FITTED, name) for name in ("student", "weak_model"))
    test = Digits().load(0).test
    truth = test.labels.open("the accuracies of the run")
    for name, model in (("student", student), ("weak", weak)):
        assert correct(model.predict(test.inputs), truth).mean() == result["metrics"][f"{name}/accuracy"]
    assert {f"{FITTED}/{file.name}" for file in (folder / FITTED).iterdir()} <= set(result["files"])
    assert load_fitted(folder / FITTED, "detector").features == "frozen"


@pytest.mark.slow
def test_a_study_that_reads_no_data_names_no_data_set(tmp_path: Path) -> None:
    done = w2s(tmp_path, "study=audit", "study.repetitions=10", "tracker=none", "figures=false")
    assert done.returncode == 0, done.stderr
    (result,) = results(tmp_path / "outputs")
    assert "dataset" not in result["choices"]


@pytest.mark.parametrize(
    ("study", "used"),
    [
        ("transfer", {"dataset", "learner", "loss", "refiner", "detector"}),
        ("selection", {"dataset", "learner", "loss", "refiner", "detector", "policy"}),
        ("full", {"dataset", "learner", "loss", "refiner", "detector", "policy"}),
        ("detection", set()),
        ("arena", set()),
    ],
)
def test_a_run_is_named_after_the_choices_its_study_refers_to_not_after_one_of_many_it_judges(
    study: str, used: set[str]
) -> None:
    config = composed(f"study={study}")
    assert set(naming_groups(config)) == used


def test_a_mistake_found_in_the_data_is_short_and_written_down(tmp_path: Path) -> None:
    done = w2s(tmp_path, *FAST, "weak_model.representation.width=7")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3
    (result,) = results(tmp_path / "outputs")
    assert result["status"] == "failed"
    assert "7 pixels" in result["error"]


@pytest.mark.slow
def test_a_reader_that_leaves_early_stops_no_run(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "W2S_STORE": str(tmp_path / "store")}
    command = [sys.executable, "-m", "w2s.main", *FAST]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None and running.stderr is not None  # noqa: PT018
        running.stdout.readline()
        running.stdout.close()
        said = running.stderr.read()
    assert (running.returncode, said) == (0, "")
    assert [result["status"] for result in results(tmp_path / "outputs")] == ["ok"]


@pytest.mark.slow
def test_ctrl_c_is_one_line_and_leaves_a_failed_run(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "W2S_STORE": str(tmp_path / "store")}
    environment.pop("HYDRA_FULL_ERROR", None)
    listening = "import signal, w2s.main; signal.signal(signal.SIGINT, signal.default_int_handler); w2s.main.main()"
    command = [sys.executable, "-c", listening, "study=detection", "tracker=none"]  # a parent in the background ignores it
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None and running.stderr is not None  # noqa: PT018
        running.stdout.readline()
        running.send_signal(signal.SIGINT)
        said = running.stderr.read()
    assert running.returncode == 130
    assert said.splitlines()[-1].startswith("w2s: interrupted.")
    assert "Traceback" not in said
    assert [result["status"] for result in results(tmp_path / "outputs")] == ["failed"]


def test_the_whole_traceback_is_there_when_asked_for(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "w2s.main", "detector=papr"]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "HYDRA_FULL_ERROR": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "Traceback" in done.stderr


@pytest.mark.slow
def test_a_sweep_run_again_skips_what_is_finished_and_redoes_what_failed(tmp_path: Path) -> None:
    first = w2s(tmp_path, "-m", *FAST, "seed=0,1")
    assert first.returncode == 0, first.stderr
    files = sorted((tmp_path / "multirun_outputs").rglob("results.json"))
    assert not any((file.parent / FITTED).exists() for file in files)
    assert [file.parent.name.split("-")[1] for file in files] == ["s0", "s1"]
    broken = json.loads(files[1].read_text()) | {"status": "failed"}
    files[1].write_text(json.dumps(broken))
    before = files[0].stat().st_mtime_ns
    again = w2s(tmp_path, "-m", *FAST, "seed=0,1", "keep_fitted=true")
    assert again.returncode == 0, again.stderr
    assert files[0].stat().st_mtime_ns == before
    redone = json.loads(files[1].read_text())
    assert (redone["status"], redone["attempt"]) == ("ok", 2)
    assert redone["metrics"] == broken["metrics"]
    assert [(file.parent / FITTED).exists() for file in files] == [False, True]


def test_what_cannot_be_saved_is_noted_and_ends_no_run(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.fitted("detector", lambda evidence: evidence)
    recorder.fitted("student", Raw())
    assert {file.name for file in save_models(tmp_path, recorder)} == {"student.json", "student.safetensors"}
    (note,) = recorder.notes
    assert "detector cannot be saved" in note


@pytest.mark.parametrize("arguments", [("--help",), ("--cfg", "job"), ("--version",)])
def test_hydras_own_options_still_answer(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert w2s(tmp_path, *arguments).returncode == 0


@pytest.mark.slow
def test_a_parallel_sweep_gives_finished_folders_and_offline_runs_of_one_group(tmp_path: Path) -> None:
    done = w2s(tmp_path, "-m", "study=transfer", "seed=0,1,2", "launcher=joblib", "tracker.mode=offline")
    assert done.returncode == 0, done.stderr
    folders = sorted(file.parent for file in (tmp_path / "multirun_outputs").rglob("results.json"))
    assert [json.loads((folder / "results.json").read_text())["status"] for folder in folders] == ["ok"] * 3
    logged = [inspect(next((folder / "wandb").glob("offline-run-*"))) for folder in folders]
    assert len({group for group, _ in logged}) == 1
    for folder, (_, summary) in zip(folders, logged, strict=True):
        metrics = json.loads((folder / "results.json").read_text())["metrics"]
        defined = {name: value for name, value in metrics.items() if value is not None}
        assert {name: summary[name] for name in defined} == defined


def inspect(run: Path) -> tuple[str, dict[str, float]]:
    """Group and summary of an offline run."""
    read = [sys.executable, "-m", "wandb", "leet", "inspect", "--json"]
    records = subprocess.run([*read, str(run)], capture_output=True, text=True, check=True).stdout
    told = [record for line in records.splitlines() if (record := json.loads(line))["type"] == "run"]
    (group,) = {record["run"]["run_group"] for record in told}  # told again with its notes
    whole = subprocess.run([*read, "--summary", str(run)], capture_output=True, text=True, check=True).stdout
    return group, json.loads(whole)["summary"]


def test_a_failure_in_a_sweep_is_plain_text_and_told_in_the_jobs_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(config: object) -> None:
        raise KeyError("no such column")

    monkeypatch.setattr(job, "run_job", fail)
    with caplog.at_level(logging.ERROR), pytest.raises(UserError, match=r"^KeyError: 'no such column'$"):
        job.run_one_of_many(OmegaConf.create({}))
    assert "no such column" in caplog.text


@pytest.mark.slow
def test_a_folder_with_another_settings_run_is_not_finished(tmp_path: Path) -> None:
    assert w2s(tmp_path, *FAST, "hydra.run.dir=out", "seed=0").returncode == 0
    before = (tmp_path / "out" / "results.json").read_text()
    other = w2s(tmp_path, *FAST, "hydra.run.dir=out", "seed=1", "dataset.threshold=3")
    assert other.returncode == 1
    assert "holds a finished run of another setting" in other.stderr
    assert len(other.stderr.strip().splitlines()) <= 3
    assert (tmp_path / "out" / "results.json").read_text() == before
    same = w2s(tmp_path, *FAST, "hydra.run.dir=out", "seed=0")
    assert same.returncode == 0
    assert "already finished" in same.stdout


@pytest.mark.parametrize(
    ("node", "choice", "overrides", "name"),
    [
        ({"path": "data/mine.csv", "name": None}, "table", [], "mine"),
        ({"path": "data/mine.csv", "name": "reviews"}, "table", [], "reviews"),
        ({"path": "mirror/mr", "id": None, "name": None}, "hub", [], "mr"),
        ({"path": None, "id": "fancyzhx/ag_news", "name": None}, "hub", ["dataset.id=fancyzhx/ag_news"], "ag_news"),
        ({"path": "mirror/other", "id": "stanfordnlp/sst2", "name": None}, "sst2", ["dataset.path=mirror/other"], "sst2"),
        ({"threshold": 5}, "digits", [], "digits"),
    ],
)
def test_a_data_set_of_the_user_is_called_by_its_own_name(
    node: dict[str, str | None], choice: str, overrides: list[str], name: str
) -> None:
    assert dataset_name(node, choice, overrides) == name


@pytest.mark.slow
def test_a_run_is_finished_though_its_page_cannot_be_written_and_the_page_is_made_later_without_computing_again(
    tmp_path: Path,
) -> None:
    """A folder stands in the page's place at first."""
    (tmp_path / "run" / "report.html").mkdir(parents=True)
    command = ("study=transfer", "tracker=none", "hydra.run.dir=run")
    first = w2s(tmp_path, *command)
    assert first.returncode == 0, first.stderr
    assert "the page of the run failed (IsADirectoryError" in first.stdout + first.stderr
    written = (tmp_path / "run" / "results.json").stat().st_mtime_ns
    (tmp_path / "run" / "report.html").rmdir()
    again = w2s(tmp_path, *command)
    assert "already finished" in again.stdout + again.stderr
    assert (tmp_path / "run" / "report.html").is_file()
    assert (tmp_path / "run" / "results.json").stat().st_mtime_ns == written


@pytest.mark.parametrize(("texts", "sent"), [(False, ["points"]), (True, ["points", "examples"])])
def test_the_tracker_gets_the_datas_own_words_only_when_asked_to(tmp_path: Path, *, texts: bool, sent: list[str]) -> None:
    class Listening(NoTracker):
        def table(self, name: str, frame: pd.DataFrame) -> None:
            assert len(frame) == 1
            found.append(name)

    found: list[str] = []
    recorder = Recorder()
    for name in ("points", "examples"):
        recorder.table(name, pd.DataFrame({"shown": ["a secret"]}), words=name == "examples")
    job.tell(Listening(), recorder, tmp_path, texts=texts)
    assert found == sent
