"""A run ends with figures as PNG files and one page that holds them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from tests.report.runs import curve, rounds, write_run
from w2s.report import write_run_report


def test_the_page_holds_every_figure_and_the_files_lie_beside_it(tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    curve().to_parquet(tmp_path / "run" / "curve.parquet")
    rounds().to_parquet(tmp_path / "run" / "rounds.parquet")
    page = write_run_report(tmp_path / "run")
    text = page.read_text()
    assert page == tmp_path / "run" / "report.html"
    assert {path.name for path in (tmp_path / "run" / "figures").iterdir()} == {"mixing.png", "scores.png", "selection.png"}
    assert text.count("<figure>") == text.count("<svg") == 3
    assert "python -m w2s.main seed=0" in text


def test_a_study_with_tables_of_its_own_has_its_figure_unless_the_table_was_cut_short(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    write_run(folder)
    (folder / "points.parquet").unlink()
    audit = pd.DataFrame({"estimator": ["x", "x"], "labels": [10, 20], "error": [0.4, 0.2], "right_source": [0.5, 0.6]})
    audit.to_parquet(folder / "audit.parquet")
    assert "the highest estimate" in write_run_report(folder).read_text()
    assert [path.name for path in (folder / "figures").iterdir()] == ["audit.png"]
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
