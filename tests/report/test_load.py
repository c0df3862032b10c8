"""Runs are found and read from disk: finished, failed and unfinished ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import w2s
from tests.configured import composed
from tests.report.runs import write_run
from w2s.cli.configuration.signature import signature as signature_of
from w2s.errors import DataError
from w2s.report.load import find_runs, load_results, read_run
from w2s.report.naming import GROUPS_APART, SETTINGS_APART


def test_a_run_is_a_row_with_its_metrics_and_undefined_ones_are_nan(tmp_path: Path) -> None:
    results = write_run(tmp_path / "a" / "s3", seed=3)
    (row,) = load_results(tmp_path).to_dict("records")
    assert row["student/accuracy"] == results["metrics"]["student/accuracy"]
    assert np.isnan(row["pgr"])
    assert (row["run"], row["seed"], row["dataset"], row["seconds"]) == ("a/s3", 3, "digits", 0.75)


def test_the_table_is_at_hand_without_knowing_the_module(tmp_path: Path) -> None:
    write_run(tmp_path / "a")
    assert len(w2s.load_results(str(tmp_path))) == 1


def test_a_run_that_never_ended_is_unfinished_and_keeps_its_command(tmp_path: Path) -> None:
    (tmp_path / "a" / ".hydra").mkdir(parents=True)
    (tmp_path / "a" / ".hydra" / "overrides.yaml").write_text("- seed=4\n- detector.name=a b\n")
    own = "[hydra.mode=MULTIRUN, hydra.sweep.dir=there]"
    (tmp_path / "a" / ".hydra" / "hydra.yaml").write_text(f"hydra: {{mode: MULTIRUN, overrides: {{hydra: {own}}}}}")
    run = read_run(tmp_path / "a")
    assert run.results is None
    assert run.command == "python -m w2s.main -m hydra.sweep.dir=there seed=4 'detector.name=a b'"
    assert load_results(tmp_path)["status"].tolist() == ["unfinished"]


@pytest.mark.parametrize("text", ["[", "hydra: 3", "hydra: {mode: [1]}", "\xff"])
def test_what_hydra_left_of_a_run_that_never_ended_may_be_damaged(text: str, tmp_path: Path) -> None:
    (tmp_path / "a" / ".hydra").mkdir(parents=True)
    for name in ("overrides", "hydra"):
        (tmp_path / "a" / ".hydra" / f"{name}.yaml").write_text(text, encoding="latin-1")
    assert load_results(tmp_path)["command"].tolist() == ["python -m w2s.main"]


def test_what_a_run_ran_on_is_in_columns_of_its_own(tmp_path: Path) -> None:
    config = {"strong_model": {"checkpoint": "some/encoder"}, "weak_model": {"_target_": "w2s.model.Model"}}
    choices = {"detector": "paper", "policy": "ucb", "model": "minilm", "dataset": "table", "tracker": "none"}
    facts = {"points/pool": 600, "class balance": "no 50.0 %, yes 50.0 %"}
    write_run(tmp_path / "a", config=config, choices=choices, facts=facts, dataset="mine")
    (row,) = load_results(tmp_path).to_dict("records")
    assert (row["dataset"], row["detector"], row["policy"], row["model"]) == ("mine", "paper", "ucb", "minilm")
    assert (row["strong_checkpoint"], row["weak_checkpoint"], row["points_pool"]) == ("some/encoder", None, 600)
    assert row["class_balance"] == "no 50.0 %, yes 50.0 %"


def test_a_damaged_run_is_named_in_one_line_and_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_run(tmp_path / "a")
    write_run(tmp_path / "b")
    (tmp_path / "b" / "results.json").write_text('{"status": "o')
    assert load_results(tmp_path)["run"].tolist() == ["a"]
    assert [message.split(":")[0] for message in caplog.messages] == [str(tmp_path / "b" / "results.json")]


def test_a_runs_own_subfolders_are_not_searched(tmp_path: Path) -> None:
    write_run(tmp_path / "a")
    write_run(tmp_path / "a" / "inside")
    write_run(tmp_path / "b")
    assert find_runs([tmp_path]) == [tmp_path / "a", tmp_path / "b"]


def test_the_same_folder_given_twice_counts_once(tmp_path: Path) -> None:
    write_run(tmp_path / "a")
    assert len(find_runs([tmp_path, tmp_path / "a"])) == 1


@pytest.mark.parametrize(("name", "reason"), [("missing", "no such folder"), ("empty", "no run")])
def test_a_folder_without_runs_is_refused(name: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=reason):
        load_results(tmp_path / name)


def test_settings_that_share_a_name_are_told_apart_by_their_overrides(tmp_path: Path) -> None:
    for seed in (0, 1):
        for signature, quantile in (("aaaa", 0.5), ("bbbb", 0.6)):
            overrides = ["study=transfer", f"seed={seed}", f"detector.quantile={quantile}"]
            write_run(tmp_path / f"{signature}-s{seed}", seed=seed, signature=signature, overrides=overrides)
    frame = load_results(tmp_path)
    assert set(frame["setting"]) == {"digits paper detector.quantile=0.5", "digits paper detector.quantile=0.6"}
    assert (frame.groupby("setting")["signature"].nunique() == 1).all()


def test_settings_with_nothing_to_tell_them_apart_show_their_signature(tmp_path: Path) -> None:
    for signature in ("aaaa", "bbbb"):
        write_run(tmp_path / signature, signature=signature)
    assert load_results(tmp_path)["setting"].nunique() == 2


def test_overrides_that_cannot_change_a_result_are_in_no_name(tmp_path: Path) -> None:
    idle = ["tracker=none", "figures=True", "tags=[a]", "launcher=joblib", "++store.root=there", "hydra.job.name=x"]
    write_run(tmp_path / "a", signature="aaaa00000000", overrides=["dataset.threshold=4", *idle])
    write_run(tmp_path / "b", signature="bbbb00000000", overrides=["dataset.threshold=5", "threads=2"])
    assert list(load_results(tmp_path)["setting"]) == [
        "digits paper dataset.threshold=4",
        "digits paper dataset.threshold=5",
    ]


def test_what_is_left_out_of_names_is_not_in_the_signature() -> None:
    changes = {
        "seed": "3", "setting": "mine", "resume": "false", "figures": "true", "tags": "[a]", "show_config": "true",
        "dryrun": "true", "threads": "2", "allow_targets": "[mine]", "store.root": "there", "tracker": "none",
        "launcher": "joblib", "hparams_search": "grid", "hydra.job.name": "x",
    }  # fmt: skip
    assert {key.split(".")[0] for key in changes} == {*SETTINGS_APART, *GROUPS_APART}
    plain, changed, other = (
        signature_of(composed(*overrides))
        for overrides in ([], [f"{key}={value}" for key, value in changes.items()], ["dataset.threshold=4"])
    )
    assert changed == plain
    assert other != plain
