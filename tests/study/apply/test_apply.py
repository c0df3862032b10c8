import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.configured import built
from tests.study.apply.fitted_runs import answers, applied, leave_run, table
from w2s.dataset.new_files import NewFiles
from w2s.errors import ConfigError, DataError, StoreError, W2SError
from w2s.store.fitted import save_fitted
from w2s.study.apply import Apply
from w2s.utils.threads import limited

FRAME = table()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """A run's folder, and its table of points."""
    with limited(1):
        folder, recorder = leave_run(tmp_path_factory.mktemp("run"), FRAME)
    return folder, recorder.tables["points"]


@pytest.mark.parametrize("detector", ["mean_cosine", "noise_matched", "max_abs_cosine", "knn", "prototype"])
def test_the_points_of_the_run_get_the_same_numbers_bit_for_bit(detector: str, tmp_path: Path) -> None:
    FRAME.drop(columns="label").to_parquet(tmp_path / "new.parquet")
    with limited(1):
        run, recorder = leave_run(tmp_path, FRAME, built("detector", detector))
        found = applied(run, tmp_path / "new.parquet", tmp_path / "out", piece=101, shards=3)
    assert found.metrics["apply/rows"] == len(FRAME)
    new, table_of_points = answers(tmp_path / "out").set_index("id"), recorder.tables["points"]
    for split, columns in {"pool": ("p_0", "p_1", "confidence", "score"), "test": ("weak", "student")}.items():
        points = table_of_points[table_of_points["split"] == split]
        rows = new.loc[points["id"]]
        names = {"weak": "p_1", "student": "student_p_1"}
        for column in columns:
            same = rows[names.get(column, column)].to_numpy(float)
            assert np.array_equal(points[column].to_numpy(float), same, equal_nan=True), column
        assert points["region"].tolist() == rows["region"].astype(str).tolist()


def test_answers_do_not_depend_on_parts_pieces_files_and_order(run: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    new = table(700, seed=1)
    for k in range(3):
        new.iloc[k * 200 : (k + 1) * 200 + 100 * (k == 2)].to_parquet(tmp_path / f"new-{k}.parquet", row_group_size=64)
    with limited(1):
        applied(run[0], tmp_path / "new-*.parquet", tmp_path / "one")
        for shard in (4, 1, 0, 2, 3, 5, 6):
            last = applied(run[0], tmp_path / "new-*.parquet", tmp_path / "seven", shards=7, shard=shard, piece=33)
            assert ("drift" in last.skipped) is (shard != 6)
    assert len(list((tmp_path / "seven").glob("part-*.parquet"))) == 7
    whole = answers(tmp_path / "one")
    assert whole["id"].tolist() == new["key"].tolist()
    pd.testing.assert_frame_equal(whole, answers(tmp_path / "seven"), check_exact=True)
    for name in ("applied", "drift"):
        pd.testing.assert_frame_equal(*(pd.read_parquet(tmp_path / kind / f"{name}.parquet") for kind in ("one", "seven")))


def test_a_finished_part_is_not_computed_again_and_a_damaged_one_is(run: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    table(300, seed=2).to_parquet(tmp_path / "new.parquet")
    out = tmp_path / "out"
    assert applied(run[0], tmp_path / "new.parquet", out, shards=3).metrics["apply/computed"] == 300
    assert applied(run[0], tmp_path / "new.parquet", out, shards=3).metrics["apply/computed"] == 0
    before = answers(out)
    part = out / "part-00001-of-00003.parquet"
    part.write_bytes(part.read_bytes()[:-1])
    assert applied(run[0], tmp_path / "new.parquet", out, shards=3).metrics["apply/computed"] == 100
    pd.testing.assert_frame_equal(before, answers(out), check_exact=True)
    table(300, seed=3).to_parquet(tmp_path / "new.parquet")  # another file of the same name
    assert applied(run[0], tmp_path / "new.parquet", out, shards=3).metrics["apply/computed"] == 300


def test_a_killed_process_loses_nothing_and_repeats_nothing(run: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    new = table(4_000, seed=4)
    new.to_parquet(tmp_path / "new.parquet")
    applied(run[0], tmp_path / "new.parquet", tmp_path / "whole", shards=40)
    code = (
        "import sys; from pathlib import Path; from tests.study.apply.fitted_runs import applied;"
        "print('ready', flush=True); applied(*map(Path, sys.argv[1:]), shards=40)"
    )
    places = [str(run[0]), str(tmp_path / "new.parquet"), str(tmp_path / "out")]
    for wait in (0.05, 0.2):
        process = subprocess.Popen([sys.executable, "-c", code, *places], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    applied(run[0], tmp_path / "new.parquet", tmp_path / "out", shards=40)
    assert answers(tmp_path / "out")["id"].tolist() == new["key"].tolist()
    pd.testing.assert_frame_equal(answers(tmp_path / "whole"), answers(tmp_path / "out"), check_exact=True)
    assert not list((tmp_path / "out").glob(".partial-*"))


def test_drift_is_none_on_points_alike_and_large_on_others(run: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    table(3_000, seed=5).to_parquet(tmp_path / "same.parquet")
    other = table(3_000, seed=6)
    other.loc[other["source"] == "a", "source"] = "new"
    other.assign(x0=other["x0"] + 3).to_parquet(tmp_path / "other.parquet")
    same, far = (
        applied(run[0], tmp_path / f"{name}.parquet", tmp_path / name, rows={"date": "created"})
        for name in ("same", "other")
    )
    for what in ("confidence", "score", "sources", "weak_classes", "regions"):
        assert (same.metrics[f"apply/drift/{what}/p"] or 0) > 0.001, what
    for what in ("confidence", "sources", "weak_classes"):
        assert (far.metrics[f"apply/drift/{what}/p"] or 0) < 1e-6, what
        assert (far.metrics[f"apply/drift/{what}"] or 0) > 0.2, what
    assert not same.notes
    assert "New rows are unlike the run's pool" in far.notes[0]
    counts = far.tables["applied"]
    assert counts["rows"].sum() == 3_000
    assert set(counts["month"]) == {"2026-10", "2026-11"}
    assert set(counts["source"]) == {"new", "b", "c"}


def refusal(kind: type[W2SError], run: Path, path: Path, output: Path, **settings: object) -> str:
    with pytest.raises(kind) as told:
        applied(run, path, output, **settings)
    assert len(str(told.value).splitlines()) <= 3
    return str(told.value)


def test_files_that_do_not_fit_are_refused(run: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    new, out = table(50, seed=7), tmp_path / "out"
    new.drop(columns="x5").to_parquet(tmp_path / "lacking.parquet")
    assert "no column 'x5'" in refusal(DataError, run[0], tmp_path / "lacking.parquet", out)
    new.to_parquet(tmp_path / "new.parquet")
    narrow = {"features": ["x0", "x1"]}
    told = refusal(DataError, run[0], tmp_path / "new.parquet", out, rows=narrow)
    assert "2 feature columns, and the run was fitted on 8" in told
    new.assign(x3=[*[0.0] * 40, np.nan, *[0.0] * 9]).to_parquet(tmp_path / "gap.parquet")
    assert "no finite number in row 41" in refusal(DataError, run[0], tmp_path / "gap.parquet", out)
    (tmp_path / "latin.csv").write_bytes(new.to_csv(index=False).replace("k7-9,", "ké7-9,").encode("latin-1"))
    assert "is not in UTF-8" in refusal(DataError, run[0], tmp_path / "latin.csv", out)
    assert "no such file" in refusal(ConfigError, run[0], tmp_path / "none-*.parquet", out)
    assert not list(out.glob("part-*"))


def test_fitted_folders_that_do_not_fit_are_refused(run: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    new, out = tmp_path / "new.parquet", tmp_path / "out"
    table(50, seed=8).to_parquet(new)
    assert "no such folder" in refusal(StoreError, tmp_path / "nowhere", new, out)
    (tmp_path / "empty").mkdir()
    assert "no run left fitted models there" in refusal(StoreError, tmp_path / "empty", new, out)

    def copied(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for file in (run[0] / "fitted").iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
        return folder

    without = copied("without")
    (without / "student.json").unlink()
    assert "the run left no student" in refusal(StoreError, without, new, out)
    earlier = copied("earlier")
    (earlier / "pool.json").unlink()
    assert "an earlier version" in refusal(StoreError, earlier, new, out)
    damaged = copied("damaged")
    arrays = bytearray((damaged / "student.safetensors").read_bytes())
    arrays[-1] ^= 1
    (damaged / "student.safetensors").write_bytes(bytes(arrays))
    assert "damaged" in refusal(StoreError, damaged, new, out)
    swapped = copied("swapped")
    for kind in ("json", "safetensors"):
        (swapped / f"student.{kind}").write_bytes((swapped / f"detector.{kind}").read_bytes())
    assert "no FittedModel" in refusal(StoreError, swapped, new, out)


def test_a_class_from_elsewhere_is_not_even_imported(run: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    from tests.study.apply import foreign

    folder = tmp_path / "foreign"
    folder.mkdir()
    for file in (run[0] / "fitted").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    save_fitted(folder, "student", foreign.Foreign(1))
    table(50, seed=9).to_parquet(tmp_path / "new.parquet")
    sys.modules.pop("tests.study.apply.foreign")
    told = refusal(StoreError, folder, tmp_path / "new.parquet", tmp_path / "out")
    assert "outside the packages" in told
    assert "tests.study.apply.foreign" not in sys.modules


def test_parts_are_counted_from_0(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the parts are 0 to 3"):
        Apply(fitted="run", rows=NewFiles(path="new.parquet"), shards=4, shard=4)


def test_the_manifest_tells_what_the_summary_adds_up(run: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    table(60, seed=10).to_parquet(tmp_path / "new.parquet")
    applied(run[0], tmp_path / "new.parquet", tmp_path / "out", shards=2)
    manifest = json.loads((tmp_path / "out" / "part-00000-of-00002.json").read_text())
    assert sum(manifest["tally"]["regions"]) == 30
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["rows"] == 60


def test_a_folder_with_parts_of_another_division_is_refused(run: tuple[Path, pd.DataFrame], tmp_path: Path) -> None:
    table(60, seed=11).to_parquet(tmp_path / "new.parquet")
    applied(run[0], tmp_path / "new.parquet", tmp_path / "out", shards=2)
    assert "it holds part-0000" in refusal(ConfigError, run[0], tmp_path / "new.parquet", tmp_path / "out", shards=3)
    assert "the files hold 60 rows" in refusal(ConfigError, run[0], tmp_path / "new.parquet", tmp_path / "big", shards=61)
