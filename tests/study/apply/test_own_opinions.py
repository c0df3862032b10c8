"""Runs whose weak labels are somebody else's, on data of which some rows are labelled, applied to new rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.study.apply.fitted_runs import answers, applied, leave_run, table
from w2s.model import DawidSkene, Given, Model, Votes
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
    frame = frame.assign(gpt_yes=sure, gpt_no=1 - sure)
    frame.loc[200:, "label"] = None
    return frame


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@pytest.mark.parametrize("given", ["predictions", "functions"])
def test_the_points_of_the_run_get_the_same_numbers(tmp_path: Path, given: str, suffix: str) -> None:
    (tmp_path / "rules.py").write_text(RULES)
    frame = partly_labelled()
    settings: dict[str, Any] = {
        "predictions": {"predictions": "gpt_*"},
        "functions": {"functions": str(tmp_path / "rules.py")},
    }
    models = {"predictions": Given(column="gpt_*"), "functions": Model(Votes(), DawidSkene())}
    rows = {} if given == "predictions" else settings["functions"]
    with limited(1):
        run, recorder = leave_run(tmp_path, frame, weak_model=models[given], **settings[given])
        path = tmp_path / f"new{suffix}"
        write = frame.to_parquet if suffix == ".parquet" else frame.to_csv
        write(path, index=False)
        applied(run, path, tmp_path / "out", piece=101, rows=rows)
    points = recorder.tables["points"].query("split == 'pool'")
    assert len(points) == 700
    new = answers(tmp_path / "out").set_index("id").loc[points["id"]]
    for column in ("p_0", "p_1", "confidence", "score"):
        assert np.array_equal(points[column].to_numpy(float), new[column].to_numpy(float), equal_nan=True), column
