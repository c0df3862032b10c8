"""The report over many runs: its files, its page, its words."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.report.runs import add_metrics, rounds, write_run, write_table
from w2s.errors import DataError
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
            mixing |= {"mixing/random": 0.75, "mixing/random/balanced": 0.76, "mixing/gain": 0.01 * seed + k / 100}
            choices = {"dataset": "digits", "detector": setting.split()[1], "policy": "ucb"}
            config = {"seed": seed, "detector": {"_target_": setting}, "strong_model": {"size": k}}
            write_run(
                folder, seed=seed, signature=f"{k}" * 12, setting=setting, gain=0.05 + k / 10, choices=choices, config=config
            )
            selection = {"selection/accuracy": 0.8 + (seed + k) / 100, "overlap/density": 0.2 + seed / 10}
            add_metrics(folder, {**mixing, **selection})
            write_table(folder, "rounds", rounds(("ucb", "random")).assign(true_regret=0.5))
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
    drawn = {
        "intervals",
        "mixing",
        "controls",
        "density",
        *(f"selection_{name}" for name in ("accuracy", "density", "regret")),
    }
    figures = {f"figures/{name}.{kind}" for name in drawn for kind in ("png", "pdf")}
    assert names == tables | figures | {"report.md", "report.tex", "index.html", "selection.json"}
    assert page.read_text().count("<figure>") == len(drawn)


def test_a_sweep_of_one_run_shows_the_figure_of_its_study(tmp_path: Path) -> None:
    audit = pd.DataFrame({"estimator": ["x", "x"], "labels": [10, 20], "error": [0.4, 0.2], "right_source": [0.5, 0.6]})
    for seed, others in ((0, {"audit.png"}), (1, set())):
        write_run(tmp_path / str(seed), seed=seed, metrics={})
        write_table(tmp_path / str(seed), "audit", audit)
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
    assert any("no <b>column</b>" in dict(detail).get("error", "") for detail in table["details"])


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


@pytest.mark.slow
def test_made_again_it_says_the_same(sweep: Path) -> None:
    first = (sweep / PAGE).read_text()
    page = report([sweep])
    assert page == sweep / PAGE
    assert page.read_text() == first


def test_markdown_names_settings_and_failures(sweep: Path) -> None:
    text = (sweep / "report" / "report.md").read_text()
    assert "| mean | " in text
    assert "gained most with" in text
    assert r"DataError: no \<b\>column\</b\>" in text


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
    assert [tables[f"study{seed}"]["rows"] for seed in (0, 1)] == [
        [[f"sharp_{seed}", 0.5, 1.0, "1 of 3"]] for seed in (0, 1)
    ]
    text = (tmp_path / "report" / "report.md").read_text()
    assert "## detection · seed 1" in text
    assert "sharp_1 | 0.50 | +1.0 | 1 of 3" in text


def test_a_sweep_on_prepared_pools_shows_no_such_table(sweep: Path) -> None:
    assert not [name for name in data_of(sweep / PAGE)["tables"] if name.startswith("study")]


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


def test_runs_with_a_known_measure_show_no_other(tmp_path: Path) -> None:
    write_run(tmp_path / "run", metrics={"gain": 0.1, "own/0": 0.3})
    tables = data_of(report([tmp_path]))["tables"]
    assert "own/0" not in [column["label"] for column in tables["runs"]["columns"]]


def test_the_findings_stand_on_top_of_page_and_markdown(sweep: Path) -> None:
    page, text = (sweep / PAGE).read_text(), (sweep / "report" / "report.md").read_text()
    assert page.index('id="findings"') < page.index('id="settings"') < page.index('id="figures"') < page.index('id="runs"')
    assert text.index("Training on overlap points gained most with") < text.index("## ")
    assert "3 seeds cannot reach p = .05" in page


def test_what_is_equal_in_all_settings_is_said_once_above_what_differs(sweep: Path) -> None:
    labels = [column["label"] for column in data_of(sweep / PAGE)["tables"]["settings"]["columns"]]
    assert labels[0] == "detector"
    assert "seeds" not in labels
    assert "data set" not in labels
    assert "The same in all settings: seeds <b>3</b>" in (sweep / PAGE).read_text()


def test_every_word_that_has_a_meaning_is_in_the_glossary(sweep: Path) -> None:
    tables = data_of(sweep / PAGE)["tables"]
    words = {row[0] for row in tables["glossary"]["rows"]}
    columns = [column for name, table in tables.items() if name != "glossary" for column in table["columns"]]
    assert words == {column["label"] for column in columns if column["help"]}
    assert {"gain, points", "mixing gain, points", "verdict"} <= words


def test_a_report_goes_where_it_is_told_in_the_format_it_is_told(sweep: Path, tmp_path: Path) -> None:
    for name, files in {"latex": {"report.tex"}, "markdown": {"report.md"}}.items():
        report([sweep], tmp_path / name, formats=[name])
        assert {path.name for path in (tmp_path / name).iterdir()} == {*files, "selection.json"}
    text = (tmp_path / "latex" / "report.tex").read_text()
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") > 1


def test_nothing_is_overwritten_that_other_runs_or_other_people_made(sweep: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    report([sweep], out, formats=["csv"])
    report([sweep], out, formats=["csv"])
    with pytest.raises(DataError, match="holds the report on other runs"):
        report([sweep / "0-s0"], out, formats=["csv"])
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "index.html").write_text("mine")
    with pytest.raises(DataError, match="holds something else"):
        report([sweep], tmp_path / "full")
    assert (tmp_path / "full" / "index.html").read_text() == "mine"


def test_the_command_writes_what_it_is_asked_for_and_refuses_an_unknown_baseline(sweep: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "w2s.report", str(sweep), "-o", str(tmp_path / "out"), "--format", "markdown"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Training on overlap points gained most with" in done.stdout.replace("\n", " ")
    assert (tmp_path / "out" / "report.md").is_file()
    done = subprocess.run([*command, "--baseline", "nobody"], capture_output=True, text=True, check=False)
    assert done.stderr.startswith("w2s: --baseline nobody: the settings are digits mean ucb, digits paper ucb")


def test_a_name_is_no_formula_in_a_spreadsheet_and_no_markup_in_markdown(tmp_path: Path) -> None:
    nasty = '=HYPERLINK("http://x") <script>alert(1)</script>'
    write_run(tmp_path / "run", setting=nasty, dataset=nasty)
    page = report([tmp_path])
    cells = pd.read_csv(page.with_name("runs.csv"))
    assert cells["setting"].tolist() == [f"'{nasty}"]
    assert pd.read_parquet(page.with_name("runs.parquet"))["setting"].tolist() == [nasty]
    assert "<script>" not in page.with_name("report.md").read_text()
    assert "<script>alert" not in page.read_text()


def test_a_damaged_run_is_left_out_and_the_others_go_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for seed in range(3):
        write_run(tmp_path / f"{seed}", seed=seed)
    (tmp_path / "1" / "results.json").write_bytes(b"\xff")
    (tmp_path / "2" / "points.parquet").write_bytes(b"PAR1")
    page = report([tmp_path])
    assert len(data_of(page)["tables"]["runs"]["rows"]) == 2
    assert f"{tmp_path / '1' / 'results.json'}: not the results of a run" in caplog.text
    assert f"{tmp_path / '2' / 'points.parquet'}: damaged" in caplog.text
