"""Figures show the numbers they are given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.report.runs import curve, rounds
from w2s.report.figures.plots import mean_band, mixing_curve, score_histogram, selection_rounds
from w2s.report.figures.style import INK, inline_svg, labels
from w2s.report.naming import cut


def test_a_band_is_the_t_interval_over_seeds_not_over_rows() -> None:
    frame = pd.DataFrame({"x": 0, "seed": [0, 0, 1, 1], "y": [1.0, 3.0, 5.0, 7.0]})  # seed means 2 and 6
    band = mean_band(frame, "x", "y").loc[0]
    assert band["mean"] == 4.0
    assert band["high"] - 4.0 == pytest.approx(12.706 * 2.0, rel=1e-4)  # t(1 degree) times sqrt(8) / sqrt(2)


def test_a_single_value_has_no_band() -> None:
    band = mean_band(pd.DataFrame({"x": [0], "y": [1.0]}), "x", "y").loc[0]
    assert np.isnan(band["low"])


def test_the_mixing_curve_draws_means_controls_and_references() -> None:
    figure = mixing_curve(curve(), {"ceiling": 0.95})
    left, right = figure.axes
    np.testing.assert_allclose(left.lines[0].get_ydata(), 0.71 + 0.1 * np.arange(11) / 10)
    assert [text.get_text() for text in left.texts] == ["ceiling"]
    assert [tick.get_text() for tick in right.get_yticklabels()] == ["confident points", "any points", "overlap only"]


def test_controls_stand_in_the_same_line_for_every_setting_though_one_lacks_some() -> None:
    one, other = curve().assign(setting="one"), curve().assign(setting="other")
    other = other[~other["control"].isin(["random", "random/balanced"])]
    names = ["confident points", "any points", "overlap only"]
    figure = mixing_curve(pd.concat([other, one]))
    panel = figure.axes[1]
    assert [tick.get_text() for tick in panel.get_yticklabels()] == names
    found: dict[str, set[str]] = {}
    for mark in (line for line in panel.lines if line.get_marker() == "o"):
        found.setdefault(mark.get_markeredgecolor(), set()).add(names[round(mark.get_ydata()[0])])
    assert sorted(found.values(), key=len) == [{"confident points", "overlap only"}, set(names)]


def test_a_threshold_is_drawn_only_where_one_value_separates() -> None:
    points = pd.DataFrame(
        {"split": "pool", "confidence": [0.1, 0.2, 0.6, 0.7], "region": ["hard", "hard", "easy", "overlap"]}
    )
    left, right = score_histogram(points.assign(score=[np.nan, np.nan, 0.2, 0.9])).axes
    assert [line.get_xdata()[0] for line in left.lines] == [0.6]
    assert [line.get_xdata()[0] for line in right.lines] == [0.9]
    left, _ = score_histogram(points.assign(score=0.5, confidence=[0.1, 0.9, 0.6, 0.7])).axes
    assert list(left.lines) == []


def test_a_score_without_end_is_left_out_of_the_histogram() -> None:
    """A weak class without a threshold of its own has scores of minus infinity."""
    points = pd.DataFrame({"split": "pool", "confidence": 0.5, "region": ["easy", "easy", "overlap"]})
    _, right = score_histogram(points.assign(score=[-np.inf, 0.2, 0.9])).axes
    assert right.get_xlim()[0] > 0
    _, empty = score_histogram(points.assign(score=-np.inf)).axes
    assert len(empty.patches) == 0


def test_selection_draws_a_line_per_policy_of_what_was_bought() -> None:
    figure = selection_rounds(rounds())
    _, bought, regret = figure.axes
    np.testing.assert_allclose(bought.lines[0].get_ydata(), 0.6)
    np.testing.assert_allclose(bought.lines[1].get_ydata(), 0.3)
    assert regret.get_title(loc="left") == "Regret"


def test_an_inline_figure_takes_its_text_colour_from_the_page() -> None:
    svg = inline_svg(mixing_curve(curve()), "mixing")
    assert svg.startswith("<svg")
    assert INK not in svg
    assert "currentColor" in svg
    assert "<metadata" not in svg


def test_a_long_name_keeps_both_ends() -> None:
    short = cut("digits " + "x" * 80 + " ucb")
    assert len(short) <= 46
    assert short.startswith("digits")
    assert short.endswith(" ucb")


def test_names_in_a_figure_leave_out_what_all_settings_share_and_shorten_keys_only_where_they_are_long() -> None:
    short = ["digits ucb dataset.threshold=4", "digits ucb dataset.threshold=5"]
    assert list(labels(short).values()) == ["dataset.threshold=4", "dataset.threshold=5"]
    long = [f"digits ucb study.selection.rounds={k} study.selection.sources.column=true{k}" for k in (8, 9)]
    assert list(labels(long).values()) == ["rounds=8 column=true8", "rounds=9 column=true9"]


def test_names_that_are_one_when_shortened_stay_apart() -> None:
    same_end = [f"{part}.{'long_' * 10}part.l2=1" for part in ("weak_model", "strong_model")]
    assert len(set(labels(same_end).values())) == 2
    middles = [f"{'a' * 40}{k}{'b' * 40}" for k in range(3)]
    assert list(labels(middles).values()) == middles
    assert labels(["digits ucb"]) == {"digits ucb": "digits ucb"}
    assert labels(["digits ucb", "digits ucb a=1"]) == {"digits ucb": "digits ucb", "digits ucb a=1": "a=1"}


def test_a_band_of_a_share_ends_at_0_and_1_and_a_band_of_anything_else_does_not() -> None:
    frame = pd.DataFrame({"round": [1, 1, 2, 2], "seed": [0, 1, 0, 1], "share": [0.0, 1.0, 0.5, 0.51]})
    share = mean_band(frame, "round", "share", within=(0.0, 1.0))
    assert (share.loc[1, "low"], share.loc[1, "high"]) == (0.0, 1.0)
    assert 0 < share.loc[2, "low"] < share.loc[2, "high"] < 1
    free = mean_band(frame, "round", "share")
    assert free.loc[1, "low"] < 0
    assert free.loc[1, "high"] > 1


def test_the_legend_of_long_names_lies_below_the_panels() -> None:
    curves = [
        curve.assign(setting=f"digits ucb dataset.threshold={k} study.selection.sources.by=planted{k}", seed=k)
        for k in range(2)
        for curve in [pd.DataFrame({"share": [0.0, 1.0], "control": ["0.0", "1.0"], "accuracy": [0.6, 0.7]})]
    ]
    figure = mixing_curve(pd.concat(curves))
    figure.canvas.draw()
    (legend,) = figure.legends
    assert all(panel.get_legend() is None for panel in figure.axes)
    assert legend.get_window_extent().y1 <= min(panel.get_window_extent().y0 for panel in figure.axes)
    assert legend.get_window_extent().x0 >= 0
    assert legend.get_window_extent().x1 <= figure.bbox.x1
