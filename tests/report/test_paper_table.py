"""The table for a paper: values, intervals, and marks only where the joint test tells a setting from the baseline."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from tests.report.runs import write_run
from w2s.errors import DataError
from w2s.report.collect import Collected, collect
from w2s.report.paper_table import as_csv, as_latex, as_markdown, paper_table

GAINS = {"plain": 0.0, "good": 0.25, "same": 0.0}
PAPER = ("student/accuracy", "gain")


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Collected:
    """Three settings of ten seeds, one of which gains far more."""
    root = tmp_path_factory.mktemp("sweep")
    for k, (name, gain) in enumerate(GAINS.items()):
        for seed in range(10):
            config = {"seed": seed, "learner": name, "dataset": {"_target_": "w2s.dataset.Digits"}}
            own = {"config": config, "choices": {"dataset": "digits", "learner": name}}
            write_run(root / f"{name}-{seed}", seed=seed, signature=f"{k + 1:012x}", setting=name, gain=gain, **own)
    return collect([root], "plain")


def test_a_setting_that_the_joint_test_tells_apart_is_marked(swept: Collected) -> None:
    table = paper_table(swept, "plain")
    cells = {str(row[0]): dict(zip([column.label for column in table.columns], row, strict=True)) for row in table.rows}
    assert cells.keys() == GAINS.keys()
    assert all(row["seeds"] == 10 for row in cells.values())
    assert str(cells["good"]["gain, points"]).endswith("]*")
    for name in ("plain", "same"):
        assert str(cells[name]["gain, points"]).endswith("]")
    assert "than plain by a joint test" in table.caption


def test_seen_from_the_better_one_the_others_are_worse(swept: Collected) -> None:
    rows = {str(row[0]): row for row in paper_table(swept, "good", ["gain"]).rows}
    assert str(rows["plain"][-1]).endswith("†")
    assert not str(rows["good"][-1]).endswith(("*", "†"))


def test_without_a_baseline_nothing_is_marked(swept: Collected) -> None:
    assert not any(str(cell).endswith(("*", "†")) for row in paper_table(swept).rows for cell in row)


def test_latex_and_markdown_raise_and_escape_the_marks(swept: Collected) -> None:
    latex = as_latex(paper_table(swept, "plain", PAPER))
    assert latex.count("$^{*}$") >= 1
    assert "†" not in latex
    assert r"\toprule" in latex
    markdown = as_markdown(paper_table(swept, "plain", PAPER))
    assert markdown.count("|") % 5 == 0
    assert r"]\*" in markdown


def test_csv_has_every_digit_and_the_test(swept: Collected) -> None:
    frame = pd.read_csv(io.StringIO(as_csv(swept, "plain", PAPER)))
    gains = frame[frame["metric"] == "gain"].set_index("setting")
    row = swept.settings.set_index("setting").loc["good"]
    assert gains.loc["good", "value"] == pytest.approx(row["gain"])
    assert gains.loc["good", "low"] == pytest.approx(row["gain/low"])
    assert gains.loc["good", "verdict"] == "better"
    assert gains.loc["good", "p_joint"] <= 0.05
    assert gains["verdict"].isna().sum() == 1


def test_a_metric_that_no_run_has_is_refused(swept: Collected) -> None:
    with pytest.raises(DataError, match="--metrics mixing/gain: no setting has it"):
        paper_table(swept, "plain", ["mixing/gain"])


def test_the_command_prints_the_table_alone(
    swept: Collected, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from w2s.report.__main__ import main

    folder = str(Path(swept.runs["folder"].iloc[0]).parent)
    monkeypatch.setattr("sys.argv", ["report", folder, "--csv", "--baseline", "plain", "--metrics", "gain"])
    main()
    assert capsys.readouterr().out.splitlines()[0].startswith("dataset,setting,seeds,metric,value,low,high")
    assert not (Path(folder) / "report").exists()
