"""Runs whose weak labels are somebody else's, on data of which some rows are labelled, applied to new rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.study.apply.fitted_runs import answers, applied, leave_run, table
from w2s.model import DawidSkene, Given, MajorityVote, Model, Votes
from w2s.results.recorder import Recorder
from w2s.utils.threads import limited

RULES = """
def first(row):
    return "yes" if row["x0"] > 0.5 else "no" if row["x0"] < -0.5 else None

def second(row):
    return "yes" if row["x1"] > 0 else None

def third(row):
    return "no" if row["x2"] < 0.3 else None
"""


def partly_labelled() -> pd.DataFrame:
    frame = table(900)
    sure = 1 / (1 + np.exp(-frame["x0"] - frame["x1"]))
    said = np.random.default_rng(1).random(len(frame)) < sure
    word = np.where(frame["x0"] > 0, "good", "bad")
    text = [f"{a} point {k % 7} of {k % 5}" for k, a in enumerate(word)]
    frame = frame.assign(gpt_yes=sure, gpt_no=1 - sure, gpt_label=np.where(said, "yes", "no"), text=text)
    frame.loc[200:, "label"] = None
    return frame


ONE_RULE = """
def only(row):
    return "yes" if row["x0"] + row["x1"] > 0 else "no"
"""


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@pytest.mark.parametrize("given", ["predictions", "functions"])
def test_the_points_of_the_run_get_the_same_numbers(tmp_path: Path, given: str, suffix: str) -> None:
    (tmp_path / "rules.py").write_text(RULES)
    functions = {"functions": str(tmp_path / "rules.py")}
    models = {"predictions": Given(column="gpt_*"), "functions": Model(Votes(), DawidSkene())}
    settings: dict[str, Any] = {"predictions": "gpt_*"} if given == "predictions" else functions
    compare(tmp_path, models[given], settings, {} if given == "predictions" else functions, suffix)


@pytest.mark.parametrize("given", ["classes of rows", "classes of texts", "functions that agree"])
def test_classes_alone_get_regions_and_the_same_ones_when_applied(tmp_path: Path, given: str) -> None:
    (tmp_path / "rules.py").write_text(ONE_RULE)
    functions = {"functions": str(tmp_path / "rules.py")} if given.startswith("functions") else {}
    model = Model(Votes(), MajorityVote()) if functions else Given(column="gpt_label")
    settings: dict[str, Any] = functions or {"predictions": "gpt_label"}
    settings |= {"text": "text"} if given == "classes of texts" else {}
    recorder = compare(tmp_path, model, settings, functions, ".parquet")
    assert any(note.startswith("Confidence is estimated") for note in recorder.notes)
    assert recorder.metrics["overlap/density"] > 0.1
    assert recorder.metrics["overlap/hard"] > 0.1
    points = recorder.tables["points"].query("split == 'pool'").set_index("id")
    frame = partly_labelled().set_index("key").loc[points.index]
    rule = np.where(frame["x0"] + frame["x1"] > 0, 1, 0)
    said = rule if functions else (frame["gpt_label"] == "yes").to_numpy()
    assert np.array_equal(points["label_weak"].to_numpy(int), said)


def compare(folder: Path, model: Any, settings: dict[str, Any], rows: dict[str, Any], suffix: str) -> Recorder:
    """A run, and the same rows as new ones: equal bits; what the run found."""
    frame = partly_labelled()
    with limited(1):
        run, recorder = leave_run(folder, frame, weak_model=model, **settings)
        path = folder / f"new{suffix}"
        write = frame.to_parquet if suffix == ".parquet" else frame.to_csv
        write(path, index=False)
        applied(run, path, folder / "out", piece=101, rows=rows)
    points = recorder.tables["points"].query("split == 'pool'")
    assert len(points) == 700
    new = answers(folder / "out").set_index("id").loc[points["id"]]
    for column in ("p_0", "p_1", "confidence", "score"):
        assert np.array_equal(points[column].to_numpy(float), new[column].to_numpy(float), equal_nan=True), column
    assert points["region"].tolist() == new["region"].astype(str).tolist()
    return recorder
