"""The report over many runs: its files, its page, its words."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.report.runs import rounds, write_run
from w2s.report import report

PAGE = "report/index.html"


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two settings of three seeds, one failed run, one that never ended, and the report over them."""
    tmp_path = tmp_path_factory.mktemp("sweep")
    for k, setting in enumerate(("digits paper ucb", "digits mean ucb")):
        for seed in range(3):
            folder = tmp_path / f"{k}-s{seed}"
            mixing = {f"mixing/{p / 10:.1f}": 0.7 + p / 100 + seed / 100 + k / 20 for p in range(11)}
            mixing |= {"mixing/random": 0.75, "mixing/random/balanced": 0.76, "mixing/gain": 0.01 * seed}
            results = write_run(folder, seed=seed, signature=f"{k}" * 12, setting=setting, gain=0.05 + k / 10)
            results["metrics"] |= {**mixing, "selection/accuracy": 0.8 + seed / 100, "overlap/density": 0.2 + seed / 10}
            (folder / "results.json").write_text(json.dumps(results))
            rounds(("ucb", "random")).assign(true_regret=0.5).to_parquet(folder / "rounds.parquet")
    write_run(tmp_path / "bad", status="failed", error="DataError: no <b>column</b>", metrics={}, signature="2" * 12)
    (tmp_path / "killed" / ".hydra").mkdir(parents=True)
    report([tmp_path])
    return tmp_path


def data_of(page: Path) -> dict[str, dict[str, dict[str, list[Any]]]]:
    text = page.read_text()
    return dict(json.loads(text.split('id="data">')[1].split("</script>")[0]))


def test_tables_figures_markdown_and_the_page_are_written(sweep: Path) -> None:
    page = sweep / PAGE
    names = {path.relative_to(sweep / "report").as_posix() for path in (sweep / "report").rglob("*") if path.is_file()}
    tables = {f"{name}.{kind}" for name in ("runs", "settings", "comparisons") for kind in ("csv", "parquet")}
    figures = {f"figures/{name}.png" for name in ("gains", "mixing", "density", "selection", "regret")}
    assert names == tables | figures | {"report.md", "index.html"}
    assert page.read_text().count("<figure>") == len(figures)


def test_a_sweep_of_one_run_shows_the_figure_of_its_study(tmp_path: Path) -> None:
    audit = pd.DataFrame({"estimator": ["x", "x"], "labels": [10, 20], "error": [0.4, 0.2], "right_source": [0.5, 0.6]})
    for seed, others in ((0, {"audit.png"}), (1, set())):
        write_run(tmp_path / str(seed), seed=seed, metrics={})
        audit.to_parquet(tmp_path / str(seed) / "audit.parquet")
        target = report([tmp_path]).parent / "figures"
        assert {path.name for path in target.glob("*.png")} == others
        for path in target.glob("*.png"):
            path.unlink()


def test_every_run_is_in_the_table_with_its_command_and_configuration(sweep: Path) -> None:
    data = data_of(sweep / PAGE)
    table = data["tables"]["runs"]
    assert len(table["rows"]) == len(table["details"]) == 8
    configs = [{**data["config"], **dict(detail["config"])}["seed"] for detail in table["details"][:6]]
    assert configs == [0, 1, 2, 0, 1, 2]
    assert {dict(detail)["command"] for detail in table["details"]} >= {"python -m w2s.main seed=2"}


def test_failed_and_unfinished_runs_are_listed_with_their_errors(sweep: Path) -> None:
    page = sweep / PAGE
    rows = {row[0]: row for row in data_of(page)["tables"]["failed"]["rows"]}
    assert rows["bad"][1:3] == ["failed", "DataError: no <b>column</b>"]
    assert rows["killed"][1] == "unfinished"
    assert "no <b>column" not in page.read_text()
    assert "1 failed" in page.read_text()


def test_numbers_on_disk_are_the_runs_own(sweep: Path) -> None:
    runs = pd.read_parquet(sweep / "report" / "runs.parquet").set_index("run")
    for folder in ("0-s0", "1-s2"):
        metrics = json.loads((sweep / folder / "results.json").read_text())["metrics"]
        assert {name: runs.loc[folder, name] for name, value in metrics.items() if value is not None} == {
            name: value for name, value in metrics.items() if value is not None
        }


def test_made_again_it_says_the_same(sweep: Path) -> None:
    first = (sweep / PAGE).read_text()
    page = report([sweep])
    assert page == sweep / PAGE
    assert page.read_text() == first


def test_markdown_names_settings_and_failures(sweep: Path) -> None:
    text = (sweep / "report" / "report.md").read_text()
    assert "| digits mean ucb | transfer | digits | 3 |" in text
    assert "DataError" in text


def test_the_command_refuses_a_folder_without_runs_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "w2s.report", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("w2s: no run in")
    assert len(done.stderr.splitlines()) == 1


def test_a_sweep_of_a_study_of_many_shows_the_table_of_each_run(tmp_path: Path) -> None:
    row = {"auc": 0.5, "useful_auc": 0.5, "gain": 0.01, "within": 1.0}
    for seed in (0, 1):
        found = {"detection/settings_helped": 3.0, **{f"detection/sharp_{seed}/{key}": value for key, value in row.items()}}
        write_run(tmp_path / f"{seed}", seed=seed, study="detection", setting="", metrics=found)
    tables = data_of(report([tmp_path]))["tables"]
    assert [tables[f"verdict{seed}"]["rows"] for seed in (0, 1)] == [
        [[f"sharp_{seed}", "0.50", "+1.0", "1 of 3"]] for seed in (0, 1)
    ]
    text = (tmp_path / "report" / "report.md").read_text()
    assert "## detection · seed 1" in text
    assert "sharp_1 | 0.50 | +1.0 | 1 of 3" in text


def test_a_sweep_on_prepared_pools_shows_no_such_table(sweep: Path) -> None:
    assert not [name for name in data_of(sweep / PAGE)["tables"] if name.startswith("verdict")]


def test_one_setting_is_counted_in_the_singular(tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    assert "1 run (1 ok), 1 setting." in report([tmp_path]).with_name("report.md").read_text()
    write_run(tmp_path / "other", seed=1, signature="bbbb00000000")
    assert "2 runs (2 ok), 2 settings." in report([tmp_path]).with_name("report.md").read_text()


def test_runs_without_any_known_measure_show_their_own_first_metrics(tmp_path: Path) -> None:
    write_run(tmp_path / "run", study="mine", setting="", metrics={f"own/{k}": k / 10 for k in range(8)})
    tables = data_of(report([tmp_path]))["tables"]
    shown = [column["label"] for column in tables["runs"]["columns"]]
    assert [label for label in shown if label.startswith("own/")] == [f"own/{k}" for k in range(6)]
    assert tables["runs"]["rows"][0][-1] == 0.5
    assert tables["settings"]["rows"][0][0] == "mine"


def test_runs_with_a_known_measure_show_no_other(tmp_path: Path) -> None:
    write_run(tmp_path / "run", metrics={"gain": 0.1, "own/0": 0.3})
    tables = data_of(report([tmp_path]))["tables"]
    assert "own/0" not in [column["label"] for column in tables["runs"]["columns"]]
