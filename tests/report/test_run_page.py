"""A run ends with figures as PNG files and one page that holds them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.report.runs import add_metrics, curve, rounds, write_run, write_table
from w2s.report import print_result, write_run_report
from w2s.report.load import read_run
from w2s.utils.text import printable


def test_the_page_holds_every_figure_and_the_files_lie_beside_it(tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    write_table(tmp_path / "run", "curve", curve())
    write_table(tmp_path / "run", "rounds", rounds())
    page = write_run_report(tmp_path / "run")
    text = page.read_text()
    assert page == tmp_path / "run" / "report.html"
    assert {path.name for path in (tmp_path / "run" / "figures").iterdir()} == {
        f"{name}.{kind}" for name in ("mixing", "scores", "selection") for kind in ("png", "pdf")
    }
    assert text.count("<figure>") == text.count("<svg") == 3
    assert "python -m w2s.main seed=0" in text


def test_a_study_with_tables_of_its_own_has_its_figure_unless_the_table_was_cut_short(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    write_run(folder)
    (folder / "points.parquet").unlink()
    audit = pd.DataFrame({"estimator": ["x", "x"], "labels": [10, 20], "error": [0.4, 0.2], "right_source": [0.5, 0.6]})
    write_table(folder, "audit", audit)
    assert "the highest estimate" in write_run_report(folder).read_text()
    assert {path.name for path in (folder / "figures").iterdir()} == {"audit.png", "audit.pdf"}
    (folder / "audit.parquet").write_bytes((folder / "audit.parquet").read_bytes()[:-1])
    assert "<svg" not in write_run_report(folder).read_text()


def test_figures_that_the_run_has_no_table_for_are_left_out(tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    text = write_run_report(tmp_path / "run").read_text()
    assert text.count("<svg") == 1


def test_the_page_asks_nothing_of_any_other_file_or_host(tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    text = write_run_report(tmp_path / "run").read_text()
    for wish in ('src="', "url(", "@import", 'href="http', "fetch("):
        assert wish not in text.replace("url(#", ""), wish


def test_words_from_a_run_cannot_become_markup(tmp_path: Path) -> None:
    nasty = "</script><script>alert(1)</script>"
    write_run(tmp_path / "run", status="failed", error=nasty, setting=nasty, skipped={"a": nasty}, facts={"data": nasty})
    text = write_run_report(tmp_path / "run").read_text()
    assert "<script>alert" not in text
    data = text.split('<script type="application/json" id="data">')[1].split("</script>")[0]
    assert nasty in {cell for row in json.loads(data)["tables"]["origin"]["rows"] for cell in row}


def test_a_failed_run_has_a_page_that_says_so(tmp_path: Path) -> None:
    write_run(tmp_path / "run", status="failed", error="DataError: no such column", metrics={})
    assert "failed: DataError: no such column" in write_run_report(tmp_path / "run").read_text()


def test_the_findings_come_before_the_result_and_the_remarks_after_it(tmp_path: Path) -> None:
    write_run(tmp_path / "run", notes=["a note"], skipped={"mixing": "2 overlap points"})
    text = write_run_report(tmp_path / "run").read_text()
    marks = ('id="findings"', 'id="result"', "2 overlap points", 'id="figures"', 'id="metrics-0"', 'id="command"')
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)
    assert "The student gained" in text


def test_metrics_are_folded_in_groups_each_with_its_meaning_and_the_ends_of_an_interval_beside_its_value(
    tmp_path: Path,
) -> None:
    write_run(tmp_path / "run")
    add_metrics(tmp_path / "run", {"gain/low": 0.01, "gain/high": 0.2, "mixing/gain": None, "mine/number": 3.0})
    text = write_run_report(tmp_path / "run").read_text()
    tables = json.loads(text.split('id="data">')[1].split("</script>")[0])["tables"]
    rows = {row[4]: row for name, table in tables.items() if name.startswith("metrics-") for row in table["rows"]}
    assert "gain/low" not in rows
    assert rows["gain"][1].endswith("[1.0, 20.0]")
    assert rows["gain"][2:4] == ["points", "Test accuracy of the student minus that of the weak model."]
    assert rows["mixing/gain"][1] == "undefined"
    assert "from elsewhere" in rows["mine/number"][3]
    assert text.count("<details") >= len({name for name in tables if name.startswith("metrics-")}) >= 3


def test_the_page_says_what_was_run_on_what(tmp_path: Path) -> None:
    config = {"strong_model": {"checkpoint": "some/encoder"}}
    choices = {"dataset": "table", "strong_model": "minilm", "launcher": "joblib", "checkpoint@strong_model": "minilm"}
    facts = {
        "points/pool": 1500,
        "class balance": "yes 40.0 %, no 60.0 %",
        "sources": "artificial, dealt from detected regions",
    }
    write_run(tmp_path / "run", config=config, choices=choices, facts=facts, dataset="mine")
    text = write_run_report(tmp_path / "run").read_text()
    line = text.split("Ran on: ")[1].split("</p>")[0]
    for words in (
        "data set <b>mine</b>",
        "strong model <b>minilm (some/encoder)</b>",
        "points in pool <b>1,500</b>",
        "class balance <b>yes 40.0 %, no 60.0 %</b>",
        "sources <b>artificial, dealt from detected regions</b>",
    ):
        assert words in line
    assert "joblib" not in line


def test_scores_that_lie_in_one_point_are_drawn(tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    points = pd.read_parquet(tmp_path / "run" / "points.parquet")
    write_table(tmp_path / "run", "points", points.assign(score=0.1 + 1e-17, confidence=1.0 - 1e-16))
    assert write_run_report(tmp_path / "run").read_text().count("<svg") == 1


def test_a_figure_that_cannot_be_drawn_is_named_and_the_others_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_run(tmp_path / "run")
    write_table(tmp_path / "run", "curve", pd.DataFrame({"share": [0.5]}))
    text = write_run_report(tmp_path / "run").read_text()
    assert text.count("<svg") == 1
    assert "the figure mixing failed (KeyError" in caplog.text


@pytest.mark.parametrize("name", ["[/red] [reddit]", r"$\\frac{$", "\x1b[31m <script>alert(1)</script>", "x" * 1_000_000])
def test_a_name_that_bites_is_shown_and_does_nothing(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(tmp_path / "run", setting=name, dataset=name, notes=[name], skipped={name: name})
    write_table(tmp_path / "run", "rounds", rounds((name, "random")))
    text = write_run_report(tmp_path / "run").read_text()
    assert text.count("<svg") == 2
    assert "<script>alert" not in text
    assert "\x1b" not in text
    assert len(text) < 600_000
    print_result(read_run(tmp_path / "run").ended)
    out = capsys.readouterr().out
    assert "\x1b[31m" not in out
    assert len(out) < 20_000
    assert printable(name)[:6] in out
