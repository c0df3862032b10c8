"""What the studies of detectors, policies, audits and levels found, as one table that all reports share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from w2s.report.aggregate import finished
from w2s.report.load import metric_columns, read_run
from w2s.report.tables import Cell, Column, Table, as_interval, metric_column, number, text, with_ends
from w2s.results.catalogue import CONTROLS, MODELS, describe, metric_of
from w2s.results.metric import Metric, Metrics

if TYPE_CHECKING:
    import pandas as pd

Nested = dict[str, dict[str, float | None]]

MOST_TABLES = 8
"""Runs whose tables a report over many runs shows."""
THEORY = ("weak_error", "error", "correction_rate", "worst_correction", "bound")
IN_TERMINAL = ("p_joint", "over_random", "label_part")
REFINEMENT = (*IN_TERMINAL, "dropped", "precision", "recall", "p_random", "other_part", "seconds")
"""Columns of the table of refiners, beside the gain."""
CONFIDENT = CONTROLS["random_non_hard"]


def study_table(metrics: Metrics) -> Table | None:
    """The table of the study that left these flat metrics; None for those whose metrics the headline shows."""
    if metrics.get("detection/settings_helped") is not None:
        return _detection(metrics)
    parts = {"picks": _picks, "refinement": _refinement, "arena": _arena, "synthetic": _synthetic, "theory": _theory}
    for study, part in parts.items():
        if found := nested(metrics, study):
            return part(found, metrics)
    return _audit(metrics)


def study_tables(runs: pd.DataFrame) -> list[Table]:
    """The tables of the first finished runs of studies of many detectors, policies, estimators or levels."""
    ok = finished(runs)
    own = [name for name in metric_columns(ok) if (metric := describe(name)) is not None and metric.own]
    found: list[Table] = []
    for row in ok[ok[own].notna().any(axis=1)].head(MOST_TABLES).to_dict("records"):
        table = study_table(read_run(Path(row["folder"])).metrics)
        if table is not None:
            name = text(row["experiment"]) or row["study"]
            title = " · ".join(part for part in (name, row["setting"], f"seed {row['seed']:.0f}") if part)
            found.append(replace(table, id=f"study{len(found)}", title=title))
    return found


def nested(metrics: Metrics, prefix: str) -> Nested:
    """`prefix/name/key` -> value, as name -> key -> value; metrics of another depth are left out."""
    found: Nested = {}
    for metric, value in metrics.items():
        first, *parts = metric.split("/")
        if first == prefix and len(parts) == 2:
            found.setdefault(parts[0], {})[parts[1]] = value
    return found


def _scaled(metric: Metric, value: float | None) -> float | None:
    return number(value, metric.scale)


def _metrics(study: str, keys: Sequence[str]) -> dict[str, Metric]:
    return {key: metric_of(f"{study}/any/{key}") for key in keys}


def _cells(row: Metrics, shown: Mapping[str, Metric]) -> list[Cell]:
    return [_scaled(metric, row.get(key)) for key, metric in shown.items()]


def _largest_gain_first(found: Nested) -> list[tuple[str, dict[str, float | None]]]:
    return sorted(found.items(), key=lambda each: -or_least(each[1]["gain"]))


def _detection(metrics: Metrics) -> Table:
    found, helped = nested(metrics, "detection"), metrics["detection/settings_helped"]
    shown, near = _metrics("detection", ("auc", "gain")), metric_of("detection/any/within")
    rows: list[list[Cell]] = [
        [name, *_cells(row, shown), f"{row['within']:.0f} of {helped:.0f}"] for name, row in _largest_gain_first(found)
    ]
    caption = (
        f"Means over the {helped:.0f} settings where overlap helps the oracle. Gain: over {CONFIDENT}. Near the oracle: in "
        "how many of these settings the student is within one standard error of the oracle's, or ahead."
    )
    nothing = "Overlap helps the oracle in no setting, so that detectors cannot be compared there."
    columns = [Column("detector"), *map(metric_column, shown.values()), Column(near.title, help=near.explanation)]
    return _table(columns, rows, caption if rows else nothing)


def _picks(found: Nested, _: Metrics) -> Table:
    caption = (
        f"Students on balanced picks against {CONFIDENT}. Intervals are t intervals over data sets (none for one set); p is "
        "joint over all detectors, one-sided."
    )
    return _gains(found, "detector", _metrics("picks", ("gain", "p_joint")), caption)


def _refinement(found: Nested, _: Metrics) -> Table:
    caption = (
        "Students of refined labels against the student of the weak ones, means over data sets and seeds; intervals are t "
        "intervals over data sets, p is two-sided and joint over all refiners. Right labels and the rest add up to the gain."
    )
    return _gains(found, "refiner", _metrics("refinement", ("gain", *REFINEMENT)), caption)


def _gains(found: Nested, member: str, shown: dict[str, Metric], caption: str) -> Table:
    """A row for each member of a study of many: its gain with an interval, and what else it is known by."""
    gain = shown.pop("gain")
    rows: list[list[Cell]] = []
    for name, row in _largest_gain_first(found):
        value, low, high = (_scaled(gain, row[key]) for key in ("gain", "low", "high"))
        rows.append([name, (value, low, high), *_cells(row, shown)])
    columns = [Column(member), as_interval(metric_column(gain))]
    columns += [replace(metric_column(metric), aside=key not in IN_TERMINAL) for key, metric in shown.items()]
    return _table(columns, rows, caption)


def _arena(found: Nested, _: Metrics) -> Table:
    policies = list(dict.fromkeys(policy for row in found.values() for policy in row))
    total = {policy: sum(row.get(policy) or 0.0 for row in found.values()) for policy in policies}
    rows: list[list[Cell]] = [
        [policy, *(row.get(policy) for row in found.values())] for policy in sorted(policies, key=total.__getitem__)
    ]
    caption = "Mean regret at the end, a column a bandit problem; the policy with the least in all comes first."
    regret = metric_of("arena/any/any")
    return _table([Column("policy"), *(Column(name, "number", 2, regret.explanation) for name in found)], rows, caption)


def _audit(metrics: Metrics) -> Table | None:
    keys = [name.removesuffix("/error") for name in metrics if name.startswith("audit/") and name.endswith("/error")]
    if not keys:
        return None
    names = list(dict.fromkeys(key.split("/")[1] for key in keys))
    counts = sorted({int(key.split("/")[2]) for key in keys})
    named, error = metric_of("audit/any/1/right_source"), metric_of("audit/any/1/error")
    rows: list[list[Cell]] = [
        [
            name.replace("_", " "),
            *(_scaled(named, metrics.get(f"audit/{name}/{count}/right_source")) for count in counts),
            metrics.get(f"audit/{name}/{counts[-1]}/error"),
        ]
        for name in names
    ]
    caption = (
        "How often the densest source is named, in %, by the number of audited points of each source, and with the most of "
        "them the mean absolute error of a density."
    )
    columns = [Column("estimator"), *(Column(f"{count}", "number", named.digits, named.explanation) for count in counts)]
    return _table([*columns, Column(f"error, {counts[-1]}", "number", error.digits, error.explanation)], rows, caption)


def _synthetic(found: Nested, _: Metrics) -> Table:
    level = metric_of("synthetic/1/any")
    models = (*MODELS, "weak_hard", "student_hard")
    shown = {name: level for name in models if any(name in row for row in found.values())}
    rows: list[list[Cell]] = [[int(name), *_cells(found[name], shown)] for name in sorted(found, key=int)]
    caption = "Mean test accuracy over runs in %, by the number of overlap points; `hard`: on the hard-only points."
    columns = [Column(name.replace("_", ", "), "number", level.digits, level.explanation) for name in shown]
    return _table([Column("overlap points", "number", 0), *columns], rows, caption)


def _theory(found: Nested, metrics: Metrics) -> Table:
    shown = _metrics("theory", THEORY)
    rows: list[list[Cell]] = [
        [name.replace("_", " "), *_cells(row, shown)] for name, row in found.items() if name != "slope"
    ]
    slope, low, high = with_ends(metrics, "theory/slope")
    line = metric_of("theory/slope")
    interval = f" points [{line.text(low)}, {line.text(high)}]" if slope is not None else ""
    caption = (
        "By set of test points, in %. The bound is disagreement + (1 - 2 c) weak error, c the worst correction rate over a "
        f"family of parts. From no overlap to overlap alone, at equal size: {line.text(slope, sign=True)}{interval}."
    )
    return _table([Column("test points"), *map(metric_column, shown.values())], rows, caption)


def _table(columns: list[Column], rows: list[list[Cell]], caption: str) -> Table:
    return Table(id="result", title="Result", columns=columns, rows=rows, caption=caption, sortable=False)


def or_least(value: float | None) -> float:
    """For sorting: what is undefined comes last."""
    return float("-inf") if value is None else value
