"""What a study of many detectors, refiners, policies or levels found, as sentences made from its own metrics."""

from __future__ import annotations

from collections.abc import Iterator

from w2s.report.study_tables import Nested, nested, or_least
from w2s.report.tables import with_ends
from w2s.results.catalogue import metric_of
from w2s.results.metric import Metrics, measured
from w2s.statistics.power import ALPHA

OVER_SETS = {"picks": "detectors", "refinement": "refiners"}
"""Studies whose members have a gain with an interval over data sets and a joint p -> what the members are."""
ORACLE = "oracle"


def study_findings(metrics: Metrics) -> list[str]:
    """The sentences, none of a study whose numbers the headline shows."""
    found: list[str] = []
    for study, members in OVER_SETS.items():
        if rows := nested(metrics, study):
            found += _over_sets(study, members, rows)
    if metrics.get("detection/settings_helped"):
        found += _detection(nested(metrics, "detection"), metrics)
    for setting, regret in nested(metrics, "arena").items():
        found += _least(setting, regret)
    if metrics.get("theory/slope") is not None:
        found += _slope(metrics)
    return found


def _over_sets(study: str, members: str, rows: Nested) -> Iterator[str]:
    """The best member that knows no truth, and how many are told apart from what they are compared with."""
    metric = metric_of(f"{study}/any/gain")
    free = {name: row for name, row in rows.items() if not name.startswith(ORACLE)} or rows
    best = max(free, key=lambda name: or_least(free[name]["gain"]))
    gain, low, high, p = (free[best][key] for key in ("gain", "low", "high", "p_joint"))
    if gain is None:
        return
    first = f"Of {len(free)} {members} {best} gained most:" if len(free) > 1 else f"{best} gained"
    yield f"{first} {measured(metric, gain, low, high)} over {metric.over}{_chance(p)}."
    if len(free) > 1:
        told = [row for row in free.values() if row["p_joint"] is not None and row["p_joint"] <= ALPHA]
        sure = [row["gain"] or 0.0 for row in told]
        better, worse = sum(each > 0 for each in sure), sum(each < 0 for each in sure)
        lost = f", {worse} lost" if worse else ""
        yield f"{better} gained beyond noise (joint p at most .05){lost}, and {len(free) - len(sure)} are not told apart."


def _detection(rows: Nested, metrics: Metrics) -> Iterator[str]:
    metric, helped = metric_of("detection/any/gain"), metrics["detection/settings_helped"]
    free = {name: row for name, row in rows.items() if name != ORACLE and row["gain"] is not None}
    if free:
        best = max(free, key=lambda name: or_least(free[name]["gain"]))
        gain = f"{metric.text(free[best]['gain'], sign=True)} points over {metric.over}"
        near = f"within one standard error of the oracle in {free[best]['within']:.0f} of {helped:.0f} settings"
        yield f"Of {len(free)} detectors {best} gained most: {gain}, {near}."


def _least(setting: str, regret: Metrics) -> Iterator[str]:
    known = {policy: value for policy, value in regret.items() if value is not None}
    if len(known) > 1:
        first, second, *_ = sorted(known, key=known.__getitem__)
        least = f"{first} has the least mean regret, {known[first]:.2f}, before {second} with {known[second]:.2f}"
        yield f"{setting}: {least}."


def _slope(metrics: Metrics) -> Iterator[str]:
    value, low, high = with_ends(metrics, "theory/slope")
    if value is not None:
        noise = ", within noise" if within_noise(low, high) else ""
        change = measured(metric_of("theory/slope"), value, low, high)
        yield f"From no overlap to overlap alone, at equal size, the student's accuracy changed by {change}{noise}."


def within_noise(low: float | None, high: float | None) -> bool:
    """Whether an interval is there and holds zero."""
    return low is not None and high is not None and low <= 0 <= high


def _chance(p: float | None) -> str:
    if p is None:
        return ""
    return " (joint p < .001)" if p < 0.0005 else f" (joint p = {p:.3f})".replace("0.", ".", 1)
