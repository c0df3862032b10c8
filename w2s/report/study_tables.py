"""What the studies of detectors, policies, audits and levels found, as one table that terminal and page share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Metrics = Mapping[str, float | None]
Nested = dict[str, dict[str, float | None]]

STUDIES = ("detection", "picks", "arena", "audit", "synthetic")
"""First parts of the names of the metrics that these tables are made of."""


@dataclass(frozen=True)
class StudyTable:
    """A table of text."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str


def study_table(metrics: Metrics) -> StudyTable | None:
    """The table of the study that left these flat metrics; None for the studies on one prepared pool."""
    parts: tuple[Callable[[Metrics], StudyTable | None], ...] = (_detection, _picks, _arena, _audit, _synthetic)
    return next((found for part in parts if (found := part(metrics)) is not None), None)


def nested(metrics: Metrics, prefix: str) -> Nested:
    """`prefix/name/key` -> value, as name -> key -> value; metrics of another depth are left out."""
    found: Nested = {}
    for metric, value in metrics.items():
        first, *parts = metric.split("/")
        if first == prefix and len(parts) == 2:
            found.setdefault(parts[0], {})[parts[1]] = value
    return found


def _detection(metrics: Metrics) -> StudyTable | None:
    helped = metrics.get("detection/settings_helped")
    if helped is None:
        return None
    found = nested(metrics, "detection")
    rows = []
    for name in sorted(found, key=lambda name: -_or_least(found[name]["gain"])):
        row = found[name]
        near = f"{_form(row['within'], '.0f')} of {helped:.0f}"
        rows.append((name, _form(row["auc"], ".2f"), _points(row["gain"]), near))
    caption = (
        f"Means over the {helped:.0f} settings where overlap helps the oracle. Gain: over random non-hard points. Near the "
        "oracle: in how many of these settings the student is within one standard error of the oracle's, or ahead."
    )
    nothing = "Overlap helps the oracle in no setting, so that detectors cannot be compared there."
    return StudyTable(("detector", "mean AUC", "gain, points", "near the oracle"), rows, caption if rows else nothing)


def _picks(metrics: Metrics) -> StudyTable | None:
    found = nested(metrics, "picks")
    if not found:
        return None
    rows = []
    for name in sorted(found, key=lambda name: -_or_least(found[name]["gain"])):
        row = found[name]
        low, high = row["low"], row["high"]
        interval = "" if low is None or high is None else f"{100 * low:.1f} to {100 * high:.1f}"
        rows.append((name, _points(row["gain"]), interval, _form(row["p_joint"], ".3f")))
    caption = (
        "Students on balanced picks against random non-hard points. Intervals are t intervals over data sets (none for one "
        "set); p is joint over all detectors, one-sided."
    )
    return StudyTable(("detector", "gain, points", "95 % interval", "p, joint"), rows, caption)


def _arena(metrics: Metrics) -> StudyTable | None:
    found = nested(metrics, "arena")
    if not found:
        return None
    policies = list(dict.fromkeys(policy for row in found.values() for policy in row))
    total = {policy: sum(row.get(policy) or 0.0 for row in found.values()) for policy in policies}
    order = sorted(policies, key=total.__getitem__)
    rows = [(policy, *(_form(row.get(policy), ".2f") for row in found.values())) for policy in order]
    caption = "Mean regret of the games at the end, a column a setting; the policy with the least in all comes first."
    return StudyTable(("policy", *found), rows, caption)


def _audit(metrics: Metrics) -> StudyTable | None:
    keys = [name.removesuffix("/error") for name in metrics if name.startswith("audit/") and name.endswith("/error")]
    if not keys:
        return None
    names = list(dict.fromkeys(key.split("/")[1] for key in keys))
    counts = sorted({int(key.split("/")[2]) for key in keys})
    rows = [
        (
            name.replace("_", " "),
            *(_form(metrics.get(f"audit/{name}/{count}/right_source"), ".0%") for count in counts),
            _form(metrics.get(f"audit/{name}/{counts[-1]}/error"), ".3f"),
        )
        for name in names
    ]
    caption = (
        "How often the densest source is named, by the number of audited points of each source, and with the most of them "
        "the mean absolute error of a density."
    )
    return StudyTable(("estimator", *(f"{count}" for count in counts), f"error, {counts[-1]}"), rows, caption)


def _synthetic(metrics: Metrics) -> StudyTable | None:
    found = {name: row for name, row in nested(metrics, "synthetic").items() if name.isdigit()}
    if not found:
        return None
    models = ("weak", "student", "ceiling")
    hard = ("weak_hard", "student_hard")
    shown = [name for name in (*models, *hard) if any(name in row for row in found.values())]
    rows = [(level, *(_form(found[level].get(name), ".3f") for name in shown)) for level in sorted(found, key=int)]
    caption = "Mean test accuracy over runs, by the number of overlap points; `hard`: on the hard-only points."
    return StudyTable(("overlap points", *(name.replace("_", ", ") for name in shown)), rows, caption)


def _form(value: float | None, form: str) -> str:
    return "undefined" if value is None else format(value, form)


def _points(value: float | None) -> str:
    return "undefined" if value is None else f"{round(100 * value, 1) + 0.0:+.1f}"


def _or_least(value: float | None) -> float:
    """For sorting: what is undefined comes last."""
    return float("-inf") if value is None else value
