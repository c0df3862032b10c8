"""What is taken away: every point once, by rank, with both labels by the names of their classes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.pool.pools import prepared, sure, with_regions, with_weak
from tests.results.test_files import RUN
from w2s.detector import MeanCosine
from w2s.pool import pool as pool_module
from w2s.pool.examples import Look
from w2s.pool.picks_table import picks_table
from w2s.pool.pool import PreparedPool
from w2s.results.files import write_results
from w2s.results.recorder import Recorder
from w2s.types import ColumnRoles, Region


def pool() -> PreparedPool:
    """Six points: two overlap, one of each other region, and one more that is easy."""
    whole = prepared()
    index = np.arange(6)
    part = replace(
        whole,
        splits=replace(whole.splits, pool=whole.splits.pool.take(index), classes=("no", "=yes")),
        strong_pool=whole.strong_pool.take(index),
        targets=whole.targets[index],
    )
    part = with_weak(part, sure([0, 1, 1, 0, 1, 0]))
    regions = [Region.HARD, Region.OVERLAP, Region.EASY, Region.UNKNOWN, Region.OVERLAP, Region.EASY]
    score = np.array([np.nan, 0.2, 0.1, np.nan, 0.9, 0.15])
    partition = replace(
        whole.partition, regions=np.zeros(6), confidence=np.full(6, 0.8), score=score, threshold_overlap=0.18
    )
    return with_regions(replace(part, partition=partition), [int(region) for region in regions])


def test_every_point_has_a_rank_overlap_with_the_highest_score_first() -> None:
    frame = picks_table(pool())
    assert frame["rank"].tolist() == [1, 2, 3, 4, 5, 6]
    ids = pool().splits.pool.ids
    assert frame["id"].tolist() == [ids[i] for i in (4, 1, 5, 2, 3, 0)]
    assert frame["region"].tolist() == ["overlap", "overlap", "easy", "easy", "unknown", "hard"]
    assert "score 0.900, at least 0.180" in frame["reason"][0]
    assert frame["reason"][5].startswith("hard: the weak model is unsure")


def test_of_many_points_the_first_by_rank_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = picks_table(pool())
    monkeypatch.setattr("w2s.pool.picks_table.MOST", 3)
    pd.testing.assert_frame_equal(picks_table(pool()), whole.head(3))


def test_feature_columns_have_the_names_that_the_data_give_them() -> None:
    whole = pool()
    width = whole.splits.pool.inputs.features.shape[1]
    named = ("rank", "weak_tea", *(f"column {k}" for k in range(width - 2)))
    splits = replace(whole.splits, columns=ColumnRoles(features=named))
    frame = picks_table(replace(whole, splits=splits)).set_index("id").loc[whole.splits.pool.ids]
    kept = ["rank (data)", "weak_tea (data)", *named[2:]]
    assert np.array_equal(frame[kept].to_numpy(), whole.splits.pool.inputs.features)
    assert sorted(frame["rank"]) == [1, 2, 3, 4, 5, 6]
    listed = replace(whole.splits, columns=ColumnRoles(features=("emb",)))
    assert {"emb[0]", f"emb[{width - 1}]"} <= {*picks_table(replace(whole, splits=listed))}


def test_picks_and_examples_ask_the_student_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, whole = [], prepared(detector=MeanCosine())
    once = pool_module.steady
    monkeypatch.setattr(pool_module, "steady", lambda function, points: asked.append(points) or once(function, points))
    found = dict(Look().tables(whole))
    assert {"picks", "examples"} <= found.keys()
    assert sum(points is whole.strong_pool for points in asked) == 1


def test_labels_stand_there_by_name_with_the_probability_of_each_class() -> None:
    whole = pool()
    frame = picks_table(whole).set_index("id").loc[whole.splits.pool.ids]
    assert frame["weak_label"].tolist() == ["no", "=yes", "=yes", "no", "=yes", "no"]
    assert frame[["weak_p_no", "weak_p_=yes"]].to_numpy() == pytest.approx(whole.weak_pool)
    answers = whole.student.predict(whole.strong_pool)
    assert frame[["student_p_no", "student_p_=yes"]].to_numpy() == pytest.approx(answers)
    named = np.array(["no", "=yes"])[answers.argmax(axis=1)]
    assert frame["student_label"].tolist() == named.tolist()
    differs = frame["reason"].str.endswith("the student says otherwise")
    assert differs.tolist() == (frame["weak_label"] != frame["student_label"]).tolist()


def test_points_that_the_refiner_dropped_come_last() -> None:
    kept = np.ones(6, dtype=bool)
    kept[4] = False
    frame = picks_table(replace(pool(), kept=kept))
    assert frame["id"].iloc[-1] == pool().splits.pool.ids[4]
    assert frame["reason"].iloc[-1].endswith("the refiner left it out")


def test_what_a_policy_bought_is_marked() -> None:
    ids = pool().splits.pool.ids
    bought = pd.DataFrame({"id": ids, "chosen": pd.array([True, False] * 3, dtype="boolean")})
    frame = picks_table(pool(), bought).set_index("id")
    assert frame.loc[ids, "bought"].tolist() == [True, False] * 3


def test_the_sheet_holds_no_formula(tmp_path: Path) -> None:
    recorder = Recorder()
    cells = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "plain", " =1"]
    recorder.table("picks", pd.DataFrame({"rank": range(1, 9), "text": cells}), words=True)
    results = write_results(tmp_path, RUN, recorder)
    assert "picks.csv" in results.files
    written = (tmp_path / "picks.csv").read_text().splitlines()[1:]
    assert len(written) == len(cells)
    for line in written:
        assert not line.split(",", 1)[1].strip('"').lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))
    assert pd.read_parquet(tmp_path / "picks.parquet")["text"].tolist() == cells
