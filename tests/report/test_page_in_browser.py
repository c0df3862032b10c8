"""The page in a real browser: it sorts, filters, opens rows, shows its figures, and asks the network for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.report.browser import BINARY, Tab, browser
from tests.report.runs import add_metrics, rounds, write_run, write_table
from w2s.report import report

pytestmark = [pytest.mark.slow, pytest.mark.skipif(BINARY is None, reason="no Chromium is installed")]

CELLS = "[...document.querySelectorAll('#runs tbody tr:not(.detail)')].map((row) => row.cells[{k}].textContent)"
N_RUNS = 12


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sweep")
    for k in range(N_RUNS):
        folder = root / f"run{k:02d}"
        setting = f"digits {'paper' if k % 2 else 'mean'}"
        write_run(folder, seed=k // 2, signature=f"{k % 2}" * 12, setting=setting, gain=0.02 * k)
        add_metrics(folder, {"overlap/density": k / 20, "selection/accuracy": 0.8 + k / 100})
        write_table(folder, "rounds", rounds().assign(true_regret=0.5))
    write_run(
        root / "bad",
        status="failed",
        error="DataError: <img src=x onerror=alert(1)>",
        metrics={},
        signature="3" * 12,
        setting="bad",
    )
    return report([root])


@pytest.fixture(scope="module")
def tab(page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        opened.open(page, width=1280)
        yield opened


def test_it_loads_without_an_error_and_without_the_network(tab: Tab) -> None:
    assert tab.said("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled") == []
    schemes = {request["request"]["url"].split(":")[0] for request in tab.said("Network.requestWillBeSent")}
    assert schemes <= {"file", "data"}


def test_every_figure_is_there_and_has_a_size(tab: Tab, page: Path) -> None:
    sizes = tab.run("[...document.querySelectorAll('figure svg')].map((svg) => svg.getBoundingClientRect().height)")
    drawn = {path.stem for path in (page.parent / "figures").glob("*.png")}
    assert drawn == {"intervals", "selection_accuracy", "selection_density", "selection_regret"}
    assert len(sizes) == len(drawn)
    assert min(sizes) > 100


def test_a_click_sorts_by_value_and_another_turns_it_round(tab: Tab) -> None:
    title = tab.run("[...document.querySelectorAll('#runs th')].map((th) => th.textContent)")
    k = title.index("gain, points")
    click = f"document.querySelectorAll('#runs th button')[{k}].click()"
    tab.run(click)
    down = [float(cell) for cell in tab.run(CELLS.format(k=k))[:N_RUNS]]
    tab.run(click)
    up = [float(cell) for cell in tab.run(CELLS.format(k=k))[:N_RUNS]]
    assert down == sorted(down, reverse=True)
    assert up == sorted(up)
    assert tab.run(CELLS.format(k=k))[-1] == "\u2013"  # what has no value stays at the end
    assert tab.run(f"document.querySelectorAll('#runs th')[{k}].getAttribute('aria-sort')") == "ascending"


def test_words_filter_rows(tab: Tab) -> None:
    write = (
        "const box = document.querySelector('#runs input'); box.value = '{words}'; box.dispatchEvent(new Event('input'));"
    )
    tab.run("{" + write.format(words="paper ok") + "}")
    assert set(tab.run(CELLS.format(k=0))) == {"digits paper"}
    assert tab.run("document.querySelector('#runs .count').textContent") == "6 of 13 rows"
    tab.run("{" + write.format(words="") + "}")
    assert len(tab.run(CELLS.format(k=0))) == N_RUNS + 1


def test_a_row_opens_to_its_command_and_configuration(tab: Tab) -> None:
    tab.run("document.querySelector('#runs tbody tr').click()")
    text = tab.run("document.querySelector('#runs tr.detail').textContent")
    assert "python -m w2s.main seed=" in text
    assert "dataset._target_: w2s.dataset.Digits" in text
    tab.run("document.querySelector('#runs tbody tr').click()")
    assert tab.run("document.querySelectorAll('#runs tr.detail').length") == 0


def test_words_from_a_run_stay_words(tab: Tab) -> None:
    assert "<img" in tab.run("document.querySelector('#failed').textContent")
    assert tab.run("document.querySelectorAll('#failed img').length") == 0


def test_on_a_phone_only_tables_and_wide_figures_scroll_sideways(page: Path, tmp_path: Path) -> None:
    with browser(tmp_path) as phone:
        phone.open(page, width=390)
        assert phone.run("document.documentElement.scrollWidth") <= 390
        assert phone.run("getComputedStyle(document.querySelector('#runs .scroll')).overflowX") == "auto"
