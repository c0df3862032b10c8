"""The points on the page of a run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.report.runs import write_run, write_table
from w2s.report import write_run_report
from w2s.report.figures.points import MOST_NAMES, point_map, region_shares, source_regions
from w2s.report.load import read_run
from w2s.report.point_tables import point_sections

NASTY = "</script><script>alert(1)</script>"


def points() -> pd.DataFrame:
    sources = ["b", "b", "a", "a", "a", None]
    regions = ["overlap", "hard", "hard", "easy", "hard", "easy"]
    return pd.DataFrame({"split": ["pool"] * 5 + ["test"], "source": sources, "region": regions})


def examples() -> pd.DataFrame:
    row = {"id": "1", "region": "overlap", "source": "", "kind": "clearest", "rank": 1, "score": 0.5}
    return pd.DataFrame([{**row, "weak": "good", "weak_probability": 0.75, "shown": NASTY}])


def test_regions_are_counted_by_source_of_the_pool_the_densest_first() -> None:
    shares = region_shares(points())
    assert list(shares.index) == ["b", "a"]
    assert shares.loc["b"].to_dict() == {"points": 2, "easy": 0, "hard": 0.5, "overlap": 0.5}
    assert source_regions(points()).axes[0].get_xlim() == (0, 1)


def test_examples_stand_on_the_page_as_words_and_never_as_markup(tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    write_table(tmp_path / "run", "examples", examples())
    text = write_run_report(tmp_path / "run").read_text()
    assert "Points to look at" in text
    assert "alert(1)" in text
    assert "<script>alert" not in text


def test_sources_dealt_from_the_detectors_own_regions_are_no_sources_of_the_data(tmp_path: Path) -> None:
    for name, facts, there in (("own", {}, True), ("dealt", {"sources": "artificial, dealt from detected regions"}, False)):
        write_run(tmp_path / name, facts=facts)
        write_table(tmp_path / name, "points", points().assign(id=range(6), confidence=0.5, score=0.5))
        assert ("by-source" in {table.id for table in point_sections(read_run(tmp_path / name))}) is there


def test_what_sets_a_region_apart_is_a_table(tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    terms = pd.DataFrame([("overlap", "red", 0.5, 0.1, 4.0)], columns=["region", "term", "inside", "outside", "z"])
    write_table(tmp_path / "run", "terms", terms)
    tables = {table.id: table for table in point_sections(read_run(tmp_path / "run"))}
    assert tables["terms"].rows == [["overlap", "red", 0.5, 0.1, 4.0]]


def test_the_map_has_a_panel_for_each_thing_known_and_few_colours() -> None:
    numbers = list(range(40))
    frame = pd.DataFrame({"id": numbers, "x": numbers, "y": numbers, "region": "easy", "weak": numbers, "confidence": 0.5})
    titles = [panel.get_title(loc="left") for panel in point_map(frame).axes if panel.get_visible()]
    shown = [title for title in titles if title]
    assert shown == ["Region", "Weak label", "Confidence of the weak model"]
    sourced = point_map(frame.assign(source="$a$"))
    legends = [panel.get_legend() for panel in sourced.axes]
    assert max(len(legend.get_texts()) for legend in legends if legend is not None) == MOST_NAMES + 1


def test_pictures_stand_on_the_page_as_a_grid_and_in_words_elsewhere(tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    address = "data:image/png;base64,iVBORw0KGgo="
    frame = examples().assign(shown=address, truth=None)
    write_table(tmp_path / "run", "examples", pd.concat([frame, frame.assign(kind="mended", truth="good")]))
    table = next(each for each in point_sections(read_run(tmp_path / "run")) if each.id == "examples")
    (at,) = [k for k, column in enumerate(table.columns) if column.kind == "picture"]
    assert [row[at] for row in table.rows] == [address, address]
    assert table.columns[at].shown(address) == "(picture)"
    truth = [column.label for column in table.columns].index("truth")
    assert [row[truth] for row in table.rows] == ["", "good"]
    assert address in write_run_report(tmp_path / "run").read_text()
