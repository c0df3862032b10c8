"""Trackers that write files: what a run tells them can be read back by what it is meant for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pandas as pd
import pytest

from tests.configured import built
from w2s.errors import ConfigError
from w2s.tracker import Guarded

TABLE = pd.DataFrame({"share": [0.0, 1.0], "control": ["=1+1", None]})
NOTE = "The student gained +1.0 points."


def told(tmp_path: Path, choice: str, *overrides: str) -> Any:
    """The tracker after a run has told it everything."""
    image = tmp_path / "curve.png"
    matplotlib.image.imsave(image, np.zeros((4, 4, 3)))
    config = {"seed": 3, "dataset": {"path": "a b"}}
    told = {"name": "full digits s3", "group": "digits abc", "run_id": "abc-3-1", "job_type": "full", "setting": "digits"}
    with built("tracker", choice, *overrides)(folder=tmp_path, config=config, **told) as tracker:
        tracker.log({"mixing/share": 0.5, "mixing/accuracy": 0.75}, step=2)
        tracker.log(
            {"gain": 0.1, "gain/low": 0.0, "weak/accuracy": 0.7, "weak/accuracy/low": 0.6, "selection/take/a%b": 2.0}
        )
        tracker.note(NOTE)
        tracker.table("curve", TABLE)
        tracker.image("figures/curve", image)
    return tracker


def test_csv_holds_steps_and_final_metrics_and_tables(tmp_path: Path) -> None:
    told(tmp_path, "csv")
    found = pd.read_csv(tmp_path / "csv" / "metrics.csv")
    assert found.loc[found["step"] == 2, "metric"].tolist() == ["mixing/share", "mixing/accuracy"]
    assert found.loc[found["metric"] == "gain", "value"].tolist() == [0.1]
    assert pd.read_csv(tmp_path / "csv" / "curve.csv")["control"].tolist()[0] == "'=1+1"
    assert (tmp_path / "csv" / "notes.txt").read_text().strip() == NOTE


def test_tensorboard_reads_scalars_texts_and_figures(tmp_path: Path) -> None:
    accumulators = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    told(tmp_path, "tensorboard")
    found = accumulators.EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    (step,) = found.Scalars("mixing/accuracy")
    assert (step.step, step.value) == (2, 0.75)
    assert found.Scalars("gain")[0].value == pytest.approx(0.1)
    assert "figures/curve" in found.Tags()["images"]
    assert found.Tensors("findings/text_summary")[0].tensor_proto.string_val[0].decode() == NOTE


def test_mlflow_keeps_settings_metrics_and_artifacts_in_a_folder(tmp_path: Path) -> None:
    mlflow = pytest.importorskip("mlflow")
    told(tmp_path, "mlflow", f"tracker.uri={tmp_path / 'store'}")
    client = mlflow.MlflowClient(str(tmp_path / "store"))
    (run,) = client.search_runs([client.get_experiment_by_name("w2s").experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.params == {"seed": "3", "dataset.path": "a b"}
    assert run.data.metrics["gain"] == 0.1
    assert run.data.metrics["gain.low"] == 0.0
    assert run.data.metrics["weak/accuracy.low"] == 0.6
    assert run.data.metrics["selection/take.a_b"] == 2.0
    assert run.data.tags["mlflow.note.content"] == NOTE
    assert [each.step for each in client.get_metric_history(run.info.run_id, "mixing/accuracy")] == [2]
    assert [each.path for each in client.list_artifacts(run.info.run_id, "figures")] == ["figures/curve.png"]


def test_several_are_told_the_same_and_one_that_fails_stops_no_other(tmp_path: Path, caplog: Any) -> None:
    (tmp_path / "here").write_text("a file where a folder should be")
    overrides = ("tracker.use=[tensorboard,csv]", f"tracker.known.tensorboard.path={tmp_path / 'here'}")
    told(tmp_path, "several", *overrides)
    assert len(pd.read_csv(tmp_path / "csv" / "metrics.csv")) == 7
    assert "TensorBoardTracker could not begin" in caplog.text


def test_a_tracker_that_is_not_known_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"tracker\.use=cvs: there is no such tracker.*csv"):
        built("tracker", "several", "tracker.use=[cvs]")(folder=tmp_path)


class Broken:
    """A tracker that begins well and then fails."""

    def __enter__(self) -> Broken:
        return self

    def __exit__(self, *_: object) -> None:
        raise RuntimeError("never reached")

    def log(self, *_: object) -> None:
        raise OSError("disk full")

    table = image = note = log


def test_a_failing_tracker_is_said_once_and_told_nothing_more(tmp_path: Path, caplog: Any) -> None:
    with Guarded([Broken()]) as tracker:
        tracker.log({"gain": 0.1})
        tracker.note("more")
        tracker.image("a", tmp_path)
        tracker.table("b", TABLE)
    assert caplog.text.count("Broken lost the metrics (OSError: disk full)") == 1
    assert "never reached" not in caplog.text
