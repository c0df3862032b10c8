"""The terminal shows what was found, what was skipped and why, and where the page is."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from tests.report.runs import write_run
from w2s.report import print_result, result_table
from w2s.report.collect import collect
from w2s.report.load import read_run
from w2s.report.terminal import print_report


def shown(folder: Path) -> str:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(result_table(read_run(folder).ended))
    return console.export_text()


def test_the_gain_stands_above_the_accuracies_and_skipped_parts_are_named(tmp_path: Path) -> None:
    write_run(tmp_path / "run", skipped={"mixing": "2 overlap points"}, notes=["a note"])
    text = shown(tmp_path / "run")
    places = [text.index(label) for label in ("gain,", "weak model, acc", "student, acc", "ceiling, acc")]
    assert places == sorted(places)
    assert "not measured: mixing (2 overlap points)" in text
    assert "note: a note" in text


def test_a_failed_run_shows_its_error(tmp_path: Path) -> None:
    write_run(tmp_path / "run", status="failed", error="DataError: nothing there", metrics={})
    assert "failed: DataError: nothing there" in shown(tmp_path / "run")


def test_the_path_of_the_page_is_printed_on_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / ("long " * 30) / "report.html"
    write_run(tmp_path / "run")
    print_result(read_run(tmp_path / "run").ended, page)
    assert capsys.readouterr().out.splitlines()[-1].endswith(str(page))


def test_a_study_of_detectors_shows_every_one_of_them_and_no_name_of_a_metric(tmp_path: Path) -> None:
    row = {"auc": 0.5, "useful_auc": 0.5, "gain": 0.01, "within": 1.0}
    metrics = {f"detection/detector_{k}/{key}": value for k in range(20) for key, value in row.items()}
    write_run(tmp_path / "run", study="detection", metrics={"detection/settings_helped": 3.0, **metrics})
    text = shown(tmp_path / "run")
    assert all(f"detector_{k} " in text for k in range(20))
    assert "detection/" not in text
    assert "95 % interval" not in text
    assert "over test points" not in text


def test_of_many_metrics_without_words_the_first_are_shown_and_the_rest_are_counted(tmp_path: Path) -> None:
    write_run(tmp_path / "many", metrics={f"own/{k}": float(k) for k in range(43)})
    write_run(tmp_path / "few", metrics={f"own/{k}": float(k) for k in range(40)})
    text = shown(tmp_path / "many")
    assert "own/39" in text
    assert "own/40" not in text
    assert "… 3 more in results.json" in text
    assert "more in" not in shown(tmp_path / "few")


def test_a_report_prints_what_was_found_and_a_line_per_setting_with_what_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for k in range(2):
        for seed in range(2):
            config = {"seed": seed, "strong_model": {"size": k}}
            write_run(tmp_path / f"{k}-{seed}", seed=seed, signature=f"{k}" * 12, config=config, gain=0.1 + k / 10)
    collected = collect([tmp_path])
    print_report(collected)
    out = capsys.readouterr().out
    assert out.startswith("The student gained most with size=")
    assert "The same in all settings: seeds 2" in out
    lines = [line.split() for line in out.splitlines() if line.strip()[:2] in ("0 ", "1 ")]
    assert [line[0] for line in lines] == ["0", "1"]
    assert [float(line[1]) for line in lines] == [pytest.approx(100 * gain, abs=0.05) for gain in collected.settings["gain"]]


def test_a_report_on_a_study_of_many_prints_tables_of_its_first_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in range(4):
        write_run(tmp_path / f"{seed}", seed=seed, study="arena", setting="", metrics={"arena/k2/ucb": 1.5})
    collected = collect([tmp_path])
    print_report(collected)
    text = capsys.readouterr().out
    assert [f"arena · seed {seed}" in text for seed in range(4)] == [True, True, True, False]
    assert "more runs in the page" in text
    assert "gain" not in text


def test_markup_and_escape_codes_in_a_result_are_words(tmp_path: Path) -> None:
    write_run(tmp_path / "run", setting="[red]x[/red]", error="[/red] \x1b[31m", status="failed", notes=["[reddit]"])
    text = shown(tmp_path / "run")
    for words in ("[red]x[/red]", r"[/red] \x1b[31m", "note: [reddit]"):
        assert words in text
