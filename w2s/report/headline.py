"""What a run found, as a few lines of text that terminal, Markdown and page share: the gain in points comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Metrics = Mapping[str, float | None]

SOURCES_SHOWN = 8


@dataclass(frozen=True)
class Line:
    """One line of the result."""

    topic: str
    """Part of the study: transfer, overlap, detection, mixing, selection, sources."""
    label: str
    value: str
    interval: str = ""
    """95 % interval, or empty."""
    remark: str = ""


def headline(metrics: Metrics) -> list[Line]:
    """The lines that `metrics` (the flat metrics of `results.json`) have something to say for, in reading order."""
    parts = (_transfer, _overlap, _detection, _mixing, _selection)
    return [line for part in parts for line in part(metrics)]


def percent(value: float | None) -> str:
    """A share in [0, 1] as a percentage."""
    return "undefined" if value is None else f"{100 * value:.1f} %"


def points(value: float | None) -> str:
    """A difference of shares in percentage points, with its sign."""
    return "undefined" if value is None else f"{100 * value:+.1f} points"


def number(value: float | None, digits: int = 2) -> str:
    """A plain number."""
    return "undefined" if value is None else f"{value:.{digits}f}"


def bounds(metrics: Metrics, name: str, *, scale: float = 100, digits: int = 1) -> str:
    """The interval `name/low` to `name/high`, or nothing where there is none."""
    low, high = metrics.get(f"{name}/low"), metrics.get(f"{name}/high")
    return "" if low is None or high is None else f"{scale * low:.{digits}f} to {scale * high:.{digits}f}"


def _measured(
    metrics: Metrics, name: str, topic: str, label: str, form: Callable[[float | None], str], remark: str = ""
) -> Line:
    """The line of one metric with its interval."""
    return Line(topic, label, form(metrics[name]), bounds(metrics, name), remark)


def _if_known(metrics: Metrics, name: str, words: Callable[[float], str]) -> str:
    """What is said of a metric, or nothing where it is undefined."""
    value = metrics.get(name)
    return "" if value is None else words(value)


def pgr_line(metrics: Metrics) -> Line:
    """PGR with its interval, or why there is none."""
    label = "gap recovered (PGR)"
    if not metrics.get("pgr/defined"):
        below = (metrics.get("ceiling/accuracy") or 0.0) <= (metrics.get("weak/accuracy") or 0.0)
        remark = "the ceiling is not above the weak model: no gap to recover" if below else "the gap is noise"
        return Line("transfer", label, "not defined", remark=remark)
    interval = bounds(metrics, "pgr", scale=1, digits=2)
    remark = "" if metrics.get("pgr/precise") else "not precise"
    return Line("transfer", label, number(metrics.get("pgr")), interval, remark)


def _transfer(metrics: Metrics) -> Iterator[Line]:
    if "gain" in metrics:
        yield _measured(metrics, "gain", "transfer", "gain, student over weak", points)
    for name, who in (("weak", "weak model"), ("student", "student"), ("ceiling", "ceiling")):
        key = f"{name}/accuracy"
        if key in metrics:
            remark = _if_known(metrics, f"{name}/auroc", lambda auroc: f"AUROC {auroc:.3f}")
            yield _measured(metrics, key, "transfer", f"{who}, accuracy", percent, remark)
    if "pgr/defined" in metrics:
        yield pgr_line(metrics)


def _overlap(metrics: Metrics) -> Iterator[Line]:
    if "overlap/density" in metrics:
        density = metrics["overlap/density"]
        rest = f"easy {percent(metrics.get('overlap/easy'))}, hard {percent(metrics.get('overlap/hard'))}"
        yield Line("overlap", "overlap density", percent(density), remark="" if density is None else rest)


def _detection(metrics: Metrics) -> Iterator[Line]:
    names = {"precision": "precision", "recall": "recall", "f1": "F1", "auc": "AUC", "density_bias": "density bias"}
    known = {label: metrics[f"detection/{name}"] for name, label in names.items() if f"detection/{name}" in metrics}
    if known:
        first = known.pop("F1", None)
        rest = ", ".join(f"{label} {number(value)}" for label, value in known.items())
        yield Line("detection", "overlap found, F1", number(first), remark=rest)


def _mixing(metrics: Metrics) -> Iterator[Line]:
    if "mixing/gain" in metrics:
        control = _if_known(metrics, "mixing/random_non_hard/balanced", lambda value: f"control {percent(value)}")
        yield _measured(metrics, "mixing/gain", "mixing", "mixing, overlap over random", points, control or "balanced")


def _selection(metrics: Metrics) -> Iterator[Line]:
    if "selection/accuracy" in metrics:
        control = _if_known(metrics, "selection/random_accuracy", lambda value: f"random {percent(value)}")
        yield _measured(metrics, "selection/accuracy", "selection", "selection, accuracy", percent, control)
    if metrics.get("selection/density") is not None:
        regret = _if_known(metrics, "selection/regret", lambda value: f"regret {value:.2f}")
        yield Line("selection", "selection, density bought", percent(metrics["selection/density"]), remark=regret)
    if metrics.get("selection/gain") is not None:
        least = points(metrics.get("selection/smallest_difference")).lstrip("+")
        remark = f"would show from {least} on"
        yield _measured(metrics, "selection/gain", "selection", "selection, gain over random", points, remark)
    worth = _if_known(metrics, "selection/gold_labels", lambda value: f"{value:,.0f}")
    if worth:
        yield Line("selection", "worth gold labels", worth)
    yield from _sources(metrics)


def _sources(metrics: Metrics) -> Iterator[Line]:
    """What to take from each source, the largest part first."""
    prefix = "selection/take/"
    taken = {name.removeprefix(prefix): value or 0.0 for name, value in metrics.items() if name.startswith(prefix)}
    for source in sorted(taken, key=lambda name: -taken[name])[:SOURCES_SHOWN]:
        chance = number(metrics.get(f"selection/best_chance/{source}"))
        remark = f"take {taken[source]:,.0f}, best with chance {chance}"
        if f"selection/label_accuracy/{source}" in metrics:
            remark += f", {percent(metrics[f'selection/label_accuracy/{source}'])} of its labels right"
        density = f"selection/source_density/{source}"
        yield Line("sources", f"{source}, density", percent(metrics.get(density)), bounds(metrics, density), remark)
    if len(taken) > SOURCES_SHOWN:
        yield Line("sources", f"and {len(taken) - SOURCES_SHOWN} more sources", "", remark="in sources.parquet")


def left_out(skipped: Mapping[str, str]) -> list[tuple[str, bool]]:
    """What was not computed and why, one text a reason, and whether it is a whole part of the study."""
    parts: dict[tuple[str, bool], list[str]] = {}
    for part, reason in skipped.items():
        parts.setdefault((reason, "/" not in part), []).append(part)
    return [(f"not measured: {', '.join(names)} ({reason})", whole) for (reason, whole), names in parts.items()]


def subtitle(results: Mapping[str, Any]) -> str:
    """Which run it is, in one line."""
    name = results.get("experiment") or results["study"]
    return " · ".join(part for part in (str(name), results["setting"], f"seed {results['seed']}") if part)
