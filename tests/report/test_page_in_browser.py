"""The page in a real browser: it sorts, filters, opens rows, shows its figures, and asks the network for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.report import write_all
from tests.report.runs import add_metrics, rounds, write_run, write_table
from w2s.report import report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

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
    error = "DataError: <img src=x onerror=alert(1)>"
    write_run(root / "bad", status="failed", error=error, metrics={}, signature="3" * 12, setting="bad")
    return report([root])


@pytest.fixture(scope="module")
def said() -> list[str]:
    """What the page complained of or asked the network for."""
    return []


@pytest.fixture(scope="module")
def tab(page: Path, chromium: Browser, said: list[str]) -> Iterator[Page]:
    opened = chromium.new_page(viewport={"width": 1280, "height": 900})
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on(
        "request", lambda request: said.append(request.url) if not request.url.startswith(("file:", "data:")) else None
    )
    opened.goto(page.as_uri())
    yield opened
    opened.close()


def cells(tab: Page, k: int) -> list[str]:
    return tab.locator(f"#runs tbody tr:not(.detail) td:nth-child({k + 1})").all_text_contents()


def test_it_loads_without_an_error_and_without_the_network(tab: Page, said: list[str]) -> None:
    assert said == []


def test_every_figure_is_there_and_has_a_size(tab: Page, page: Path) -> None:
    boxes = [figure.bounding_box() for figure in tab.locator("figure svg").all()]
    drawn = {path.stem for path in (page.parent / "figures").glob("*.png")}
    assert drawn == {"intervals", "selection_accuracy", "selection_density", "selection_regret"}
    assert len(boxes) == len(drawn)
    assert all(box is not None and box["height"] > 100 for box in boxes)


def test_a_click_sorts_by_value_and_another_turns_it_round(tab: Page) -> None:
    k = tab.locator("#runs th").all_text_contents().index("gain, points")
    head = tab.locator("#runs th").nth(k)
    head.get_by_role("button").click()
    down = [float(cell) for cell in cells(tab, k)[:N_RUNS]]
    head.get_by_role("button").click()
    up = [float(cell) for cell in cells(tab, k)[:N_RUNS]]
    assert down == sorted(down, reverse=True)
    assert up == sorted(up)
    assert cells(tab, k)[-1] == "\u2013"  # what has no value stays at the end
    assert head.get_attribute("aria-sort") == "ascending"


def test_words_filter_rows(tab: Page) -> None:
    box = tab.locator("#runs").get_by_role("searchbox")
    box.fill("paper ok")
    assert set(cells(tab, 0)) == {"digits paper"}
    assert tab.locator("#runs .count").text_content() == "6 of 13 rows"
    box.fill("")
    assert len(cells(tab, 0)) == N_RUNS + 1


def test_a_row_opens_to_its_command_and_configuration(tab: Page) -> None:
    row = tab.locator("#runs tbody tr").first
    row.click()
    text = tab.locator("#runs tr.detail").text_content() or ""
    assert "python -m w2s.main seed=" in text
    assert "dataset._target_: w2s.dataset.Digits" in text
    row.click()
    assert tab.locator("#runs tr.detail").count() == 0


def test_words_from_a_run_stay_words(tab: Page) -> None:
    assert "<img" in (tab.locator("#failed").text_content() or "")
    assert tab.locator("#failed img").count() == 0


def test_on_a_phone_only_tables_and_wide_figures_scroll_sideways(page: Path, chromium: Browser) -> None:
    phone = chromium.new_page(viewport={"width": 390, "height": 800})
    phone.goto(page.as_uri())
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.evaluate("getComputedStyle(document.querySelector('#runs .scroll')).overflowX") == "auto"
    phone.close()


def test_the_report_over_many_runs_stays_small_and_draws_a_page_of_rows_at_a_time(tmp_path: Path, chromium: Browser) -> None:
    """What makes it quick; how quick, says `benchmarks/report.py`."""
    write_all(tmp_path, 500)
    page = report([tmp_path])
    assert page.stat().st_size < 1_500_000
    tab = chromium.new_page()
    tab.goto(page.as_uri())
    body, box = tab.locator("#runs tbody"), tab.locator("#runs").get_by_role("searchbox")
    assert body.locator("tr").count() == 50
    body.evaluate("node => { node.firstChild.kept = true; }")
    box.fill("digits")
    assert body.locator("tr").count() == 50
    box.fill("digits detector")
    box.fill("")
    assert body.evaluate("node => node.firstChild.kept")  # rows are made once
    tab.locator("#runs .more").click()
    assert body.locator("tr").count() == 250
    tab.close()
